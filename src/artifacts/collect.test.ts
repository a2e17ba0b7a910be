import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ArtifactDigest } from '../model/artifact.ts'
import { collectArtifacts } from './collect.ts'
import { bytes, pieces } from './testing/conformance.ts'
import { openDiskStore } from './disk.ts'
import type { ArtifactStore } from './store.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)
let root: string
let store: ArtifactStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'airside-collect-'))
  store = await openDiskStore(root)
})
afterEach(() => rm(root, { recursive: true }))

async function put(size: number, at = start): Promise<ArtifactDigest> {
  const stored = await store.put(pieces(bytes(size)))
  if (!stored.ok) throw new Error(stored.error.message)
  const hex = stored.value.digest.slice('sha256:'.length)
  await utimes(join(root, 'objects', hex.slice(0, 2), hex), at / 1000, at / 1000)
  return stored.value.digest
}
const left = async () => {
  const digests = []
  for await (const { digest } of store.list()) digests.push(digest)
  return digests.toSorted()
}
let memory: ReadonlyMap<ArtifactDigest, number> = new Map()
beforeEach(() => {
  memory = new Map()
})
const collect = async (now: number, ...referenced: ArtifactDigest[]) => {
  const { unreferencedSince, removed, freed } = await collectArtifacts({ store, referenced: new Set(referenced), unreferencedSince: memory, graceMs: hour, now })
  memory = unreferencedSince
  return { removed, freed }
}

test('an unreferenced artifact is deleted after the grace period, not before', async () => {
  const [used, unused] = [await put(10), await put(20)]
  expect(await collect(start + 5 * hour, used)).toEqual({ removed: 0, freed: 0 })
  expect(await collect(start + 6 * hour - 1, used)).toEqual({ removed: 0, freed: 0 })
  expect(await collect(start + 6 * hour, used)).toEqual({ removed: 1, freed: 20 })
  expect(await left()).toEqual([used])
  expect(memory.has(unused)).toBe(false)
})

test('a reference restarts the grace period', async () => {
  const digest = await put(10)
  await collect(start + 5 * hour)
  await collect(start + 5.5 * hour, digest)
  await collect(start + 6 * hour)
  expect(await left()).toEqual([digest])
  expect(await collect(start + 7 * hour)).toEqual({ removed: 1, freed: 10 })
})

test('an artifact that is stored again during collection is kept', async () => {
  const digest = await put(10)
  await collect(start + 5 * hour)
  await put(10, start + 9.5 * hour)
  expect(await collect(start + 10 * hour)).toEqual({ removed: 0, freed: 0 })
  const racing = {
    list: () => store.list(),
    async deleteOlder(found: ArtifactDigest, before: number) {
      await put(10, start + 20 * hour)
      return store.deleteOlder(found, before)
    },
  }
  expect(await collectArtifacts({ store: racing, referenced: new Set(), unreferencedSince: memory, graceMs: hour, now: start + 20 * hour })).toMatchObject({ removed: 0 })
  expect(await left()).toEqual([digest])
})

test('without a grace period unreferenced artifacts are deleted from disk at once', async () => {
  const [used] = [await put(10), await put(20), await put(30)]
  expect(await collectArtifacts({ store, referenced: new Set([used]), unreferencedSince: new Map(), graceMs: 0, now: start + 1 })).toMatchObject({ removed: 2, freed: 50 })
  expect(await left()).toEqual([used])
  expect(await readdir(join(root, 'tmp'))).toEqual([])
})
