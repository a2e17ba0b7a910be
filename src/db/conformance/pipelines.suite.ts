import { beforeEach, describe, expect, it } from 'vitest'
import type { ConfigToSave, PipelineStore } from '../../pipelines/ports.ts'

/** What every store of pipelines must do. It has the teams main and other. */
export function pipelinesSuite(target: { readonly name: string; fresh(): Promise<PipelineStore> }): void {
  describe(target.name, () => {
    let pipelines: PipelineStore
    beforeEach(async () => {
      pipelines = await target.fresh()
    })
    const ref = { team: 'main', name: 'p' }
    const noJobs = { rename: [], insert: [], update: [], deactivate: [] }
    const save = (given: Partial<ConfigToSave> = {}): ConfigToSave => ({ config: { jobs: [] }, by: 'jo', jobs: () => noJobs, ...given })
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

    it('change jobs as they are told, and show those that are there', async () => {
      const insert = [{ name: 'b', public: true }, { name: 'a', public: false }]
      await pipelines.save(ref, save({ jobs: () => ({ ...noJobs, insert }) }), 1)
      const pipelineId = (await pipelines.find(ref))?.id ?? 0
      const [b, a] = await pipelines.jobs(pipelineId)
      expect([b, a]).toMatchObject([{ name: 'b', active: true, public: true, paused: false }, { name: 'a', public: false }])
      if (a === undefined || b === undefined) throw new Error('no jobs')
      await pipelines.setJobPaused(a.id, { by: 'max', at: 5 })
      const seen: unknown[] = []
      const changes = { rename: [{ id: b.id, name: 'c' }], insert: [], update: [{ id: b.id, name: 'c', public: false }], deactivate: [a.id] }
      await pipelines.save(ref, save({ expected: await versionOf(), jobs: (present) => (seen.push(...present), changes) }), 2)
      expect(seen).toMatchObject([{ name: 'b' }, { name: 'a', paused: true }])
      expect(await pipelines.jobs(pipelineId)).toMatchObject([{ id: b.id, name: 'c', public: false }, { id: a.id, active: false, paused: true, pause: { by: 'max', at: 5 } }])
    })

    it('pause, unpause, expose and remove', async () => {
      await pipelines.save(ref, save(), 1)
      const id = (await pipelines.find(ref))?.id ?? 0
      await pipelines.setPaused(id, undefined)
      await pipelines.setPublic(id, true)
      const shown = await pipelines.find(ref)
      expect(shown).toMatchObject({ paused: false, public: true })
      expect(shown?.pause).toBeUndefined()
      await pipelines.setPaused(id, { by: 'max', at: 7 })
      await pipelines.save(ref, save({ expected: await versionOf() }), 8)
      expect(await pipelines.find(ref)).toMatchObject({ paused: true, pause: { by: 'max', at: 7 } })
      await pipelines.remove(id)
      expect(await pipelines.list()).toEqual([])
      expect(await pipelines.jobs(id)).toEqual([])
    })
  })
}
