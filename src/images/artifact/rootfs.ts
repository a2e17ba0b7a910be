import type { Readable } from 'node:stream'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { emptyImageConfig, type ImageConfig } from '../../model/image.ts'
import { elfArchitecture, elfBytes } from './elf.ts'
import { parseJson } from './folder-files.ts'
import { isFile } from './format.ts'
import { InvalidImage } from './invalid-image.ts'
import { packEntries, type Moved } from './pack-entries.ts'
import { insidePath, shown, smallContent, type TarEntries, type TarEntry } from './tar-entries.ts'

const metadataLimit = 4 * 1024 * 1024
const folder = 'rootfs'

/** What `metadata.json` and the files themselves say of the image. */
export interface RootfsFacts {
  readonly config: ImageConfig
  /** By the first program among the files; undefined where there is none. */
  readonly architecture?: string
}

/** What is in rootfs/, as a tar of its own; `facts` is complete once the tar has been read to its end. */
export function rootfsTar(entries: TarEntries): { readonly tar: Readable; readonly facts: () => RootfsFacts } {
  let config = emptyImageConfig
  let architecture: string | undefined
  async function* moved(): AsyncIterable<Moved> {
    for await (const entry of entries()) {
      if (entry.path === 'metadata.json' && isFile(entry.header.type)) config = parseMetadata(await smallContent(entry, metadataLimit))
      if (entry.path === folder && entry.header.type !== 'directory') throw new InvalidImage('its rootfs is no folder')
      const path = below(entry.path)
      if (path === undefined) continue
      const content = architecture === undefined && isFile(entry.header.type) ? watched(entry.content, (found) => (architecture ??= found)) : entry.content
      yield { entry, path, content, ...targetOf(entry) }
    }
  }
  return { tar: packEntries(moved()), facts: () => ({ config, ...(architecture !== undefined && { architecture }) }) }
}

/** The same facts without the files, as far as they must be read for them. */
export async function rootfsFacts(entries: TarEntries): Promise<RootfsFacts> {
  let config: ImageConfig | undefined
  let architecture: string | undefined
  for await (const entry of entries()) {
    if (entry.path === 'metadata.json' && isFile(entry.header.type)) config = parseMetadata(await smallContent(entry, metadataLimit))
    else if (architecture === undefined && below(entry.path) !== undefined && isFile(entry.header.type)) architecture = elfArchitecture(await startOf(entry))
    if (config !== undefined && architecture !== undefined) break
  }
  return { config: config ?? emptyImageConfig, ...(architecture !== undefined && { architecture }) }
}

const below = (path: string): string | undefined => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined)

/** Hard links name their target from the archive's root; one that is not in rootfs/ is not in the image. */
function targetOf({ path, header }: TarEntry): { target?: string } {
  if (header.type !== 'link') return {}
  const target = below(insidePath(header.linkname ?? '', 'the artifact'))
  if (target === undefined) throw new InvalidImage(`its ${shown(path)} is a link to a file outside rootfs/`)
  return { target }
}

async function startOf({ content }: TarEntry): Promise<Uint8Array> {
  let start = Buffer.alloc(0)
  // Not left early: a tar's entry that is broken off breaks off the tar.
  for await (const chunk of content) if (start.length < elfBytes) start = Buffer.concat([start, chunk.subarray(0, elfBytes)])
  return start
}

async function* watched(content: AsyncIterable<Uint8Array>, found: (architecture: string) => void): AsyncIterable<Uint8Array> {
  let start = Buffer.alloc(0)
  for await (const chunk of content) {
    if (start.length < elfBytes) {
      start = Buffer.concat([start, chunk.subarray(0, elfBytes)])
      const architecture = elfArchitecture(start)
      if (architecture !== undefined) found(architecture)
    }
    yield chunk
  }
}

const metadata = z.object({
  env: boundedArray(boundedString(1024 * 1024), 10_000).nullish(),
  user: boundedString(1024).nullish(),
})

function parseMetadata(bytes: Uint8Array): ImageConfig {
  const parsed = metadata.safeParse(parseJson(bytes, 'metadata.json'))
  if (!parsed.success) throw new InvalidImage('its metadata.json is not {"env": ["NAME=value", …], "user": "name"}')
  return { ...emptyImageConfig, env: parsed.data.env ?? [], user: parsed.data.user ?? '' }
}
