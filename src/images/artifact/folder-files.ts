import { posix } from 'node:path'
import { parseBoundedJson } from '../../lib/bounded-json.ts'
import { documentBounds } from '../resolve/image-documents.ts'
import { InvalidImage } from './invalid-image.ts'
import { isFile } from './format.ts'
import { insidePath, shown, smallContent, type TarEntries } from './tar-entries.ts'

/** What of a manifest, index or config may be kept in memory. */
const documentLimit = 4 * 1024 * 1024
/** The same for all that are read in one pass. */
const documentsLimit = 16 * 1024 * 1024
const linksKept = 10_000
const linkCharacters = 4 * 1024 * 1024
const linksFollowed = 10

/** Small files by their paths, in one pass; those that are not there are not in the answer. */
export async function readFiles(entries: TarEntries, wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  let left = documentsLimit
  for await (const entry of entries()) {
    if (!wanted.has(entry.path) || !isFile(entry.header.type)) continue
    left -= entry.header.size ?? 0
    if (left < 0) throw new InvalidImage(`its manifests and configs have more than ${documentsLimit} bytes together`)
    found.set(entry.path, await smallContent(entry, documentLimit))
    if (found.size === wanted.size) break
  }
  return found
}

/** Old `docker save` archives link layers that they hold twice: path → what is there. */
export async function readLinks(entries: TarEntries): Promise<(path: string) => string> {
  const links = new Map<string, string>()
  let characters = 0
  for await (const { path, header } of entries()) {
    if (header.type !== 'symlink' && header.type !== 'link') continue
    if (links.size >= linksKept) throw new InvalidImage(`it has more than ${linksKept} links`)
    characters += path.length + (header.linkname?.length ?? 0)
    if (characters > linkCharacters) throw new InvalidImage(`the names of its links have more than ${linkCharacters} characters together`)
    const target = header.type === 'link' ? (header.linkname ?? '') : posix.join(posix.dirname(path), header.linkname ?? '')
    links.set(path, insidePath(posix.normalize(target), 'its archive'))
  }
  return (path) => {
    let here = path
    for (let followed = 0; links.has(here); followed++) {
      if (followed === linksFollowed) throw new InvalidImage(`its ${shown(path)} is a link in a circle`)
      here = links.get(here) ?? here
    }
    return here
  }
}

export function parseJson(bytes: Uint8Array, what: string): unknown {
  const json = parseBoundedJson(bytes, documentBounds)
  if (!json.ok) throw new InvalidImage(json.error === 'not valid JSON' ? `its ${what} is not JSON` : `its ${what} is not read, since ${json.error}`)
  return json.value
}
