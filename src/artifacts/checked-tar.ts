import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { endOfArchive, padding, tarHeader, type TarEntry } from './tar-header.ts'

export interface TarLimits {
  readonly entries: number
  /** Of all files together, unpacked. */
  readonly bytes: number
  /** Of names and link targets together. */
  readonly nameBytes: number
}

/** An archive that is no tar, is cut off, or holds what must not be unpacked. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive'
  readonly kind: 'hostile' | 'damaged' | 'too-large'

  constructor(kind: 'hostile' | 'damaged' | 'too-large', message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * A tar from outside as the store keeps tars: entries that would be written outside of the folder, devices and setuid bits are not in it.
 * Throws BadArchive. What it has given until then is of no use.
 */
export async function* checkedTar(source: AsyncIterable<Uint8Array>, limits: TarLimits): AsyncIterable<Uint8Array> {
  const tar = extract()
  const input = Readable.from(source)
  let [failed, ended, any]: [unknown, boolean, boolean] = [undefined, false, false]
  input.on('error', (error) => {
    failed = error
    tar.destroy(error)
  })
  input.on('end', () => (ended = true))
  input.on('data', () => (any = true))
  input.pipe(tar)
  const left = { ...limits }
  const symlinks = new Set<string>()
  try {
    for await (const entry of tar) {
      const checked = checkedEntry(entry.header, left, symlinks)
      yield tarHeader(checked)
      if (checked.size === 0) entry.resume()
      else {
        yield* entry as AsyncIterable<Uint8Array>
        yield padding(checked.size)
      }
    }
  } catch (error) {
    if (error instanceof BadArchive) throw error
    if (failed !== undefined) throw failed
    throw new BadArchive('damaged', `not a tar archive, or a damaged one: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    input.destroy()
    tar.destroy()
  }
  if (failed !== undefined) throw failed
  if (!any || !ended) throw new BadArchive('damaged', 'the archive is empty')
  yield endOfArchive
}

const types = { file: 'file', 'contiguous-file': 'file', link: 'hardlink', symlink: 'symlink', directory: 'directory', fifo: 'fifo' } as const

function checkedEntry(header: Header, left: { entries: number; bytes: number; nameBytes: number }, symlinks: Set<string>): TarEntry {
  const { name, type, linkname, size = 0 } = header
  const shown = JSON.stringify(name.slice(0, 200))
  const kind = Object.hasOwn(types, type ?? '') ? types[type as keyof typeof types] : undefined
  if (kind === undefined) throw new BadArchive('hostile', `${shown} is a ${type ?? 'thing of unknown type'}; an input holds files, folders, links and pipes`)
  const path = relative(name)
  if (path === undefined) throw new BadArchive('hostile', `${shown} leads out of the folder`)
  if ([...parents(path)].some((parent) => symlinks.has(parent))) throw new BadArchive('hostile', `${shown} lies behind a symbolic link of the archive`)
  const linkName = kind === 'hardlink' ? relative(linkname ?? '') : kind === 'symlink' ? (linkname ?? '') : undefined
  if ((kind === 'hardlink' && (linkName === undefined || linkName === '')) || (kind === 'symlink' && linkName === '')) throw new BadArchive('hostile', `${shown} links to ${JSON.stringify((linkname ?? '').slice(0, 200))}`)
  const content = kind === 'file' ? size : 0
  left.entries -= 1
  left.bytes -= content
  left.nameBytes -= name.length + (linkname?.length ?? 0)
  if (left.entries < 0) throw new BadArchive('too-large', 'the archive has too many entries')
  if (left.bytes < 0) throw new BadArchive('too-large', 'the archive is too large, unpacked')
  if (left.nameBytes < 0) throw new BadArchive('too-large', 'the names in the archive are too long, together')
  if (kind === 'symlink') symlinks.add(path)
  else symlinks.delete(path)
  return {
    name: Buffer.from(kind === 'directory' ? (path === '' ? './' : `${path}/`) : path),
    type: kind,
    // Nothing that is uploaded gets the rights of another user.
    mode: (header.mode ?? 0o644) & 0o1777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    size: content,
    mtimeNs: BigInt(Math.trunc(header.mtime?.getTime() ?? 0)) * 1_000_000n,
    ...(linkName !== undefined && { linkName: Buffer.from(linkName) }),
  }
}

/** Without `.` and slashes at its ends; undefined when it is absolute, holds `..` or NUL. `''`: the root. */
function relative(name: string): string | undefined {
  if (name.startsWith('/') || name.includes('\0')) return undefined
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? undefined : parts.join('/')
}

function* parents(path: string): Iterable<string> {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) yield path.slice(0, at)
}
