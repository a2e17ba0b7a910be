import { beforeEach, describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../model/config.ts'
import type { JsonObject } from '../../model/json.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import { Dashboard } from '../dashboard.ts'
import type { Db } from '../db.ts'
import { Pipelines } from '../pipelines.ts'
import { Teams } from '../teams.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

/** Pipelines as the dashboard shows them. */
export function dashboardSuite(target: Target): void {
  describe('the dashboard', () => {
    let db: Db
    let pipelines: Pipelines
    beforeEach(async () => {
      db = await target.fresh()
      for (const name of ['main', 'other']) await new Teams(db).put({ name, auth: {}, admin: false }, 0)
      pipelines = new Pipelines(db, cipher)
    })
    const job = (name: string) => ({ name, plan: [] })
    const set = async (name: string, config: PipelineConfig, { team = 'main', instanceVars }: { team?: string; instanceVars?: JsonObject } = {}): Promise<number> => {
      const ref = { team, name, ...(instanceVars && { instanceVars }) }
      const expected = (await pipelines.find(ref))?.configVersion
      const saved = await pipelines.save(ref, { config: JSON.parse(JSON.stringify(config)) as JsonObject, by: 'jo', initially: 'unpaused', changes: (present) => rowChanges(present, config), ...(expected !== undefined && { expected }) }, 1)
      expect(saved.ok).toBe(true)
      return (await pipelines.find(ref))?.id ?? 0
    }
    const jobId = async (pipeline: number, name: string): Promise<number> => (await pipelines.jobs(pipeline)).find((one) => one.name === name)?.id ?? 0
    /** The last build of the job. */
    const ended = async (pipeline: number, name: string, status: string, at: number): Promise<void> => {
      const id = await jobId(pipeline, name)
      await db.query(
        `with made as (insert into builds (kind, name, team_id, pipeline_id, job_id, status, context, created_at, started_at, ended_at)
           select 'job', '1', team_id, id, $2, $3, '', 0, 0, $4 from pipelines where id = $1 returning id)
         update jobs set finished_build = made.id from made where jobs.id = $2`,
        [pipeline, id, status, at],
      )
    }
    const runs = async (pipeline: number, name: string, since: number): Promise<void> => {
      const id = await jobId(pipeline, name)
      await db.query(`insert into builds (kind, name, team_id, pipeline_id, job_id, status, context, created_at, started_at) select 'job', '2', team_id, id, $2, 'started', '', 0, $3 from pipelines where id = $1`, [pipeline, id, since])
    }
    const shown = async (teams?: readonly string[]) => new Dashboard(db).pipelines(teams)

    it('has a character for each job, in the order of the config', async () => {
      const id = await set('p', { jobs: ['old', 'd', 'c', 'b', 'a', 'n', 'z'].map(job) })
      await set('p', { jobs: ['a', 'b', 'c', 'd', 'n', 'z', 'new'].map(job) })
      for (const [name, status] of [['a', 'aborted'], ['b', 'failed'], ['c', 'errored'], ['d', 'succeeded'], ['z', 'failed']] as const) await ended(id, name, status, 10)
      await runs(id, 'd', 20)
      await runs(id, 'n', 21)
      await pipelines.setJobPaused(await jobId(id, 'z'), { by: 'jo', at: 1 })
      expect((await shown())[0]).toMatchObject({ jobs: 'afeSP.p', jobNames: 'a\nb\nc\nd\nn\nz\nnew', running: { job: 'd', at: 20 } })
    })

    it('names the worst job, of equal ones the one that ended last, and none that is paused', async () => {
      const id = await set('p', { jobs: ['a', 'b', 'c', 'd'].map(job) })
      expect((await shown())[0]).not.toHaveProperty('finished')
      await ended(id, 'a', 'succeeded', 40)
      await ended(id, 'b', 'succeeded', 50)
      expect((await shown())[0]).toMatchObject({ finished: { status: 'succeeded', job: 'b', at: 50 } })
      await ended(id, 'c', 'failed', 30)
      await ended(id, 'd', 'failed', 20)
      expect((await shown())[0]).toMatchObject({ finished: { status: 'failed', job: 'c', at: 30 } })
      await pipelines.setJobPaused(await jobId(id, 'c'), { by: 'jo', at: 1 })
      expect((await shown())[0]).toMatchObject({ finished: { status: 'failed', job: 'd', at: 20 } })
    })

    it('shows groups, the background, a resource whose check fails, and how many there are', async () => {
      const id = await set('p', { groups: [{ name: 'x', jobs: ['a'] }, { name: 'y' }], display: { background_image: 'https://x.example/a.png' }, jobs: [job('a')], resources: ['r', 's', 't'].map((name) => ({ name, type: 'git', source: {} })) })
      await db.query(`with made as (insert into resource_config_scopes (key, created_at) values ('k', 0) returning id) update resources set scope_id = made.id from made where pipeline_id = $1 and name <> 't'`, [id])
      await db.query(`insert into scope_checks (scope_id, failures, error) select distinct scope_id, 2, 'denied' from resources where name = 'r'`)
      expect((await shown())[0]).toMatchObject({ groups: ['x', 'y'], display: { background_image: 'https://x.example/a.png' }, failing: { resource: 'r', error: 'denied', count: 2 }, pinned: false })
      await db.query('update scope_checks set failures = 0, error = null')
      await set('p', { jobs: [job('a')] })
      const [after] = await shown()
      expect(after).toMatchObject({ groups: [] })
      expect(after).not.toHaveProperty('failing')
      expect(after).not.toHaveProperty('display')
    })

    it('tells of pins, which somebody or the config has made, while the resource is there', async () => {
      const resource = { name: 'r', type: 'git', source: {} }
      const id = await set('p', { jobs: [], resources: [resource] })
      await set('q', { jobs: [], resources: [{ ...resource, version: { ref: 'a' } }] })
      const pinned = async () => (await shown()).map(({ name, pinned: is }) => [name, is])
      expect(await pinned()).toEqual([['p', false], ['q', true]])
      await db.query(`update resources set pin = '{"ref":"b"}' where pipeline_id = $1`, [id])
      expect(await pinned()).toEqual([['p', true], ['q', true]])
      await set('p', { jobs: [] })
      expect(await pinned()).toEqual([['p', false], ['q', true]])
    })

    it('has the pipelines of the teams and public ones, each team’s in its order', async () => {
      await set('a', {})
      await set('b', {})
      await set('b', {}, { instanceVars: { v: 1 } })
      const open = await set('open', {}, { team: 'other' })
      await set('hidden', {}, { team: 'other' })
      await pipelines.setPublic(open, true)
      await pipelines.setPaused(open, { by: 'kim', at: 7, why: 'freeze' })
      await pipelines.order('main', ['b', 'a'])
      const names = async (teams?: readonly string[]) => (await shown(teams)).map(({ team, name, instanceVars, place }) => [team, name, instanceVars ?? '', place])
      const main = [['main', 'b', '', 0], ['main', 'b', { v: 1 }, 1], ['main', 'a', '', 2]]
      expect(await names()).toEqual([...main, ['other', 'open', '', 0], ['other', 'hidden', '', 1]])
      expect(await names(['main'])).toEqual([...main, ['other', 'open', '', 0]])
      expect(await shown([])).toMatchObject([{ name: 'open', public: true, archived: false, paused: { by: 'kim', at: 7, why: 'freeze' }, jobs: '' }])
    })

    it('shows an archived pipeline without its jobs', async () => {
      const id = await set('p', { jobs: [job('a')] })
      await ended(id, 'a', 'failed', 1)
      await pipelines.archive(id, 2)
      expect(await shown()).toMatchObject([{ archived: true, jobs: '', jobNames: '' }])
    })
  })
}
