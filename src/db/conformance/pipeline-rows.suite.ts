import { beforeEach, describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../model/config.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import type { Db } from '../db.ts'
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
