import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digestProblem } from '../reference/grammar.ts'

export interface StoredBlob {
  readonly digest: string
  /** In bytes. */
  readonly size: number
}

/** Content by its sha256 digest: what an image is made of. */
export interface BlobStore {
  write(bytes: Uint8Array | string | Readable): Promise<StoredBlob>
  size(digest: string): Promise<number | undefined>
  /** From the beginning; errors when there is no such blob. */
  open(digest: string): Readable
  read(digest: string): Promise<Uint8Array>
}

export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Uint8Array>()
  const get = (digest: string): Uint8Array => {
    const bytes = blobs.get(digest)
    if (bytes === undefined) throw new Error(`no blob ${digest}`)
    return bytes
  }
  return {
    async write(content) {
      const bytes = content instanceof Readable ? Buffer.concat(await content.toArray()) : Buffer.from(content)
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      blobs.set(digest, bytes)
      return { digest, size: bytes.byteLength }
    },
    size: (digest) => Promise.resolve(blobs.get(digest)?.byteLength),
    open: (digest) => Readable.from([get(digest)]),
    read: (digest) => Promise.resolve().then(() => get(digest)),
  }
}

/** `blobs/sha256/…` under a folder, as an OCI image layout has it. A blob appears whole or not at all. */
export function directoryBlobStore(dir: string): BlobStore {
  const fileOf = (digest: string): string => {
    const problem = digestProblem(digest)
    if (problem !== undefined) throw new Error(problem)
    return join(dir, 'blobs', digest.replace(':', '/'))
  }
  return {
    async write(content) {
      const hash = createHash('sha256')
      let size = 0
      const measure = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          hash.update(chunk)
          size += chunk.byteLength
          done(null, chunk)
        },
      })
      await mkdir(join(dir, 'blobs', 'sha256'), { recursive: true })
      const part = join(dir, 'blobs', `.${randomUUID()}`)
      try {
        const source = content instanceof Readable ? content : Readable.from([Buffer.from(content)])
        await pipeline(source, measure, createWriteStream(part))
        const digest = `sha256:${hash.digest('hex')}`
        await rename(part, fileOf(digest))
        return { digest, size }
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
    },
    size: (digest) => stat(fileOf(digest)).then((found) => found.size, () => undefined),
    open: (digest) => createReadStream(fileOf(digest)),
    read: (digest) => readFile(fileOf(digest)),
  }
}
