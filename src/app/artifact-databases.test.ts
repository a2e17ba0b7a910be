import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testTemplate } from '../db/conformance/template-cache.ts'
import { fakeClock, type FakeClock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { silentLog } from '../lib/log.ts'
import type { BuildScope } from '../model/build.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { ComponentName, Gates } from '../model/component.ts'
import { artifactCollection, artifactGraceMs, collectUnused, outputsKeptMs } from '../retention/artifact-collection.ts'
import { artifactDatabases } from './artifact-databases.ts'
import { openFreeInstance } from '../db/pglite/instance.ts'
import { openStores, postgresMark, type Stores } from './stores.ts'

const day = 24 * 3_600_000
let data: string
let clock: FakeClock
const open: (Stores & { readonly instance: number })[] = []

async function database(): Promise<Stores & { readonly instance: number }> {
  const { db, number } = await openFreeInstance(data, testTemplate)
  const stores = { ...(await openStores(db, data, {}, clock)), instance: number }
  open.push(stores)
  return stores
}
const close = async (stores: Stores): Promise<void> => {
  open.splice(open.findIndex((one) => one === stores), 1)
  await stores.close()
}

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'airside-collection-'))
  clock = fakeClock()
})
afterEach(async () => {
  for (const stores of open.toReversed()) await close(stores)
  await rm(data, { recursive: true, force: true })
})

/** An artifact that was stored at the clock's time. */
async function put({ artifacts }: Stores, text: string): Promise<ArtifactRef> {
  const stored = await artifacts.put([Buffer.from(text)] as never)
  if (!stored.ok) throw new Error(stored.error.message)
  const hex = stored.value.digest.slice(7)
  await utimes(join(data, 'artifacts', 'objects', hex.slice(0, 2), hex), clock.now() / 1000, clock.now() / 1000)
  return stored.value
}
const kept = async ({ artifacts }: Stores, ...refs: ArtifactRef[]) => Promise.all(refs.map(async ({ digest }) => (await artifacts.has(digest)) !== undefined))
const scopeOf = (stores: Stores) => stores.scopes.ensure({ team: 'main', pipeline: 'p', job: 'j' }, clock.now())
const jobOf = ({ jobId = 0 }: BuildScope): number => jobId
const collect = (own: readonly (Stores & { readonly instance: number })[], graceMs = 0) =>
  collectUnused({ data, visit: artifactDatabases({ data, own: own.map((stores) => ({ instance: stores.instance, stores })), clock }), graceMs, outputsKeptMs, clock })

