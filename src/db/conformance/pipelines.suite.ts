import { beforeEach, describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../model/config.ts'
import { ok } from '../../model/result.ts'
import type { ConfigToSave, PipelineStore, ResourceStore, RowChanges } from '../../pipelines/ports.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'

export interface PipelineStores {
  readonly pipelines: PipelineStore
  readonly resources: ResourceStore
}

/** What every store of pipelines must do. It has the teams main and other. */
export function pipelinesSuite(target: { readonly name: string; fresh(): Promise<PipelineStores> }): void {
  describe(target.name, () => {
    let pipelines: PipelineStore
    let resources: ResourceStore
    beforeEach(async () => {
      ;({ pipelines, resources } = await target.fresh())
    })
    const ref = { team: 'main', name: 'p' }
    const table = { remove: [], rename: [], insert: [], update: [], deactivate: [] }
    const noChanges: RowChanges = { jobs: table, resources: table, types: [], inputs: [], serialGroups: [] }
    const save = (given: Partial<ConfigToSave> = {}): ConfigToSave => ({ config: { jobs: [] }, by: 'jo', initially: 'paused', changes: () => ok(noChanges), ...given })
    const set = async (config: PipelineConfig): Promise<number> => {
      const saved = await pipelines.save(ref, { ...save({ changes: (present) => rowChanges(present, config) }), ...(await expected()) }, 9)
      if (!saved.ok) throw new Error(saved.error.kind)
      return (await pipelines.find(ref))?.id ?? 0
    }
    const expected = async (): Promise<{ expected?: number }> => {
      const version = (await pipelines.find(ref))?.configVersion
      return version === undefined ? {} : { expected: version }
    }
    const versionOf = async (): Promise<number> => (await pipelines.find(ref))?.configVersion ?? 0

    it('make a pipeline paused, and keep what was set', async () => {
      const config = { jobs: [{ name: 'j', plan: [{ get: 'a\0b', source: { x: [1, null, 'ü'] } }] }] }
      expect(await pipelines.save(ref, save({ config }), 1_000)).toEqual({ ok: true, value: 'created' })
      const made = await pipelines.find(ref)
      expect(made).toMatchObject({ team: 'main', name: 'p', paused: true, pause: { by: 'jo', at: 1_000 }, public: false, archived: false, updatedAt: 1_000 })
      if (made?.configVersion === undefined) throw new Error('no version')
      expect(await pipelines.config(made.id, made.configVersion)).toEqual(config)
      expect(await pipelines.list()).toEqual([made])
      expect(await pipelines.list('other')).toEqual([])
      expect(await pipelines.get(made.id)).toEqual(made)
      expect(await pipelines.find({ ...ref, name: 'q' })).toBeUndefined()
    })

    it('refuse a config that was made from another version', async () => {
      await pipelines.save(ref, save(), 1)
      const version = await versionOf()
      expect(await pipelines.save(ref, save(), 2)).toEqual({ ok: false, error: { kind: 'stale' } })
      expect(await pipelines.save(ref, save({ expected: version + 1 }), 2)).toEqual({ ok: false, error: { kind: 'stale' } })
      expect(await pipelines.save(ref, save({ expected: version }), 2)).toEqual({ ok: true, value: 'updated' })
      expect(await pipelines.save(ref, save({ expected: version }), 3)).toEqual({ ok: false, error: { kind: 'stale' } })
      expect(await versionOf()).toBeGreaterThan(version)
    })

    it('let one of two win who set a pipeline at once', async () => {
      await pipelines.save(ref, save(), 1)
      const expected = await versionOf()
      const both = await Promise.all([pipelines.save(ref, save({ expected }), 2), pipelines.save(ref, save({ expected }), 2)])
      expect(both.filter(({ ok }) => ok)).toHaveLength(1)
    })

    it('refuse a team that is not there', async () => {
      expect(await pipelines.save({ team: 'nobody', name: 'p' }, save(), 1)).toEqual({ ok: false, error: { kind: 'no-team' } })
    })

    it('tell instances apart by their vars, whatever the order of keys', async () => {
      await pipelines.save({ ...ref, instanceVars: { a: 1, b: { d: 2, c: 3 } } }, save(), 1)
      expect(await pipelines.find(ref)).toBeUndefined()
      expect(await pipelines.find({ ...ref, instanceVars: { b: { c: 3, d: 2 }, a: 1 } })).toMatchObject({ instanceVars: { a: 1, b: { c: 3, d: 2 } } })
      expect(await pipelines.save(ref, save(), 2)).toEqual({ ok: true, value: 'created' })
    })

    it('P1, B10: write jobs and groups, and keep a pause through a rename and an absence', async () => {
      const pipelineId = await set({ jobs: [{ name: 'b', public: true, plan: [] }, { name: 'a', max_in_flight: 3, plan: [] }] })
      const [b, a] = await pipelines.jobs(pipelineId)
      expect([await pipelines.jobsOf([pipelineId, 999]), await pipelines.jobsOf([])]).toEqual([[b, a], []])
      expect([b, a]).toMatchObject([{ name: 'b', active: true, public: true, paused: false }, { name: 'a', public: false, maxInFlight: 3 }])
      if (a === undefined || b === undefined) throw new Error('no jobs')
      await pipelines.setJobPaused(a.id, { by: 'max', at: 5, why: 'freeze' })
      await set({ jobs: [{ name: 'c', old_name: 'b', serial_groups: ['g'], plan: [] }] })
      expect(await pipelines.jobs(pipelineId)).toMatchObject([{ id: b.id, name: 'c', active: true, public: false, maxInFlight: 1 }, { id: a.id, active: false, paused: true, pause: { by: 'max', at: 5, why: 'freeze' } }])
      await set({ jobs: [{ name: 'a', plan: [] }, { name: 'b', plan: [] }] })
      const after = await pipelines.jobs(pipelineId)
      expect(after.find(({ name }) => name === 'a')).toEqual({ ...a, paused: true, pause: { by: 'max', at: 5, why: 'freeze' }, maxInFlight: undefined })
      expect(after.map(({ name, active }) => [name, active])).toEqual([['c', false], ['a', true], ['b', true]])
    })

    it('B10: give a row to the old_name of a chain, whose inactive target goes', async () => {
      const pipelineId = await set({ jobs: [{ name: 'a', plan: [] }, { name: 'b', plan: [] }, { name: 'c', plan: [] }] })
      const [a, b] = await pipelines.jobs(pipelineId)
      await set({ jobs: [{ name: 'a', plan: [] }, { name: 'b', plan: [] }] })
      await set({ jobs: [{ name: 'b', old_name: 'a', plan: [] }, { name: 'c', old_name: 'b', plan: [] }] })
      expect((await pipelines.jobs(pipelineId)).map(({ id, name }) => [id, name])).toEqual([[a?.id, 'b'], [b?.id, 'c']])
    })

    it('write resources, and inputs that stand anywhere', async () => {
      const pipelineId = await set({
        resources: [{ name: 'r', type: 'git', source: { uri: 'u' } }, { name: 'q', type: 'git', source: {}, version: { ref: 'x' } }],
        jobs: [
          { name: 'up-1', plan: [{ kind: 'get', get: 'r' }] },
          { name: 'up-2', plan: [{ kind: 'get', get: 'r' }] },
          { name: 'j', plan: [{ kind: 'get', get: 'in', resource: 'r', passed: ['up-1', 'up-2'], trigger: true }], ensure: { kind: 'get', get: 'q', version: { ref: 'y' } } },
        ],
      })
      const [up1, up2, job] = await pipelines.jobs(pipelineId)
      const [r, q] = await resources.resources(pipelineId)
      expect([r, q]).toMatchObject([{ name: 'r', type: 'git', active: true }, { name: 'q', pin: { version: { ref: 'x' }, inConfig: true } }])
      expect(r?.pin ?? r?.scopeId).toBeUndefined()
      const plain = { name: 'r', resourceId: r?.id, passed: [], trigger: false, every: false }
      expect(await resources.inputs(pipelineId)).toEqual([
        { ...plain, jobId: up1?.id },
        { ...plain, jobId: up2?.id },
        { ...plain, jobId: job?.id, name: 'in', passed: [up1?.id, up2?.id], trigger: true },
        { ...plain, jobId: job?.id, name: 'q', resourceId: q?.id, pin: { ref: 'y' } },
      ])
      await set({ resources: [{ name: 'q2', old_name: 'q', type: 'git', source: { a: 1 } }], jobs: [{ name: 'j', plan: [] }] })
      const after = await resources.resources(pipelineId)
      expect(after).toMatchObject([{ id: r?.id, active: false }, { id: q?.id, name: 'q2', active: true }])
      expect(after[1]?.pin).toBeUndefined()
      expect(after[1]?.textHash).not.toBe(q?.textHash)
      expect(await resources.inputs(pipelineId)).toEqual([])
    })

    it('save nothing when the rows are refused, or a newer build has set it', async () => {
      expect(await pipelines.save(ref, save({ changes: () => ({ ok: false, error: { kind: 'unstorable', path: 'x' } }) }), 1)).toEqual({ ok: false, error: { kind: 'unstorable', path: 'x' } })
      expect(await pipelines.find(ref)).toBeUndefined()
      const parent = { jobId: 7, buildId: 20, planId: '3' }
      expect(await pipelines.save(ref, save({ parent, initially: 'unpaused' }), 1)).toEqual({ ok: true, value: 'created' })
      expect(await pipelines.find(ref)).toMatchObject({ parent, paused: false })
      expect(await pipelines.save(ref, save({ ...(await expected()), parent: { ...parent, buildId: 19 } }), 2)).toEqual({ ok: false, error: { kind: 'newer-build' } })
      expect(await pipelines.save(ref, save({ ...(await expected()), parent }), 2)).toEqual({ ok: true, value: 'updated' })
      await pipelines.save(ref, save(await expected()), 3)
      expect((await pipelines.find(ref))?.parent).toBeUndefined()
    })

    it('list by team and order of making, instances together', async () => {
      for (const made of [{ team: 'other', name: 'z' }, { team: 'main', name: 'b', instanceVars: { v: 1 } }, { team: 'main', name: 'a' }, { team: 'main', name: 'b' }]) {
        await pipelines.save(made, save(), 1)
      }
      expect((await pipelines.list()).map(({ name, instanceVars }) => [name, instanceVars])).toEqual([['b', { v: 1 }], ['b', undefined], ['a', undefined], ['z', undefined]])
    })

    it('pause, unpause, expose and remove', async () => {
      await pipelines.save(ref, save(), 1)
      const id = (await pipelines.find(ref))?.id ?? 0
      await pipelines.setPaused(id, undefined)
      await pipelines.setPublic(id, true)
      const shown = await pipelines.find(ref)
      expect(shown).toMatchObject({ paused: false, public: true })
      expect(shown?.pause).toBeUndefined()
      await pipelines.setPaused(id, { by: 'max', at: 7, why: 'freeze' })
      await pipelines.save(ref, save({ expected: await versionOf() }), 8)
      expect(await pipelines.find(ref)).toMatchObject({ paused: true, pause: { by: 'max', at: 7, why: 'freeze' } })
      await pipelines.setPaused(id, { by: 'jo', at: 8 })
      expect((await pipelines.find(ref))?.pause).toEqual({ by: 'jo', at: 8 })
      await pipelines.remove(id, 9)
      expect(await pipelines.list()).toEqual([])
      expect(await pipelines.jobs(id)).toEqual([])
    })
  })
}
