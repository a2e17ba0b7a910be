import { createHash, randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { mkdir, open, opendir, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { codeOf, messageOf } from '../lib/errors.ts'
import { isZeros } from '../lib/zeros.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { DamagedArtifact, isDigest, type ArtifactStore, type OpenArtifact, type PutError, type StoredArtifact } from './store.ts'

const writeBytes = 512 * 1024
const readBytes = 256 * 1024
/** Age at which a temporary file is deleted even if its process may be alive on another machine. */
const leftoverAfterMs = 24 * 3_600_000

export interface DiskStoreOptions {
  /**
   * Also survive a power cut. Without it an object that was cut short by one is noticed by its digest and counts as
   * missing; a killed process loses nothing either way.
   */
  readonly fsync?: boolean
}

/** A store in a directory: `objects/ab/abcd…`, written to `tmp/` first. Several processes may share it. */
export async function openDiskStore(root: string, options: DiskStoreOptions = {}): Promise<ArtifactStore> {
  const temporary = join(root, 'tmp')
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  await mkdir(join(root, 'objects'), { recursive: true, mode: 0o700 })
  await removeLeftovers(temporary)
  return new DiskStore(root, options.fsync ?? false)
}

class DiskStore implements ArtifactStore {
  readonly #root: string
  readonly #fsync: boolean

  constructor(root: string, fsync: boolean) {
    this.#root = root
    this.#fsync = fsync
  }

  async put(source: AsyncIterable<Uint8Array>, expected?: ArtifactRef): Promise<Result<ArtifactRef, PutError>> {
    const temporary = this.#temporary()
    // Errors of the source are thrown to the caller; errors of the disk are returned.
    let sourceFailed = false
    const guarded = async function* (): AsyncIterable<Uint8Array> {
      try {
        yield* source
      } catch (error) {
        sourceFailed = true
        throw error
      }
    }
    try {
      const written = await this.#write(temporary, guarded())
      const wrong = expected === undefined ? undefined : difference(written, expected)
      if (wrong !== undefined) return fail({ kind: 'mismatch', message: wrong })
      await this.#rename(temporary, this.#path(written.digest))
      return ok(written)
    } catch (error) {
      if (sourceFailed) throw error
      return fail(putError(error))
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async open(digest: ArtifactDigest, options: { readonly reuseBuffers?: boolean } = {}): Promise<OpenArtifact | undefined> {
    const path = this.#path(digest)
    const file = await openIfThere(path)
    if (file === undefined) return undefined
    const { size, ino } = await file.stat()
    return { size, stream: verified(file, digest, options.reuseBuffers ?? false, () => removeSame(path, ino)) }
  }

  async has(digest: ArtifactDigest): Promise<number | undefined> {
    return (await statIfThere(this.#path(digest)))?.size
  }

  async delete(digest: ArtifactDigest): Promise<void> {
    await rm(this.#path(digest), { force: true })
  }

  async deleteOlder(digest: ArtifactDigest, before: number): Promise<number> {
    const path = this.#path(digest)
    const seen = await statIfThere(path)
    if (seen === undefined || seen.mtimeMs >= before) return 0
    // A put may come between the check and the rename: the file that was moved away is checked again, and moved back if it is newer.
    const taken = this.#temporary()
    const there = await rename(path, taken).then(() => true, ifGone)
    if (!there) return 0
    const { mtimeMs, size } = await stat(taken)
    if (mtimeMs >= before) {
      await rename(taken, path)
      return 0
    }
    await rm(taken, { force: true })
    return size
  }

  async *list(): AsyncIterable<StoredArtifact> {
    const objects = join(this.#root, 'objects')
    for (const shard of await readdir(objects)) {
      for await (const { name } of await opendir(join(objects, shard))) {
        const digest = `sha256:${name}`
        const stats = await statIfThere(join(objects, shard, name))
        if (isDigest(digest) && stats !== undefined) yield { digest, size: stats.size, storedAt: stats.mtimeMs }
      }
    }
  }

  #temporary(): string {
    return join(this.#root, 'tmp', `${ownPrefix}${randomBytes(9).toString('hex')}`)
  }

  #path(digest: string): string {
    if (!isDigest(digest)) throw new Error('not an artifact digest')
    const hex = digest.slice('sha256:'.length)
    return join(this.#root, 'objects', hex.slice(0, 2), hex)
  }

  async #write(path: string, source: AsyncIterable<Uint8Array>): Promise<ArtifactRef> {
    const hash = createHash('sha256')
    const file = await open(path, 'wx', 0o600)
    let size = 0
    // Small pieces are collected in one buffer while the other is on its way to the disk.
    let collecting = Buffer.allocUnsafeSlow(writeBytes)
    let other = collecting
    let collected = 0
    let flushed = 0
    let writing: Promise<void> = Promise.resolve()
    const flush = async (): Promise<void> => {
      const full = collecting.subarray(0, collected)
      hash.update(full)
      await writing
      // A whole buffer of zeros is left out, and becomes a hole.
      writing = collected === writeBytes && isZeros(full) ? Promise.resolve() : writeAll(file, full, flushed)
      flushed += collected
      writing.catch(() => {}) // seen at the next await
      if (other === collecting) other = Buffer.allocUnsafeSlow(writeBytes)
      ;[collecting, other] = [other, collecting]
      collected = 0
    }
    try {
      for await (const chunk of source) {
        size += chunk.length
        for (let at = 0; at < chunk.length; ) {
          const part = chunk.subarray(at, at + writeBytes - collected)
          collecting.set(part, collected)
          collected += part.length
          at += part.length
          if (collected === writeBytes) await flush()
        }
      }
      await flush()
      await writing
      await file.truncate(size) // it may end in a hole
      if (this.#fsync) await file.sync()
    } finally {
      await writing.catch(() => {})
      await file.close()
    }
    return { digest: `sha256:${hash.digest('hex')}`, size }
  }

  async #rename(from: string, to: string): Promise<void> {
    const folder = dirname(to)
    try {
      await rename(from, to)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await rename(from, to)
    }
    if (!this.#fsync) return
    const handle = await open(folder)
    await handle.sync().finally(() => handle.close())
  }
}

/** A short write gives no reason; writing the rest gives the error. */
async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < data.length; ) at += (await file.write(data, at, data.length - at, position + at)).bytesWritten
}

interface Ahead {
  readonly bytesRead: number
  readonly buffer: Buffer<ArrayBuffer>
}

/** Reads ahead by one buffer, hashing on the way. */
async function* verified(file: FileHandle, digest: ArtifactDigest, reuse: boolean, onDamaged: () => Promise<void>): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let ahead: Promise<Ahead> | undefined
  try {
    const read = (buffer: Buffer<ArrayBuffer>): Promise<Ahead> => file.read(buffer, 0, readBytes, null)
    let next = Buffer.allocUnsafeSlow(readBytes)
    ahead = read(Buffer.allocUnsafeSlow(readBytes))
    for (;;) {
      const { bytesRead, buffer } = await ahead
      ahead = undefined
      if (bytesRead === 0) break
      ahead = read(next)
      ahead.catch(() => {}) // seen at the next await
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      yield chunk
      next = reuse ? buffer : Buffer.allocUnsafeSlow(readBytes)
    }
  } finally {
    await ahead?.catch(() => {})
    await file.close()
  }
  if (`sha256:${hash.digest('hex')}` === digest) return
  await onDamaged()
  throw new DamagedArtifact(digest)
}

function difference(written: ArtifactRef, expected: ArtifactRef): string | undefined {
  if (written.size !== expected.size) return `${written.size} bytes came, ${expected.size} were announced`
  if (written.digest !== expected.digest) return `what came has digest ${written.digest}, not ${expected.digest}`
  return undefined
}

function putError(error: unknown): PutError {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'no-space', message: 'the artifact store is full: no space left on its disk' }
  return { kind: 'unavailable', message: `the artifact store cannot be written: ${messageOf(error)}` }
}

/** Removes a damaged object, unless a good one has taken its place. */
async function removeSame(path: string, inode: number): Promise<void> {
  if ((await statIfThere(path))?.ino === inode) await rm(path, { force: true })
}

function ifGone(error: unknown): false {
  if (codeOf(error) === 'ENOENT') return false
  throw error
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

// Names of temporary files hold the writer's host and process, so that files of a living process are not deleted.
const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')
const startedAt = Math.round(Date.now() - process.uptime() * 1000)
const ownPrefix = `${host}-${process.pid}-${startedAt}-`

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (await isLeftover(path, name)) await rm(path, { force: true, recursive: true })
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const [writer, pid] = name.split('-')
  if (writer === host && /^\d+$/.test(pid ?? '')) {
    return Number(pid) === process.pid ? !name.startsWith(ownPrefix) : !isAlive(Number(pid))
  }
  const stats = await statIfThere(path)
  return stats !== undefined && Date.now() - stats.mtimeMs > leftoverAfterMs
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
