import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { codeOf, messageOf } from '../lib/errors.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import { fail, type Result } from '../model/result.ts'
import { BadArchive, checkedTar, type TarLimits } from './checked-tar.ts'
import type { ArtifactStore } from './store.ts'

export interface UploadLimits extends TarLimits {
  readonly packedBytes: number
}

const gibibyte = 1024 ** 3
export const uploadLimits: UploadLimits = { packedBytes: 10 * gibibyte, bytes: 50 * gibibyte, entries: 1_000_000, nameBytes: 256 * 1024 * 1024 }

export interface UploadError {
  readonly kind: 'bad-archive' | 'too-large' | 'no-space' | 'unavailable'
  /** A sentence. */
  readonly message: string
}

/** Stores an archive from outside, a tar as it is or packed by gzip or zstd. Errors of the source are thrown. */
export async function storeUpload(store: Pick<ArtifactStore, 'put'>, source: AsyncIterable<Uint8Array>, limits: UploadLimits = uploadLimits): Promise<Result<ArtifactRef, UploadError>> {
  let broken: { readonly error: unknown } | undefined
  async function* counted(): AsyncIterable<Uint8Array> {
    let left = limits.packedBytes
    const chunks = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          broken = { error }
          throw error
        })
        if (next.done === true) return
        left -= next.value.length
        if (left < 0) throw new BadArchive('too-large', 'the archive is too large')
        yield next.value
      }
    } finally {
      if (broken === undefined) await chunks.return?.()
    }
  }
  try {
    const stored = await store.put(checkedTar(unpacked(counted()), limits))
    if (stored.ok) return stored
    return fail({ kind: stored.error.kind === 'no-space' ? 'no-space' : 'unavailable', message: stored.error.message })
  } catch (error) {
    if (broken !== undefined) throw broken.error
    if (error instanceof BadArchive) return fail({ kind: error.kind === 'too-large' ? 'too-large' : 'bad-archive', message: error.message })
    if (codeOf(error)?.startsWith('Z_') === true || codeOf(error)?.startsWith('ZSTD_') === true) return fail({ kind: 'bad-archive', message: `the archive is damaged: ${messageOf(error)}` })
    throw error
  }
}

const magic = [
  { bytes: [0x1f, 0x8b], stream: () => createGunzip() },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], stream: () => createZstdDecompress() },
] as const

/** Unpacks what its first bytes say that it is packed by. */
async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  let done = false
  while (head.length < 4 && !done) {
    const next = await chunks.next()
    done = next.done === true
    if (next.done !== true) head = Buffer.concat([head, next.value])
  }
  async function* whole(): AsyncIterable<Uint8Array> {
    try {
      if (head.length > 0) yield head
      for (let next = done ? undefined : await chunks.next(); next !== undefined && next.done !== true; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  const packed = magic.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (packed === undefined) return yield* whole()
  const out = new PassThrough()
  // Errors come out of the iteration below.
  const piping = pipeline(Readable.from(whole()), packed.stream(), out)
  piping.catch(() => undefined)
  yield* out as AsyncIterable<Uint8Array>
  await piping
}
