import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import type { ArtifactDigest } from '../model/artifact.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ArtifactStore } from './store.ts'

export type ReadFileError = {
  readonly kind: 'no-artifact' | 'missing' | 'not-a-file' | 'too-large' | 'outside'
  /** A sentence that names the path. */
  readonly message: string
}

/** Links of an artifact that are remembered, and how long their names and targets may be together. */
const linkBounds = { count: 100_000, characters: 16 * 1024 * 1024 }
const linksFollowed = 40

export interface WantedFile {
  readonly digest: ArtifactDigest
  /** Relative to the artifact's root. */
  readonly path: string
  /** Most bytes that the file may have. */
  readonly limit: number
  readonly bounds?: typeof linkBounds
}

/** Reads one file of an artifact, without unpacking it. Symlinks inside the artifact are followed; those that lead out of it are not. */
export async function readArtifactFile(store: ArtifactStore, { digest, path, limit, bounds = linkBounds }: WantedFile): Promise<Result<Buffer, ReadFileError>> {
  const wanted = inside(path)
  if (wanted === undefined) return fail({ kind: 'outside', message: `${path} leads out of the artifact` })
  const first = await scan(store, { digest, path: wanted, limit, bounds })
  if (first.found !== undefined) return first.found
  const target = follow(wanted, first.links)
  if (target === undefined) return fail({ kind: 'outside', message: `${path} is a link that leads out of the artifact, or in a circle` })
  if (target === wanted && !first.linksLeftOut) return missing(path)
  if (target === wanted) return fail({ kind: 'too-large', message: `${path} is not there by that name, and the artifact has too many links to follow them` })
  const second = await scan(store, { digest, path: target, limit, bounds })
  return second.found ?? missing(path)
}

const missing = (path: string): Result<Buffer, ReadFileError> => fail({ kind: 'missing', message: `${path} is not there` })

interface Scan {
  readonly found?: Result<Buffer, ReadFileError>
  /** Links by name, with what they name, relative to the root or undefined where that is outside. */
  readonly links: Map<string, string | undefined>
  /** There are more than are remembered. */
  readonly linksLeftOut: boolean
}

async function scan(store: ArtifactStore, { digest, path, limit, bounds }: Required<WantedFile>): Promise<Scan> {
  const links: Scan['links'] = new Map()
  let characters = 0
  let linksLeftOut = false
  const object = await store.open(digest)
  if (object === undefined) return { links, linksLeftOut, found: fail({ kind: 'no-artifact', message: `artifact ${digest} is not in the store any more` }) }
  const source = Readable.from(object.stream)
  const tar = extract()
  source.on('error', (error) => tar.destroy(error))
  source.pipe(tar)
  try {
    for await (const entry of tar) {
      const { name, type, linkname } = entry.header
      const here = inside(name)
      if (here === path && type === 'file') return { links, linksLeftOut, found: await content(entry, path, limit) }
      if (here === path && type === 'directory') return { links, linksLeftOut, found: fail({ kind: 'not-a-file', message: `${path} is a folder` }) }
      if (here !== undefined && (type === 'symlink' || type === 'link')) {
        const target = type === 'symlink' ? inside(linkname ?? '', posix.dirname(here)) : inside(linkname ?? '')
        characters += here.length + (target?.length ?? 0)
        if (links.size < bounds.count && characters <= bounds.characters) links.set(here, target)
        else linksLeftOut = true
      }
      entry.resume()
    }
    return { links, linksLeftOut }
  } finally {
    source.destroy()
    tar.destroy()
  }
}

async function content(entry: AsyncIterable<unknown> & { readonly header: Header }, path: string, limit: number): Promise<Result<Buffer, ReadFileError>> {
  const { size } = entry.header
  if (size > limit) return fail({ kind: 'too-large', message: `${path} has ${size} bytes, more than ${limit}` })
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk as Buffer)
  return ok(Buffer.concat(chunks))
}

/** Resolves links in any part of the path. */
function follow(path: string, links: Scan['links']): string | undefined {
  let rest = path.split('/')
  let done: string[] = []
  let followed = 0
  while (rest.length > 0) {
    done.push(rest[0]!)
    rest = rest.slice(1)
    const here = done.join('/')
    if (!links.has(here)) continue
    const target = links.get(here)
    if (target === undefined || ++followed > linksFollowed) return undefined
    rest = [...(target === '.' ? [] : target.split('/')), ...rest]
    done = []
  }
  return done.length === 0 ? '.' : done.join('/')
}

/** A path relative to the root in its shortest form; undefined when it leads out. */
function inside(path: string, folder = ''): string | undefined {
  if (posix.isAbsolute(path)) return undefined
  const short = posix.normalize(posix.join(folder, path)).replace(/\/$/, '')
  return short === '..' || short.startsWith('../') ? undefined : short
}
