import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytes, pieces, storeConformance } from './testing/conformance.ts'
import { openDiskStore } from './disk.ts'

const run = promisify(execFile)
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'airside-store-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe.each([{ fsync: false }, { fsync: true }])('on disk, %o', (options) => {
  storeConformance(async () => ({
    store: await openDiskStore(root, options),
    async damage(digest, how) {
      const hex = digest.slice(7)
      const path = join(root, 'objects', hex.slice(0, 2), hex)
      if (how === 'truncate') return truncate(path, (await stat(path)).size - 5)
      const data = await readFile(path)
      data[500_000]! ^= 1
      await writeFile(path, data)
    },
  }))
})

test('runs of zeros are holes, in the middle and at the end', async () => {
  const store = await openDiskStore(root)
  const piece = Buffer.alloc(1024 * 1024)
  const source = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from('head')
    for (let i = 0; i < 100; i++) yield piece
    yield Buffer.from('middle')
    for (let i = 0; i < 100; i++) yield piece
  }
  const stored = await store.put(source())
  if (!stored.ok) throw new Error(stored.error.message)
  const { digest, size } = stored.value
  expect(size).toBe(200 * piece.length + 10)
  const hex = digest.slice(7)
  const { blocks } = await stat(join(root, 'objects', hex.slice(0, 2), hex))
  expect(blocks * 512).toBeLessThan(4 * piece.length)
  let read = 0
  for await (const chunk of (await store.open(digest))!.stream) read += chunk.length // verified at its end
  expect(read).toBe(size)
})

test('opening deletes files of dead processes and keeps those of living ones', async () => {
  const store = await openDiskStore(root)
  const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')
  const tmp = join(root, 'tmp')
  const dead = `${host}-4194305-1-x` // no pid is that high
  const living = `${host}-1-1-x`
  const before = `${host}-${process.pid}-1-x` // an earlier process of our pid
  const elsewhere = 'otherhost-7-1-x'
  const longAgo = 'otherhost-7-1-y'
  for (const name of [dead, living, before, elsewhere, longAgo]) await writeFile(join(tmp, name), 'half')
  await utimes(join(tmp, longAgo), 1, 1)
  const meanwhile = Promise.withResolvers<void>()
  const put = store.put(
    (async function* () {
      yield bytes(10)
      await meanwhile.promise
    })(),
  )
  await openDiskStore(root)
  const left = await readdir(tmp)
  meanwhile.resolve()
  expect(await put).toMatchObject({ ok: true })
  expect(left.filter((name) => name.endsWith('-x') || name.endsWith('-y')).sort()).toEqual([living, elsewhere].sort())
  expect(left).toHaveLength(3)
})

test('after concurrent deletes and puts of one artifact the last put is there', async () => {
  const store = await openDiskStore(root)
  const data = bytes(50_000)
  for (let round = 0; round < 20; round += 1) {
    const stored = await store.put(pieces(data))
    if (!stored.ok) throw new Error(stored.error.message)
    const hex = stored.value.digest.slice(7)
    await utimes(join(root, 'objects', hex.slice(0, 2), hex), 1000, 1000)
    const [, , put] = await Promise.all([store.deleteOlder(stored.value.digest, 2_000_000), store.deleteOlder(stored.value.digest, 2_000_000), store.put(pieces(data, 10_000))])
    expect(put).toMatchObject({ ok: true })
    expect(await store.has(stored.value.digest)).toBe(50_000)
  }
  expect(await readdir(join(root, 'tmp'))).toEqual([])
})

test('a store that cannot be written says so as a value', async () => {
  const store = await openDiskStore(root)
  await rm(join(root, 'tmp'), { recursive: true })
  expect(await store.put(pieces(bytes(10)))).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
})

const mayMount = process.platform === 'linux' && process.getuid?.() === 0

test.skipIf(!mayMount)('a full disk is an error that says so, and leaves nothing (needs root, to mount a small disk)', async () => {
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root])
  try {
    const store = await openDiskStore(root)
    expect(await store.put(pieces(bytes(5_000_000), 100_000))).toEqual({
      ok: false,
      error: { kind: 'no-space', message: 'the artifact store is full: no space left on its disk' },
    })
    expect(await readdir(join(root, 'tmp'))).toEqual([])
    expect(await store.put(pieces(bytes(500_000)))).toMatchObject({ ok: true })
  } finally {
    await run('umount', [root])
  }
})
