import { beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactRef } from '../../model/artifact.ts'
import { Artifacts } from '../artifacts.ts'
import { Builds } from '../builds.ts'
import { aesCipher } from '../cipher.ts'
import { Containers } from '../containers.ts'
import type { Db } from '../db.ts'
import { ResourceCaches } from '../resource-caches.ts'
import { Settings } from '../settings.ts'
import { StepTimes } from '../step-times.ts'
import { TaskCaches } from '../task-caches.ts'
import type { Target } from './target.ts'

const cipher = aesCipher(new Uint8Array(32).fill(7))
const artifact = (digit: string, size = 10): ArtifactRef => ({ digest: `sha256:${digit.repeat(64)}`, size })
const now = 1_000

export function storesSuite(target: Target): void {
  describe('settings, caches, artifacts, containers', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
    })

    it('gives every server the setting that was first', async () => {
      const settings = new Settings(db, cipher)
      const other = new Settings(await target.another(), cipher)
      const got = await Promise.all([settings, other, settings, other].map((each, index) => each.getOrPut('id', () => `made ${index}`)))
      expect(new Set(got).size).toBe(1)
      expect(await settings.get('id')).toBe(got[0])
      await settings.put('id', 'new', { secret: true })
      expect(await other.get('id')).toBe('new')
      expect(await settings.get('other')).toBeUndefined()
    })

    it('keeps no secret as it is: canary over a dump of all tables', async () => {
      const canary = 'canary-9f2c'
      await new Settings(db, cipher).put('server key', canary, { secret: true })
      const id = await new Builds(db, cipher).create({ team: 'main', context: { vars: { password: canary } } }, now)
      expect(await new Settings(db, cipher).get('server key')).toBe(canary)
      expect(JSON.stringify((await new Builds(db, cipher).get(id))?.context)).toContain(canary)
      const tables = await db.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = current_schema()`)
      const dump = (await Promise.all(tables.map(({ name }) => db.query<{ row: string }>(`select t::text as row from ${name} t`)))).flat()
      expect(dump.length).toBeGreaterThan(2)
      const text = dump.map(({ row }) => row).join('\n')
      expect(text).not.toContain(canary)
      expect(text).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12))
    })

    it('does not decrypt what was moved to another row', async () => {
      const builds = new Builds(db, cipher)
      const [first, second] = [await builds.create({ team: 'main', context: { a: 1 } }, now), await builds.create({ team: 'main', context: {} }, now)]
      await db.query('update builds set context = (select context from builds where id = $1) where id = $2', [first, second])
      await expect(builds.get(second)).rejects.toThrow('altered, or stood elsewhere')
    })

    it('keeps resource caches until they go unused', async () => {
      const caches = new ResourceCaches(db)
      const value = { artifact: artifact('a'), version: { ref: 'x\0', __proto__x: '1' }, metadata: [{ name: 'n', value: '\ud800' }] }
      await caches.put('key', value, now)
      await caches.put('old', value, now)
      expect(await caches.get('key', now + 5)).toEqual(value)
      expect(await caches.deleteUnusedSince(now + 5)).toBe(1)
      expect(await caches.get('old', now + 6)).toBeUndefined()
      await caches.put('key', { ...value, artifact: artifact('b') }, now)
      expect((await caches.get('key', now))?.artifact).toEqual(artifact('b'))
      expect(await caches.delete('key')).toBe(true)
      expect(await caches.delete('key')).toBe(false)
    })

    it('keeps task caches by job, step and path', async () => {
      const caches = new TaskCaches(db)
      await caches.put('main/p/j', 'build', 'cache', artifact('a'), now)
      await caches.put('main/p/j', 'build', '.m2', artifact('b'), now)
      await caches.put('main/p/j', 'test', 'cache', artifact('c'), now)
      await caches.put('main/p/j', 'build', 'cache', artifact('d'), now + 1)
      expect(await caches.get('main/p/j', 'build', 'cache')).toEqual(artifact('d'))
      expect(await caches.get('main/p/other', 'build', 'cache')).toBeUndefined()
      expect(await caches.clear('main/p/j', 'build', '.m2')).toBe(1)
      expect(await caches.clear('main/p/j', 'build')).toBe(1)
      expect(await caches.get('main/p/j', 'test', 'cache')).toEqual(artifact('c'))
      expect(await caches.deleteUnusedSince(now + 1)).toBe(1)
    })

    it('knows which artifacts are still of use', async () => {
      const artifacts = new Artifacts(db)
      const builds = new Builds(db, cipher)
      const sorted = async () => [...(await artifacts.referenced())].toSorted()
      const digests = (...digits: string[]) => digits.map((digit) => artifact(digit).digest)
      expect(await sorted()).toEqual([])
      await artifacts.record(artifact('1'), now)
      const id = await builds.create({ team: 'main', context: {} }, now)
      await builds.claim('a', now, 1_000)
      await artifacts.name(id, 'out', artifact('1').digest)
      await new ResourceCaches(db).put('key', { artifact: artifact('2'), version: {}, metadata: [] }, now)
      await new TaskCaches(db).put('j', 's', 'p', artifact('3'), now)
      await new TaskCaches(db).put('j', 's', 'q', artifact('2'), now)
      const finished = { phase: 'finished', finished: { outcome: { kind: 'succeeded' }, artifacts: { out: { ...artifact('4') }, more: { ...artifact('5') } } } }
      const assigned = { phase: 'assigned', image: { source: { kind: 'artifact', artifact: { ...artifact('6') } } } }
      await builds.commit(id, 'a', now, { steps: [{ planId: '1', record: finished }, { planId: '2', record: assigned }, { planId: '3', record: { artifacts: {} } }] })
      expect(await artifacts.named(id)).toEqual(new Map([['out', artifact('1')]]))
      expect(await sorted()).toEqual(digests('1', '2', '3', '4', '5', '6'))
      await new ResourceCaches(db).delete('key')
      await new TaskCaches(db).put('j', 's', 'q', artifact('3'), now)
      await builds.commit(id, 'a', now, { finish: { status: 'succeeded' } })
      expect(await sorted()).toEqual(digests('1', '3'))
    })

    it('remembers how long steps of a job took', async () => {
      const times = new StepTimes(db)
      expect(await times.ofJob('j')).toEqual(new Map())
      await times.put('j', 'unit', 600_000.4, now)
      await times.put('j', 'unit', 7_200_000, now + 1)
      await times.put('j', 'it’s', 900_000, now)
      await times.put('other', 'unit', 1, now)
      expect(await times.ofJob('j')).toEqual(new Map([['unit', 7_200_000], ['it’s', 900_000]]))
      await times.delete('j', 'unit')
      await times.delete('j', 'unknown')
      expect(await times.ofJob('j')).toEqual(new Map([['it’s', 900_000]]))
    })

    it('finds containers over all builds', async () => {
      const builds = new Builds(db, cipher)
      const containers = new Containers(db)
      const id = await builds.create({ team: 'main', context: {} }, now)
      await builds.claim('a', now, 1_000)
      const kept = { handle: 'kept', planId: '1', state: 'kept', guess: false, host: 'node', log: { acked: 3 } } as const
      const ready = { ...kept, handle: 'ready', state: 'ready' } as const
      await builds.commit(id, 'a', now, { containers: [kept, ready] })
      expect(await containers.list(['kept', 'removed'])).toEqual([{ ...kept, buildId: id }])
      await containers.markRemoved(['kept', 'unknown'], now + 1)
      expect(await containers.find('kept')).toEqual({ ...kept, state: 'removed', buildId: id })
      expect(await containers.find('unknown')).toBeUndefined()
      expect(await containers.list(['ready'])).toEqual([{ ...ready, buildId: id }])
    })
  })
}
