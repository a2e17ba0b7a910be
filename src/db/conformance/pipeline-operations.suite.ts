import { beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import type { PipelineConfig } from '../../model/config.ts'
import type { Pipeline, PipelineParent, PipelineRef } from '../../model/pipeline.ts'
import type { PipelineStore } from '../../pipelines/ports.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import type { PipelineStores } from './pipelines.suite.ts'

/** What is done with pipelines that were set. The team main is there. */
export function pipelineOperationsSuite(target: { readonly name: string; fresh(): Promise<PipelineStores> }): void {
  describe(target.name, () => {
    let pipelines: PipelineStore
    beforeEach(async () => {
      ;({ pipelines } = await target.fresh())
    })
    const job: PipelineConfig = { jobs: [{ name: 'j', plan: [] }] }
    async function set(name: string, given: { instanceVars?: JsonObject; parent?: PipelineParent; by?: string; at?: number } = {}): Promise<Pipeline> {
      const ref: PipelineRef = { team: 'main', name, ...(given.instanceVars && { instanceVars: given.instanceVars }) }
      const expected = (await pipelines.find(ref))?.configVersion
      const saved = await pipelines.save(
        ref,
        {
          config: { jobs: [{ name: 'j', plan: [] }] },
          by: given.by ?? 'jo',
          initially: given.parent === undefined ? 'paused' : 'unpaused',
          changes: (present) => rowChanges(present, job),
          ...(expected !== undefined && { expected }),
          ...(given.parent && { parent: given.parent }),
        },
        given.at ?? 1,
      )
      const found = await pipelines.find(ref)
      if (!saved.ok || found === undefined) throw new Error('not set')
      return found
    }
    const jobOf = async ({ id }: Pipeline): Promise<number> => (await pipelines.jobs(id))[0]?.id ?? 0
    const listed = async () => (await pipelines.list('main')).map(({ name, instanceVars }) => (instanceVars ? `${name}/${JSON.stringify(instanceVars)}` : name))

    it('keep the newest twenty configs, and say who set them', async () => {
      for (let i = 0; i < 22; i++) await set('p', { by: `user-${i}`, at: i })
      const p = await set('p', { by: 'last', at: 99 })
      const history = await pipelines.history(p.id)
      expect(history).toHaveLength(20)
      expect(history.slice(0, 2)).toEqual([{ version: p.configVersion, by: 'last', at: 99 }, { version: history[1]?.version, by: 'user-21', at: 21 }])
      expect(await pipelines.config(p.id, history[19]?.version ?? 0)).toEqual({ jobs: [{ name: 'j', plan: [] }] })
    })

    it('say of a config which build set it, and of one that a person set afterwards that none did', async () => {
      await set('p', { parent: { jobId: 1, buildId: 5, planId: '3' }, by: 'own/j #3' })
      const p = await set('p', { at: 2 })
      expect(await pipelines.history(p.id)).toEqual([{ version: p.configVersion, by: 'jo', at: 2 }, { version: expect.any(Number) as number, by: 'own/j #3', at: 1, build: 5 }])
    })

    it('P1: archive: the config goes, and who sets it again finds it paused and its jobs as they were', async () => {
      const p = await set('p')
      await pipelines.setPaused(p.id, undefined)
      const [jobRow] = await pipelines.jobs(p.id)
      await pipelines.archive(p.id, 5)
      const archived = await pipelines.find(p)
      expect(archived).toMatchObject({ id: p.id, archived: true, paused: true, updatedAt: 5 })
      expect(archived?.configVersion).toBeUndefined()
      expect([await pipelines.config(p.id, p.configVersion ?? 0), await pipelines.history(p.id)]).toEqual([undefined, []])
      expect(await set('p', { at: 6 })).toMatchObject({ id: p.id, archived: false, paused: true, pause: { by: 'jo', at: 6 } })
      expect(await pipelines.jobs(p.id)).toEqual([jobRow])
    })

    it('P2: an archived pipeline that a step sets is unpaused, a paused one stays paused', async () => {
      const p = await set('p')
      const parent = { jobId: 1, buildId: 5, planId: '3' }
      expect(await set('p', { parent })).toMatchObject({ paused: true, parent })
      await pipelines.archive(p.id, 5)
      expect(await set('p', { parent })).toMatchObject({ paused: false, archived: false })
    })

    it('P4: archive what an archived or removed pipeline has set, and what that has set', async () => {
      const top = await set('top')
      const middle = await set('middle', { parent: { jobId: await jobOf(top), buildId: 1, planId: '1' } })
      const low = await set('low', { parent: { jobId: await jobOf(middle), buildId: 2, planId: '1' }, instanceVars: { v: 1 } })
      const other = await set('other', { parent: { jobId: 9_999, buildId: 2, planId: '1' } })
      const states = async () => Promise.all([top, middle, low, other].map(async ({ id }) => (await pipelines.get(id))?.archived))
      await pipelines.archive(middle.id, 5)
      expect(await states()).toEqual([false, true, true, false])
      await set('middle', { parent: { jobId: await jobOf(top), buildId: 3, planId: '1' } })
      await set('low', { parent: { jobId: await jobOf(middle), buildId: 4, planId: '1' }, instanceVars: { v: 1 } })
      await pipelines.remove(top.id, 6)
      expect(await states()).toEqual([undefined, true, true, false])
    })

    it('P4: archive what a job has set that the config has no more, also the pipeline itself', async () => {
      const top = await set('top')
      const child = await set('child', { parent: { jobId: await jobOf(top), buildId: 1, planId: '1' } })
      const setOther = async (parent?: PipelineParent) => {
        const { configVersion: expected = 0 } = (await pipelines.get(top.id)) as Pipeline
        const changes = (present: Parameters<typeof rowChanges>[0]) => rowChanges(present, { jobs: [{ name: 'other', plan: [] }] })
        expect(await pipelines.save({ team: 'main', name: 'top' }, { config: {}, by: 'jo', initially: 'paused', expected, changes, ...(parent && { parent }) }, 7)).toMatchObject({ ok: true })
      }
      await setOther()
      expect(await Promise.all([top, child].map(async ({ id }) => (await pipelines.get(id))?.archived))).toEqual([false, true])
      const again = await set('top')
      await setOther({ jobId: await jobOf(again), buildId: 5 })
      expect(await pipelines.get(top.id)).toMatchObject({ archived: true })
    })

    it('rename all instances of a name, but not onto another pipeline', async () => {
      const [a, instance] = [await set('a'), await set('a', { instanceVars: { v: 1 } })]
      await set('b')
      const group = { team: 'main', name: 'a' }
      expect(await pipelines.rename({ ...group, name: 'none' }, 'c')).toBe('unknown')
      expect(await pipelines.rename(group, 'b')).toBe('taken')
      expect(await pipelines.rename(group, 'a')).toBe('renamed')
      expect(await pipelines.rename(group, 'c')).toBe('renamed')
      expect(await pipelines.find({ team: 'main', name: 'c', instanceVars: { v: 1 } })).toMatchObject({ id: instance.id })
      expect(await pipelines.get(a.id)).toMatchObject({ name: 'c' })
      expect(await pipelines.config(a.id, a.configVersion ?? 0)).toEqual({ jobs: [{ name: 'j', plan: [] }] })
    })

    it('order pipelines, and instances of a name, or nothing when one is unknown', async () => {
      for (const name of ['a', 'b', 'c']) await set(name)
      for (const v of [1, 2]) await set('b', { instanceVars: { v } })
      expect(await pipelines.order('main', ['c', 'nope', 'a'])).toEqual({ ok: false, error: { name: 'nope' } })
      expect(await listed()).toEqual(['a', 'b', 'b/{"v":1}', 'b/{"v":2}', 'c'])
      expect(await pipelines.order('main', ['c', 'b', 'a'])).toEqual({ ok: true, value: undefined })
      const group = { team: 'main', name: 'b' }
      expect(await pipelines.orderInstances(group, [{ v: 2 }, { v: 3 }])).toEqual({ ok: false, error: { name: 'b', instanceVars: { v: 3 } } })
      expect(await pipelines.orderInstances(group, [{ v: 2 }, {}, { v: 1 }])).toEqual({ ok: true, value: undefined })
      expect(await listed()).toEqual(['c', 'b/{"v":2}', 'b', 'b/{"v":1}', 'a'])
      await set('d')
      await set('b', { instanceVars: { v: 3 } })
      expect(await listed()).toEqual(['c', 'b/{"v":2}', 'b', 'b/{"v":1}', 'b/{"v":3}', 'a', 'd'])
    })

    it('P3: take a newer build for a parent, and no older one', async () => {
      const parent = { jobId: 1, buildId: 5, planId: '3' }
      const p = await set('p')
      expect(await pipelines.setParent(p.id, parent)).toBe(true)
      expect(await pipelines.setParent(p.id, { ...parent, buildId: 4 })).toBe(false)
      expect(await pipelines.setParent(p.id, { ...parent, planId: '4' })).toBe(true)
      expect(await pipelines.get(p.id)).toMatchObject({ parent: { ...parent, planId: '4' } })
    })
  })
}
