import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import type { PipelineConfig } from '../../model/config.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import type { Db } from '../db.ts'
import { BuildEvents } from '../build-events.ts'
import { Builds } from '../builds.ts'
import { Pipelines } from '../pipelines.ts'
import { Teams } from '../teams.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

/** Tables that setting a pipeline writes, and that others read by SQL of their own. */
export function pipelineRowsSuite(target: Target): void {
  describe('rows of a pipeline that is set', () => {
    let db: Db
    let pipelines: Pipelines
    const ref = { team: 'main', name: 'p' }
    beforeEach(async () => {
      db = await target.fresh()
      await new Teams(db).put({ name: 'main', auth: {}, admin: true }, 0)
      pipelines = new Pipelines(db, cipher)
    })
    const set = async (config: PipelineConfig): Promise<void> => {
      const expected = (await pipelines.find(ref))?.configVersion
      const saved = await pipelines.save(ref, { config: {}, by: 'jo', initially: 'paused', changes: (present) => rowChanges(present, config), ...(expected !== undefined && { expected }) }, 1)
      expect(saved.ok).toBe(true)
    }
    const job = (name: string, fields: object = {}) => ({ name, plan: [], ...fields })

    it('P1: want every job to be scheduled, those too that the config has no more', async () => {
      await set({ jobs: [job('a'), job('b')] })
      await set({ jobs: [job('a'), job('c')] })
      expect(await db.query('select name, active, wanted, done from job_schedule s join jobs on jobs.id = job_id order by name')).toEqual([
        { name: 'a', active: true, wanted: 2, done: 0 },
        { name: 'b', active: false, wanted: 2, done: 0 },
        { name: 'c', active: true, wanted: 1, done: 0 },
      ])
    })

    it('B7: put jobs into serial groups, and remove groups that nothing names', async () => {
      const groups = () => db.query('select jobs.name as job, g.name as "group" from job_serial_groups join jobs on jobs.id = job_id join serial_groups g on g.id = group_id order by 1, 2')
      await set({ jobs: [job('a', { serial_groups: ['x', 'y'] }), job('b', { serial_groups: ['x'] }), job('c', { serial: true })] })
      expect(await groups()).toEqual([{ job: 'a', group: 'x' }, { job: 'a', group: 'y' }, { job: 'b', group: 'x' }, { job: 'c', group: 'c' }])
      const [before] = await db.query<{ id: number }>(`select id from serial_groups where name = 'x'`)
      await set({ jobs: [job('a', { serial_groups: ['x'] }), job('c')] })
      expect(await groups()).toEqual([{ job: 'a', group: 'x' }])
      expect(await db.query('select id from serial_groups')).toEqual([before])
    })

    it('P4: a succeeded build archives what its job has set and it has not, an older or a failed one nothing', async () => {
      await set({ jobs: [job('j')] })
      const parentId = (await pipelines.find(ref))?.id ?? 0
      const jobId = (await pipelines.jobs(parentId))[0]?.id ?? 0
      const scope = { teamId: (await pipelines.get(parentId))?.teamId ?? 0, pipelineId: parentId, jobId }
      const builds = new Builds(db, cipher)
      const started = async () => builds.createStarted({ kind: 'job', scope }, {}, 1)
      const child = async (name: string, buildId: number, instanceVars?: JsonObject): Promise<Pipeline> => {
        const own = { team: 'main', name, ...(instanceVars && { instanceVars }) }
        const saved = await pipelines.save(own, { config: {}, by: '', initially: 'unpaused', parent: { jobId, buildId, planId: '1' }, changes: (present) => rowChanges(present, { jobs: [job('k')] }) }, 1)
        expect(saved.ok).toBe(true)
        return (await pipelines.find(own)) as Pipeline
      }
      const end = async (id: number, status: 'succeeded' | 'failed') => {
        await builds.claim(`o${id}`, 1, 1_000, id)
        expect(await builds.commit(id, `o${id}`, 7_000, { finish: { status } })).toBe('committed')
      }
      const [first, second, third] = [await started(), await started(), await started()]
      const [a, b] = [await child('a', first), await child('b', first, { v: 1 })]
      const grandchild = await child('c', second)
      await pipelines.setParent(grandchild.id, { jobId: (await pipelines.jobs(a.id))[0]?.id ?? 0, buildId: third, planId: '1' })
      const pending = await builds.create({ kind: 'job', scope: { teamId: scope.teamId, pipelineId: a.id, jobId: (await pipelines.jobs(a.id))[0]?.id ?? 0 } }, 1)
      const archived = async () => (await Promise.all([a, b, grandchild].map(({ id }) => pipelines.get(id)))).map((one) => one?.archived)

      await end(first, 'succeeded')
      await end(third, 'failed')
      expect(await archived()).toEqual([false, false, false])
      await pipelines.setParent(b.id, { jobId, buildId: second, planId: '1' })
      await end(second, 'succeeded')
      expect(await archived()).toEqual([true, false, true])
      expect(await db.query('select status from builds where id = $1', [pending])).toEqual([{ status: 'aborted' }])
      expect((await new BuildEvents(db, { clock: systemClock }).read(pending, -1, 9)).map(({ payload }) => JSON.parse(payload) as unknown)).toEqual([
        { message: 'the pipeline was archived before the build started', origin: { id: '' }, time: 7 },
        { status: 'aborted', time: 7 },
      ])
      const rerun = await started()
      await db.query('update builds set rerun_of = $2, rerun_number = 1 where id = $1', [rerun, first])
      await end(rerun, 'succeeded')
      expect(await archived()).toEqual([true, false, true])
      // Set by a build whose job is gone meanwhile.
      const orphaned = await started()
      await set({ jobs: [] })
      const orphan = await child('orphan', orphaned)
      await end(orphaned, 'failed')
      expect(await pipelines.get(orphan.id)).toMatchObject({ archived: true })
      await set({ jobs: [job('j')] })
      await child('b', orphaned, { v: 1 })
      // Set by a build that is older than one that succeeded without: it goes at that build's own end.
      const [late, newer] = [await started(), await started()]
      await end(newer, 'succeeded')
      await pipelines.setParent(b.id, { jobId, buildId: late, planId: '1' })
      await end(late, 'succeeded')
      expect(await archived()).toEqual([true, true, true])
    })

    it('B8, P5: a build that has started keeps its plan when its job goes and when its pipeline is archived, a pending one ends', async () => {
      await set({ jobs: [job('j')] })
      const id = (await pipelines.find(ref))?.id ?? 0
      const scope = { teamId: (await pipelines.get(id))?.teamId ?? 0, pipelineId: id, jobId: (await pipelines.jobs(id))[0]?.id ?? 0 }
      const builds = new Builds(db, cipher)
      const running = await builds.createStarted({ kind: 'job', scope }, { plan: 'as it was' }, 1)
      const pending = await builds.create({ kind: 'job', scope }, 1)
      await set({ jobs: [job('other')] })
      await pipelines.archive(id, 2)
      expect(await builds.get(running)).toMatchObject({ status: 'started', context: { plan: 'as it was' }, job: 'j' })
      expect(await builds.get(pending)).toMatchObject({ status: 'aborted' })
      await builds.claim('o', 3, 1_000, running)
      expect(await builds.commit(running, 'o', 3, { finish: { status: 'succeeded' } })).toBe('committed')
    })

    it('leave nothing behind of a pipeline that is removed', async () => {
      await set({ jobs: [job('j', { serial: true, plan: [{ kind: 'get', get: 'r' }] })], resources: [{ name: 'r', type: 't', source: {} }], resource_types: [{ name: 't', type: 'u', source: {} }] })
      const id = (await pipelines.find(ref))?.id ?? 0
      const scope = { teamId: (await pipelines.get(id))?.teamId ?? 0, pipelineId: id, jobId: (await pipelines.jobs(id))[0]?.id ?? 0 }
      const builds = new Builds(db, cipher)
      const made: number[] = []
      for (let i = 0; i < 3; i++) made.push(await builds.create({ kind: 'job', scope }, 1))
      await builds.requestAbort(made[0] ?? 0, 1)
      await pipelines.remove(id, 2)
      const tables = ['pipelines', 'jobs', 'pipeline_configs', 'resources', 'resource_types', 'job_inputs', 'serial_groups', 'job_serial_groups', 'job_schedule', 'builds', 'build_events']
      for (const table of tables) expect(await db.query(`select count(*) as count from ${table}`)).toEqual([{ count: 0 }])
    })

    it('I9: keep scopes of resources and types while their text is the same', async () => {
      const resource = (source: object) => ({ name: 'r', type: 't', source: source as never })
      const config = (source: object) => ({ resources: [resource(source)], resource_types: [resource(source)], prototypes: [{ ...resource(source), name: 'gone' }] })
      await set(config({ a: 1 }))
      await db.query(`insert into resource_config_scopes (key, created_at) values ('k', 1)`)
      for (const table of ['resources', 'resource_types']) await db.query(`update ${table} set scope_id = (select id from resource_config_scopes)`)
      const scopes = () => db.query(`select name, scope_id is not null as kept from resources union all select kind, scope_id is not null from resource_types order by 1`)
      await set({ ...config({ a: 1 }), prototypes: [] })
      expect(await scopes()).toEqual([{ name: 'r', kept: true }, { name: 'resource-type', kept: true }])
      await set({ ...config({ a: 2 }), prototypes: [] })
      expect(await scopes()).toEqual([{ name: 'r', kept: false }, { name: 'resource-type', kept: false }])
    })
  })
}
