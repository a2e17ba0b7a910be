import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ArtifactDigest } from '../../model/artifact.ts'
import { DamagedArtifact, type ArtifactStore } from '../store.ts'

export interface StoreUnderTest {
  readonly store: ArtifactStore
  /** Changes the stored bytes without the store. */
  readonly damage: (digest: ArtifactDigest, how: 'flip' | 'truncate') => Promise<void>
}

/** What every store must do; `make` is called for each test. */
export function storeConformance(make: () => Promise<StoreUnderTest>): void {
  test('what was put is opened again, under its digest', async () => {
    const { store } = await make()
    for (const size of [0, 1, 262_144, 3_000_001]) {
      const data = bytes(size)
      const stored = await store.put(pieces(data, 70_000))
      expect(stored).toEqual({ ok: true, value: { digest: digestOf(data), size } })
      expect(await store.has(digestOf(data))).toBe(size)
      const opened = await store.open(digestOf(data))
      expect(opened?.size).toBe(size)
      expect((await collect(opened!.stream)).equals(data)).toBe(true)
      const reused = await store.open(digestOf(data), { reuseBuffers: true })
      expect(await hash(reused!.stream)).toBe(digestOf(data))
    }
  })

  test('a missing artifact is undefined, and deleting it succeeds', async () => {
    const { store } = await make()
    const digest = digestOf(bytes(10))
    expect(await store.open(digest)).toBeUndefined()
    expect(await store.has(digest)).toBeUndefined()
    await store.delete(digest)
  })

  test('a source that throws leaves nothing, and its error is thrown', async () => {
    const { store } = await make()
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield bytes(2_000_000)
      throw new Error('cut off')
    }
    await expect(store.put(broken())).rejects.toThrow('cut off')
    expect(await all(store)).toEqual([])
  })

  test('content that differs from the announced digest or size is not kept', async () => {
    const { store } = await make()
    const data = bytes(1000)
    const other = digestOf(bytes(1001))
    expect(await store.put(pieces(data), { digest: other, size: 1000 })).toMatchObject({ ok: false, error: { kind: 'mismatch' } })
    expect(await store.put(pieces(data), { digest: digestOf(data), size: 999 })).toMatchObject({ ok: false, error: { kind: 'mismatch' } })
    expect(await all(store)).toEqual([])
  })

  test.each(['flip', 'truncate'] as const)('a damaged object (%s) is noticed at its end and gone then; a put heals it', async (how) => {
    const { store, damage } = await make()
    const data = bytes(1_000_000)
    const digest = digestOf(data)
    await store.put(pieces(data))
    await damage(digest, how)
    await expect(collect((await store.open(digest))!.stream)).rejects.toThrow(DamagedArtifact)
    expect(await store.has(digest)).toBeUndefined()
    await store.put(pieces(data))
    await damage(digest, how)
    await store.put(pieces(data))
    expect((await collect((await store.open(digest))!.stream)).equals(data)).toBe(true)
  })

  test('many puts of the same and of different content at once', async () => {
    const { store } = await make()
    const contents = [1, 2, 3, 4].map((n) => bytes(300_000 + n))
    const results = await Promise.all([...contents, ...contents].map((data) => store.put(pieces(data, 10_000))))
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect((await all(store)).map(({ digest }) => digest).sort()).toEqual(contents.map(digestOf).sort())
  })

  test('an open stream reads on after a delete, and leaving it early is fine', async () => {
    const { store } = await make()
    const data = bytes(2_000_000)
    await store.put(pieces(data))
    const opened = await store.open(digestOf(data))
    const left = await store.open(digestOf(data))
    for await (const _ of left!.stream) break
    await store.delete(digestOf(data))
    expect((await collect(opened!.stream)).equals(data)).toBe(true)
    expect(await all(store)).toEqual([])
  })

  test('what is old is deleted, what was put again is not', async () => {
    const { store } = await make()
    const [data, other] = [bytes(1000), bytes(2000)]
    await store.put(pieces(data))
    await store.put(pieces(other))
    const [first] = (await all(store)).filter(({ digest }) => digest === digestOf(data))
    expect(await store.deleteOlder(digestOf(data), first!.storedAt)).toBe(0)
    const opened = await store.open(digestOf(data))
    expect(await store.deleteOlder(digestOf(data), first!.storedAt + 1)).toBe(1000)
    expect((await collect(opened!.stream)).equals(data)).toBe(true)
    expect(await store.deleteOlder(digestOf(data), Number.POSITIVE_INFINITY)).toBe(0)
    expect((await all(store)).map(({ digest }) => digest)).toEqual([digestOf(other)])
  })

  test('a name that is no digest is refused', async () => {
    const { store } = await make()
    for (const name of ['sha256:../../etc/passwd', '../x', 'sha256:', `sha256:${'A'.repeat(64)}`]) {
      await expect(store.open(name as ArtifactDigest)).rejects.toThrow('not an artifact digest')
      await expect(store.has(name as ArtifactDigest)).rejects.toThrow('not an artifact digest')
      await expect(store.delete(name as ArtifactDigest)).rejects.toThrow('not an artifact digest')
    }
  })
}

/** The same bytes for the same size, different ones for others. */
export function bytes(size: number): Buffer {
  const data = Buffer.allocUnsafe(size)
  for (let i = 0, x = size + 1; i < size; i++) data[i] = (x = (x * 1_103_515_245 + 12_345) & 0x7fff_ffff) >> 16
  return data
}

export async function* pieces(data: Uint8Array, length = data.length || 1): AsyncIterable<Uint8Array> {
  for (let at = 0; at < data.length; at += length) yield data.subarray(at, at + length)
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function hash(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of stream) sum.update(chunk)
  return `sha256:${sum.digest('hex')}`
}

const digestOf = (data: Uint8Array): ArtifactDigest => `sha256:${createHash('sha256').update(data).digest('hex')}`

async function all(store: ArtifactStore) {
  const found = []
  for await (const stored of store.list()) found.push(stored)
  return found
}
