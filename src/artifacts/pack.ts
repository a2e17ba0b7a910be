import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type BigIntStats } from 'node:fs'
import { open } from 'node:fs/promises'
import { codeOf } from '../lib/errors.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { Result } from '../model/result.ts'
import type { ArtifactStore, PutError } from './store.ts'
import { endOfArchive, padding, tarHeader, type TarEntry } from './tar-header.ts'

/** Files up to this size are read at one go. */
const smallBytes = 64 * 1024
const chunkBytes = 256 * 1024
/** Entries after which the event loop gets a turn. */
const breath = 64

export interface PackOptions {
  /** Told what is left out (sockets, devices), and why. */
  readonly onSkipped?: (message: string) => void
}

/** Stores a directory's content as an artifact. Throws when it cannot be read. */
export async function putDirectory(store: ArtifactStore, directory: string, options: PackOptions = {}): Promise<Result<ArtifactRef, PutError>> {
  return await store.put(packDirectory(directory, options))
}

/** The canonical tar stream of a directory's content (supervisor/PROTOCOL.md, artifact channels). */
export async function* packDirectory(directory: string, options: PackOptions = {}): AsyncIterable<Uint8Array> {
  const root = Buffer.from(directory)
  const stats = lstatSync(Buffer.concat([root, Buffer.from('/.')]), { bigint: true })
  yield tarHeader(header(Buffer.from('./'), 'directory', stats))
  const links = new Map<string, Buffer>()
  let entries = 0
  // Small things are read with synchronous calls, ten times as fast as the others; so pause now and then.
  for (const found of walk(root, Buffer.alloc(0), links, options)) {
    if (++entries % breath === 0) await new Promise((resolve) => setImmediate(resolve))
    if ('big' in found) yield* bigFile(found.big, found.name)
    else yield found.bytes
  }
  yield endOfArchive
}

type Found = { readonly bytes: Buffer } | { readonly big: Buffer; readonly name: Buffer }

function* walk(folder: Buffer, prefix: Buffer, links: Map<string, Buffer>, options: PackOptions): Iterable<Found> {
  const names = readdirSync(folder, { encoding: 'buffer', withFileTypes: true })
    .map((entry) => ({ name: entry.name, key: entry.isDirectory() ? join(entry.name, '/') : entry.name }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
  for (const { name } of names) {
    const path = join(folder, '/', name)
    const full = join(prefix, name)
    const stats = ifThere(() => lstatSync(path, { bigint: true }))
    if (stats === undefined) continue // removed meanwhile
    if (stats.isDirectory()) {
      yield { bytes: tarHeader(header(join(full, '/'), 'directory', stats)) }
      yield* walk(path, join(full, '/'), links, options)
      continue
    }
    const linkable = stats.isFile() || stats.isSymbolicLink() || stats.isFIFO()
    if (!linkable) {
      options.onSkipped?.(`${path.toString()} is a ${stats.isSocket() ? 'socket' : 'device'} and is left out`)
      continue
    }
    if (stats.nlink > 1n) {
      const inode = `${stats.dev}:${stats.ino}`
      const first = links.get(inode)
      if (first !== undefined) {
        yield { bytes: tarHeader({ ...header(full, 'hardlink', stats), linkName: first }) }
        continue
      }
      links.set(inode, full)
    }
    if (stats.isSymbolicLink()) yield { bytes: tarHeader({ ...header(full, 'symlink', stats), linkName: readlinkSync(path, { encoding: 'buffer' }) }) }
    else if (stats.isFIFO()) yield { bytes: tarHeader(header(full, 'fifo', stats)) }
    else if (stats.size > BigInt(smallBytes)) yield { big: path, name: full }
    else yield { bytes: smallFile(path, full) }
  }
}

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

function smallFile(path: Buffer, name: Buffer): Buffer {
  const fd = openSync(path, openFlags)
  try {
    const stats = fstatSync(fd, { bigint: true })
    const size = Number(stats.size)
    const content = Buffer.allocUnsafe(size)
    for (let at = 0; at < size; ) {
      const read = readSync(fd, content, at, size - at, null)
      if (read === 0) throw shrunk(path)
      at += read
    }
    return Buffer.concat([tarHeader({ ...header(name, 'file', stats), size }), content, padding(size)])
  } finally {
    closeSync(fd)
  }
}

async function* bigFile(path: Buffer, name: Buffer): AsyncIterable<Uint8Array> {
  const file = await open(path, openFlags)
  try {
    const stats = await file.stat({ bigint: true })
    const size = Number(stats.size)
    yield tarHeader({ ...header(name, 'file', stats), size })
    for (let at = 0; at < size; ) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, size - at))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) throw shrunk(path)
      yield chunk.subarray(0, bytesRead)
      at += bytesRead
    }
    yield padding(size)
  } finally {
    await file.close()
  }
}

function header(name: Buffer, type: TarEntry['type'], stats: BigIntStats): TarEntry {
  return { name, type, mode: Number(stats.mode) & 0o7777, uid: Number(stats.uid), gid: Number(stats.gid), size: 0, mtimeNs: stats.mtimeNs }
}

const shrunk = (path: Buffer): Error => new Error(`${path.toString()} became shorter while it was read`)

const join = (...parts: (Buffer | string)[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