describe('artifacts of a data folder', () => {
  test('stay as long as a database of it refers to them, whoever has it', async () => {
    const [first, second] = [await database(), await database()]
    const cached = await put(first, 'cached by a get')
    const cache = await put(first, 'of a task')
    const input = await put(first, 'a local input')
    const output = await put(first, 'an output')
    const nobodys = await put(first, 'nobody’s')
    await first.resourceCaches.put('key', { artifact: cached, version: {}, metadata: [] }, clock.now())
    await second.taskCaches.put({ jobId: jobOf(await scopeOf(second)), step: 's', path: 'p' }, cache, clock.now())
    const id = await second.builds.createStarted({ kind: 'job', scope: await scopeOf(second) }, { artifacts: { repo: { ...input } } }, clock.now())
    await second.builds.claim('me', clock.now(), 1000, id)
    await second.builds.commit(id, 'me', clock.now(), { steps: [{ planId: '1', record: { phase: 'finished', finished: { artifacts: { out: { ...output } } } } }] })
    await clock.advance(1000)
    expect(await collect([first])).toEqual({ ok: false, error: 'another process has database 1' })
    expect(await kept(first, nobodys)).toEqual([true])
    await close(second)
    expect(await collect([first])).toEqual({ ok: true, value: { removed: 1, freed: nobodys.size } })
    expect(await kept(first, cached, cache, input, output, nobodys)).toEqual([true, true, true, true, false])
    const again = await database()
    await again.builds.claim('me', clock.now(), 1000, id)
    await again.builds.commit(id, 'me', clock.now(), { finish: { status: 'failed' } })
    expect(await collect([first, again])).toMatchObject({ ok: true, value: { removed: 1 } })
    expect(await kept(first, cached, cache, input, output)).toEqual([true, true, false, true])
  })

  test('that steps stored stay for some days after the end of their build', async () => {
    const stores = await database()
    const output = await put(stores, 'an output')
    const id = await stores.builds.createStarted({ kind: 'job', scope: await scopeOf(stores) }, {}, clock.now())
    await stores.builds.claim('me', clock.now(), 1000, id)
    await stores.builds.commit(id, 'me', clock.now(), { steps: [{ planId: '1', record: { phase: 'finished', finished: { artifacts: { out: { ...output } } } } }] })
    await clock.advance(10 * outputsKeptMs)
    expect(await collect([stores])).toMatchObject({ value: { removed: 0 } })
    await stores.builds.commit(id, 'me', clock.now(), { finish: { status: 'failed' } })
    await clock.advance(outputsKeptMs)
    expect(await collect([stores])).toMatchObject({ value: { removed: 0 } })
    expect(await stores.stepArtifacts.ofBuild(id)).toEqual([{ planId: '1', name: 'out', artifact: output }])
    await clock.advance(1)
    expect(await collect([stores])).toMatchObject({ value: { removed: 1 } })
    expect(await stores.stepArtifacts.ofBuild(id)).toEqual([])
  })

  test('stay as long as a cache that any run saved refers to them', async () => {
    const [first, second] = [await database(), await database()]
    await second.scopes.ensure({ team: 'main', pipeline: 'another', job: 'first' }, clock.now())
    const [cached, cache, nobodys] = [await put(first, 'cached by a get'), await put(first, 'of a task'), await put(first, 'nobody’s')]
    await first.resourceCaches.put('key', { artifact: cached, version: {}, metadata: [] }, clock.now())
    await first.taskCaches.put({ jobId: jobOf(await scopeOf(first)), step: 's', path: 'p' }, cache, clock.now())
    await first.versions.save('scope', [{ ref: '1' }], clock.now())
    expect((await second.resourceCaches.get('key', clock.now()))?.artifact).toEqual(cached)
    expect(await second.taskCaches.get({ jobId: jobOf(await scopeOf(second)), step: 's', path: 'p' })).toEqual(cache)
    expect(await second.versions.latest('scope')).toEqual({ ref: '1' })
    await close(first)
    await clock.advance(1000)
    expect(await collect([second])).toEqual({ ok: true, value: { removed: 1, freed: nobodys.size } })
    expect(await kept(second, cached, cache, nobodys)).toEqual([true, true, false])
  })

  test('stay while their component is paused, and so do rows of caches', async () => {
    const stores = await database()
    const [unused, cached] = [await put(stores, 'unused'), await put(stores, 'cached long ago')]
    await stores.resourceCaches.put('key', { artifact: cached, version: {}, metadata: [] }, clock.now())
    await clock.advance(40 * day)
    const paused = new Set<ComponentName>(['collector_volumes', 'collector_resource_caches'])
    const gates: Gates = (name) => ({ open: !paused.has(name), passed: () => undefined })
    const collectGated = () =>
      collectUnused({ data, visit: artifactDatabases({ data, own: [{ instance: stores.instance, stores }], gates, clock }), gate: gates('collector_volumes'), graceMs: 0, outputsKeptMs, clock })
    expect(await collectGated()).toEqual({ ok: true, value: { removed: 0, freed: 0 } })
    paused.delete('collector_volumes')
    expect(await collectGated()).toMatchObject({ value: { removed: 1 } })
    expect(await kept(stores, unused, cached)).toEqual([false, true])
    paused.clear()
    expect(await collectGated()).toMatchObject({ value: { removed: 1 } })
  })

  test('go two days after the last reference, which a restart does not forget', async () => {
    const stores = await database()
    const unused = await put(stores, 'unused')
    await clock.advance(10 * day)
    expect(await collect([stores], artifactGraceMs)).toMatchObject({ value: { removed: 0 } })
    await clock.advance(artifactGraceMs - 1)
    expect(await collect([stores], artifactGraceMs)).toMatchObject({ value: { removed: 0 } })
    await clock.advance(1)
    expect(await collect([stores], artifactGraceMs)).toMatchObject({ value: { removed: 1 } })
    expect(await kept(stores, unused)).toEqual([false])
  })

  test('a note of what is unreferenced that cannot be read only delays that', async () => {
    const stores = await database()
    await put(stores, 'unused')
    await clock.advance(10 * day)
    for (const text of ['{', '{"sha256:x": 1}', '{"a": "b"}', '']) {
      await writeFile(join(data, 'unreferenced-artifacts.json'), text)
      expect(await collect([stores], artifactGraceMs)).toMatchObject({ value: { removed: 0 } })
    }
    await clock.advance(artifactGraceMs)
    expect(await collect([stores], artifactGraceMs)).toMatchObject({ value: { removed: 1 } })
  })

  test('go with caches that no build has used for 30 days', async () => {
    const stores = await database()
    const [used, unused, cache] = [await put(stores, 'used'), await put(stores, 'unused'), await put(stores, 'cache')]
    for (const [key, artifact] of Object.entries({ used, unused })) await stores.resourceCaches.put(key, { artifact, version: {}, metadata: [] }, clock.now())
    await stores.taskCaches.put({ jobId: jobOf(await scopeOf(stores)), step: 's', path: 'p' }, cache, clock.now())
    await clock.advance(29 * day)
    await stores.resourceCaches.get('used', clock.now())
    await clock.advance(day)
    expect(await collect([stores])).toMatchObject({ value: { removed: 0 } })
    await clock.advance(1)
    expect(await collect([stores])).toMatchObject({ value: { removed: 2 } })
    expect(await kept(stores, used, unused, cache)).toEqual([true, false, false])
  })

  test('that a PostgreSQL database may refer to are not touched by who does not have it', async () => {
    const stores = await database()
    await put(stores, 'unused')
    await clock.advance(day)
    await writeFile(postgresMark(data), '')
    expect(await collect([stores])).toMatchObject({ ok: false, error: expect.stringContaining('PostgreSQL') as string })
    await rm(postgresMark(data))
    expect(await collect([stores])).toMatchObject({ value: { removed: 1 } })
  })

  test('a folder without databases has none', async () => {
    expect(await collect([])).toEqual({ ok: true, value: { removed: 0, freed: 0 } })
  })
})

test('a server collects every hour, whatever one of the times came to', async () => {
  const stores = await database()
  const lines: string[] = []
  const log: Log = { ...silentLog, info: (_fields, line) => lines.push(line), warn: (_fields, line) => lines.push(line) }
  await put(stores, 'unused')
  await clock.advance(10 * day)
  let broken = true
  const artifacts = {
    deleteOlder: (...what: Parameters<Stores['artifacts']['deleteOlder']>) => stores.artifacts.deleteOlder(...what),
    list: () => {
      if (broken) throw new Error('the disk is away')
      return stores.artifacts.list()
    },
  } as Stores['artifacts']
  const collection = artifactCollection({ data, visit: artifactDatabases({ data, own: [{ instance: stores.instance, stores: { ...stores, artifacts } }], clock }), graceMs: 0, outputsKeptMs, clock, log })
  void collection.start()
  const said = async (count: number) => {
    while (lines.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  await clock.advance(600_000)
  await said(1)
  broken = false
  await clock.advance(3_600_000)
  await said(2)
  expect(lines).toEqual(['artifact collection failed; trying again later', 'removed artifacts that nothing refers to'])
  await collection.stop()
})
