import { beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import type { Db } from '../db.ts'
import { ownScopes } from '../scope-pointers.ts'
import { Versions } from '../versions.ts'
import { resourceId, setPipeline } from './check-fixtures.ts'
import type { Target } from './target.ts'

export function scopePointersSuite(target: Target): void {
  describe('scopes of resources', () => {
    let db: Db
    let versions: Versions
    let pipelineId: number
    beforeEach(async () => {
      db = await target.fresh()
      versions = new Versions(db)
      pipelineId = await set({ uri: 'a' })
    })
    const set = (source: JsonObject): Promise<number> => setPipeline(db, { resources: [{ name: 'r', type: 'git', source }] })
    const enter = (scope: string) => versions.enter({ scope, resource: { pipelineId, name: 'r' } }, 1)
    const pointer = async (): Promise<number | null | undefined> => (await db.query<{ scope_id: number | null }>('select scope_id from resources'))[0]?.scope_id
    const listed = async (scopeId: number) =>
      (await db.query<{ ref: string }>(`select version ->> 'ref' as ref from scope_versions join versions on versions.id = version_id where scope_id = $1 order by check_order`, [scopeId])).map(({ ref }) => ref)
    const v = (ref: string) => ({ ref })

    it('are pointed to by the first check', async () => {
      expect(await pointer()).toBeNull()
      const { id } = await enter('s')
      expect(await pointer()).toBe(id)
      expect((await versions.enter({ scope: 's', resource: { pipelineId, name: 'gone' } }, 1)).id).toBe(id)
    })

    it('are pointed to by custom types and prototypes, from the check of their image on', async () => {
      const types = { resource_types: [{ name: 'own', type: 'registry-image', source: {} }], prototypes: [{ name: 'own', type: 'registry-image', source: {} }] }
      const id = await setPipeline(db, { resources: [{ name: 'r', type: 'own', source: {} }], ...types }, { name: 'typed' })
      const scopes = async () => Object.fromEntries((await db.query<{ kind: string; scope_id: number | null }>('select kind, scope_id from resource_types where pipeline_id = $1', [id])).map(({ kind, scope_id }) => [kind, scope_id]))
      expect(await scopes()).toEqual({ 'resource-type': null, prototype: null })
      const first = await versions.enter({ scope: 'image', type: { pipelineId: id, kind: 'resource-type', name: 'own' } }, 1)
      expect(await scopes()).toEqual({ 'resource-type': first.id, prototype: null })
      const second = await versions.enter({ scope: 'image 2', type: { pipelineId: id, kind: 'resource-type', name: 'own' } }, 1)
      await versions.enter({ scope: 'image', type: { pipelineId: id, kind: 'prototype', name: 'own' } }, 1)
      expect(await scopes()).toEqual({ 'resource-type': second.id, prototype: first.id })
      expect((await versions.enter({ scope: 'image', type: { pipelineId: id, kind: 'prototype', name: 'gone' } }, 1)).id).toBe(first.id)
    })

    it('C5: one scope may be several resources’', async () => {
      await versions.save((await enter('s')).id, [v('1')], { now: 1 })
      const other = await setPipeline(db, { resources: [{ name: 'r', type: 'git', source: { uri: 'a' } }] }, { name: 'q' })
      expect((await versions.enter({ scope: 's', resource: { pipelineId: other, name: 'r' } }, 1)).latest).toEqual(v('1'))
    })

    it('I10: a credential that changes behind a var keeps the history, with its order and metadata', async () => {
      await versions.save((await enter('s')).id, [v('1'), v('2')], { now: 1 })
      await versions.saveMetadata('s', v('1'), [{ name: 'n', value: 'x' }])
      await versions.saveEnds([{ scopeId: (await enter('s')).id, startedAt: 5, endedAt: 6 }])
      const rotated = await enter('rotated')
      expect(rotated).toMatchObject({ latest: v('2'), times: { startedAt: 5, endedAt: 6, failures: 0 } })
      expect(await listed(rotated.id)).toEqual(['1', '2'])
      expect(await versions.metadata('rotated', v('1'))).toEqual([{ name: 'n', value: 'x' }])
      expect(await pointer()).toBe(rotated.id)
      // One that is another for each check leaves no scope behind each time.
      for (let check = 0; check < 5; check += 1) await enter(`token ${check}`)
      expect(await db.query('select key from resource_config_scopes')).toEqual([{ key: 'token 4' }])
    })

    it('I10: where others share the scope, they keep it, and the one whose credential changed gets a copy', async () => {
      await versions.save((await enter('s')).id, [v('1'), v('2')], { now: 1 })
      await versions.saveMetadata('s', v('1'), [{ name: 'n', value: 'x' }])
      const other = await setPipeline(db, { resources: [{ name: 'r', type: 'git', source: { uri: 'a' } }] }, { name: 'q' })
      const shared = await versions.enter({ scope: 's', resource: { pipelineId: other, name: 'r' } }, 1)
      const rotated = await enter('rotated')
      expect(rotated.id).not.toBe(shared.id)
      expect(await listed(rotated.id)).toEqual(['1', '2'])
      expect(await versions.metadata('rotated', v('1'))).toEqual([{ name: 'n', value: 'x' }])
      expect((await versions.enter({ scope: 's', resource: { pipelineId: other, name: 'r' } }, 1)).id).toBe(shared.id)
    })

    it('I10: a scope that has versions gets none of the one before', async () => {
      await versions.save((await enter('s')).id, [v('1'), v('2')], { now: 1 })
      await versions.save((await versions.enter({ scope: 'known' }, 1)).id, [v('3')], { now: 1 })
      expect(await listed((await enter('known')).id)).toEqual(['3'])
    })

    it('I9: another text has no scope until the next check, and a fresh history', async () => {
      await versions.save((await enter('s')).id, [v('1')], { now: 1 })
      await set({ uri: 'b' })
      expect(await pointer()).toBeNull()
      const fresh = await enter('t')
      expect(fresh.latest).toBeUndefined()
      expect(await listed(fresh.id)).toEqual([])
    })

    it('one of its own keeps the state of checks until the source is known', async () => {
      await ownScopes(db, 'r.pipeline_id = $1', pipelineId, 1)
      const own = await pointer()
      expect(own).toBeTypeOf('number')
      await ownScopes(db, 'r.pipeline_id = $1', pipelineId, 2)
      expect(await pointer()).toBe(own)
      await db.query('update scope_checks set wanted_at = 7')
      const real = await enter('s')
      expect(real.times).toEqual({ failures: 0, wantedAt: 7 })
      expect(await db.query('select key from resource_config_scopes')).toEqual([{ key: 's' }])
      await set({ uri: 'b' })
      await ownScopes(db, 'r.id = any($1::bigint[])', [await resourceId(db, pipelineId)], 3)
      expect(await pointer()).not.toBe(real.id)
      expect(await db.query(`select count(*) as count from scope_checks where wanted_at is not null`)).toEqual([{ count: 1 }])
    })

    it('one of its own that two servers give at once keeps what is wanted of it meanwhile', async () => {
      const other = await target.another()
      const [made, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const first = db.transaction(async (tx) => {
        await ownScopes(tx, 'r.pipeline_id = $1', pipelineId, 1)
        await tx.query('update scope_checks set wanted_at = 7')
        made.resolve()
        await over.promise
      })
      await made.promise
      const second = ownScopes(other, 'r.pipeline_id = $1', pipelineId, 2)
      // A server of PostgreSQL has begun it by then; the embedded database does one after the other.
      const waiting = async () => (await other.query("select from pg_stat_activity where wait_event_type = 'Lock' and query like '%with needy%' and pid <> pg_backend_pid()")).length > 0
      while (db.driver === 'pg' && !(await waiting()));
      over.resolve()
      await Promise.all([first, second])
      expect(await db.query('select wanted_at from scope_checks')).toEqual([{ wanted_at: 7 }])
    })

    it('resources of several pipelines that enter a new scope at once share it', async () => {
      const pipelines = [pipelineId]
      for (const name of ['q', 'r', 's']) pipelines.push(await setPipeline(db, { resources: [{ name: 'r', type: 'git', source: { uri: 'a' } }] }, { name }))
      await ownScopes(db, '$1::bigint is null', null, 1)
      const other = new Versions(await target.another())
      for (const scope of ['one', 'two', 'three']) {
        const entered = await Promise.all(pipelines.map((id, index) => (index % 2 === 0 ? versions : other).enter({ scope, resource: { pipelineId: id, name: 'r' } }, 1)))
        expect(new Set(entered.map(({ id }) => id)).size).toBe(1)
        expect(await db.query('select count(distinct scope_id) as scopes from resources')).toEqual([{ scopes: 1 }])
      }
    })

    it('two servers that point to a new scope at once fill it once', async () => {
      await versions.save((await enter('s')).id, [v('1'), v('2')], { now: 1 })
      const shares = await setPipeline(db, { resources: [{ name: 'r', type: 'git', source: { uri: 'a' } }] }, { name: 'q' })
      await versions.enter({ scope: 's', resource: { pipelineId: shares, name: 'r' } }, 1)
      const other = new Versions(await target.another())
      const entered = await Promise.all([versions, other, versions, other].map((each) => each.enter({ scope: 'new', resource: { pipelineId, name: 'r' } }, 1)))
      expect(new Set(entered.map(({ id }) => id)).size).toBe(1)
      expect(await listed(entered[0]?.id ?? 0)).toEqual(['1', '2'])
    })
  })
}
