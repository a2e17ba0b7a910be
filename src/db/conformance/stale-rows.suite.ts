import { beforeEach, describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import type { ComponentName, Gates } from '../../model/component.ts'
import { staleRowCollector } from '../../retention/stale-rows.ts'
import type { Db } from '../db.ts'
import { StaleRows } from '../stale-rows.ts'
import { scopeIn } from './build-fixtures.ts'
import type { Target } from './target.ts'

const hourMs = 3_600_000

export function staleRowsSuite(target: Target): void {
  describe('rows that nothing needs any more', () => {
    let db: Db
    let at: Awaited<ReturnType<typeof scopeIn>>
    const clock = fakeClock()
    let collect: (signal: AbortSignal) => Promise<void>
    beforeEach(async () => {
      db = await target.fresh()
      at = await scopeIn(db)
      collect = staleRowCollector({ store: new StaleRows(db), clock: { ...clock, sleep: () => Promise.resolve() }, log: silentLog })
    })
    const run = () => collect(new AbortController().signal)
    const count = async (table: string) => (await db.query<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n

    const versions = (from: number, to: number) =>
      db.query(`insert into versions (id, hash, version) select n, sha256(n::text::bytea), jsonb_build_object('n', n::text) from generate_series($1::int, $2::int) n`, [from, to])
    async function scope(key: string, resource?: string): Promise<number> {
      const [made] = await db.query<{ id: number }>('insert into resource_config_scopes (key, created_at) values ($1, 0) returning id', [key])
      if (resource !== undefined) await db.query(`insert into resources (pipeline_id, name, type, text_hash, scope_id) values ($1, $2, 'git', 'h', $3)`, [at.pipelineId, resource, made?.id ?? 0])
      return made?.id ?? 0
    }
    const build = async (kind: string, ended: number | null) =>
      (
        await db.query<{ id: number }>(`insert into builds (kind, name, team_id, pipeline_id, job_id, status, created_at, ended_at) values ($1, '1', $2, $3, $4, 'aborted', 0, $5) returning id`, [
          kind, at.teamId, kind === 'job' ? at.pipelineId : null, kind === 'job' ? at.jobId : null, ended,
        ])
      )[0]?.id ?? 0

    it('go with their events: checks that ended a day ago and are not the last of their scope', async () => {
      const [old, last, young, job] = [await build('check', 1), await build('check', 1), await build('check', clock.now()), await build('job', 1)]
      for (const id of [old, last, young, job]) await db.query(`insert into build_events (build_id, event_id, type, version, payload, saved_at) values ($1, 0, 'log', '1', '{}', 0)`, [id])
      await db.query('insert into scope_checks (scope_id, build_id, ended_at) values ($1, $2, $3)', [await scope('s', 'r'), last, clock.now()])
      await run()
      expect((await db.query<{ id: number }>('select id from builds order by id')).map(({ id }) => id)).toEqual([last, young, job])
      expect(await count('build_events')).toBe(3)
    })

    it('go: entries of the audit that are older than 400 days', async () => {
      const day = 24 * 3_600_000
      for (const age of [401, 399, 1]) await db.query(`insert into audit (at, action, user_name, subject, status, address) values ($1, 'a', '', '/', 200, '')`, [clock.now() - age * day])
      await run()
      expect(await count('audit')).toBe(2)
    })

    it('stay while the component that removes them is paused', async () => {
      const paused = new Set<ComponentName>(['audit_collector', 'collector_resource_configs'])
      const gates: Gates = (name) => ({ open: !paused.has(name), passed: () => undefined })
      collect = staleRowCollector({ store: new StaleRows(db), gates, clock: { ...clock, sleep: () => Promise.resolve() }, log: silentLog })
      await db.query(`insert into audit (at, action, user_name, subject, status, address) values (-1e12::bigint, 'a', '', '/', 200, '')`)
      await scope('nobody’s')
      await build('check', 1)
      await run()
      expect([await count('audit'), await count('resource_config_scopes'), await count('builds')]).toEqual([1, 1, 0])
      paused.clear()
      await run()
      expect([await count('audit'), await count('resource_config_scopes')]).toEqual([0, 0])
    })

    it('go: versions of a scope beyond its newest 10 000; those that a build took, a pin wants or somebody disabled stay', async () => {
      const id = await scope('s', 'r')
      await versions(1, 10_800)
      await db.query('insert into scope_versions (scope_id, version_id, check_order, created_at) select $1, id, id, 0 from versions', [id])
      const [resource] = await db.query<{ id: number }>('select id from resources')
      await db.query(`insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence) values ($1, 'i', $2, 5, true)`, [await build('job', 1), resource?.id ?? 0])
      await db.query('insert into disabled_versions (resource_id, version_id) values ($1, 6)', [resource?.id ?? 0])
      await db.query(`update resources set pin = '{"n": "7"}'`)
      await run()
      expect((await db.query<{ version_id: number }>('select version_id from scope_versions order by check_order limit 4')).map(({ version_id }) => version_id)).toEqual([5, 6, 7, 801])
      expect(await count('scope_versions')).toBe(10_003)
    })

    it('go a day later: versions that nothing refers to; never one that was interned meanwhile', async () => {
      await scope('s', 'r')
      await versions(1, 1_200)
      await db.query('insert into scope_versions (scope_id, version_id, check_order, created_at) select s.id, v.id, 1, 0 from versions v, resource_config_scopes s where v.id <= 10')
      await run()
      expect(await count('versions')).toBe(1_200)
      await clock.advance(23 * hourMs)
      await versions(2_000, 2_004)
      await run()
      expect(await count('versions')).toBe(1_205)
      await clock.advance(hourMs)
      await run()
      expect(await count('versions')).toBe(15)
      await clock.advance(24 * hourMs)
      await run()
      expect(await count('versions')).toBe(10)
    })

    it('go: scopes that no resource has and nobody checks, with what jobs remember of their versions', async () => {
      const [used, unused, checked] = [await scope('used', 'r'), await scope('unused'), await scope('checked')]
      await db.query('insert into scope_checks (scope_id, ended_at) values ($1, $2)', [checked, clock.now()])
      await versions(1, 2)
      await db.query('insert into scope_versions (scope_id, version_id, check_order, created_at) values ($1, 1, 1, 0), ($2, 2, 1, 0)', [used, unused])
      const [resource] = await db.query<{ id: number }>('select id from resources')
      for (const table of ['passed_versions (job_id, resource_id, version_id)', 'job_used (job_id, resource_id, version_id, input, last_build)'])
        for (const version of [1, 2]) await db.query(`insert into ${table} values ($1, $2, ${version}${table.startsWith('job') ? `, 'i', 1` : ''})`, [at.jobId, resource?.id ?? 0])
      await run()
      expect((await db.query<{ key: string }>('select key from resource_config_scopes order by key')).map(({ key }) => key)).toEqual(['checked', 'used'])
      expect([await count('job_used'), await count('passed_versions')]).toEqual([1, 1])
    })

    it('go: successes beyond the newest 5 000 of a job; the newest of each version stays', async () => {
      await db.query(
        `with made as (
           insert into builds (kind, name, team_id, pipeline_id, job_id, status, created_at, ended_at) select 'job', n::text, $1, $2, $3, 'aborted', 0, 1 from generate_series(1, 5100) n returning id
         ) insert into successes (build_id, job_id, ord, resources, versions) select id, $3, id, '{1}', array[case when id % 5100 = 50 then 1 else 2 end] from made order by id`,
        [at.teamId, at.pipelineId, at.jobId],
      )
      await run()
      expect(await count('successes')).toBe(5_001)
      expect(await count('successes where versions @> array[1::bigint]')).toBe(1)
    })

    it('go: records of removed containers of builds that ended', async () => {
      const [ended, running] = [await build('job', 1), await build('job', null)]
      for (const [handle, id, state] of [['a', ended, 'removed'], ['b', ended, 'kept'], ['c', running, 'removed']] as const) {
        await db.query(`insert into containers (handle, build_id, plan_id, state, guess, log, created_at, updated_at) values ($1, $2, '1', $3, false, '{}', 0, 0)`, [handle, id, state])
      }
      await run()
      expect((await db.query<{ handle: string }>('select handle from containers order by handle')).map(({ handle }) => handle)).toEqual(['b', 'c'])
    })
  })
}
