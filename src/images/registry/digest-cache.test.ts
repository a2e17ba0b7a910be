import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, diskDigestCache, memoryDigestCache, type DigestCache } from './digest-cache.ts'

const bytes = Buffer.from('some manifest')
const digest = digestOf(bytes)
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-digests-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe.each<[string, () => DigestCache]>([
  ['in memory', () => memoryDigestCache()],
  ['on disk', () => diskDigestCache(dir)],
])('digest cache %s', (_name, make) => {
  it('keeps bytes by repository and digest', async () => {
    const cache = make()
    expect(await cache.get('h/a', digest)).toBeUndefined()
    await cache.put('h/a', digest, bytes)
    expect(Buffer.from((await cache.get('h/a', digest)) ?? [])).toEqual(bytes)
    expect(await cache.get('h/b', digest)).toBeUndefined()
  })
})

it('in memory: removes the least recently used first', async () => {
  const cache = memoryDigestCache(25)
  await cache.put('h', 'a', Buffer.alloc(10))
  await cache.put('h', 'b', Buffer.alloc(10))
  await cache.get('h', 'a')
  await cache.put('h', 'c', Buffer.alloc(10))
  expect([await cache.get('h', 'a'), await cache.get('h', 'b'), await cache.get('h', 'c')].map((found) => found !== undefined)).toEqual([true, false, true])
})

it('on disk: outlives the process, and a damaged file is removed', async () => {
  await diskDigestCache(dir).put('h/a', digest, bytes)
  expect(Buffer.from((await diskDigestCache(dir).get('h/a', digest)) ?? [])).toEqual(bytes)
  const [scope] = await readdir(dir)
  const [file] = await readdir(join(dir, scope ?? ''))
  await writeFile(join(dir, scope ?? '', file ?? ''), 'damaged')
  expect(await diskDigestCache(dir).get('h/a', digest)).toBeUndefined()
  expect(await readdir(join(dir, scope ?? ''))).toEqual([])
})

it('on disk: names no file outside its folder', async () => {
  const cache = diskDigestCache(dir)
  await cache.put('../../x', '../../../evil', bytes)
  expect(await readdir(dir)).toEqual([])
})
