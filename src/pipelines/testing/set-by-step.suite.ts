import { beforeEach, describe, expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { ok } from '../../model/result.ts'
import type { PolicyQuestion, PolicyVerdict } from '../../model/policy.ts'
import type { PipelineFromStep, PipelineSetByStep } from '../../model/set-pipeline.ts'
import { PipelinesOfSteps } from '../set-by-step.ts'
import type { PipelineStore } from '../ports.ts'

const table = { remove: [], rename: [], insert: [], update: [], deactivate: [] }
const changes = () => ok({ jobs: table, resources: table, types: [], inputs: [], serialGroups: [] })

const bytes = (text: string) => Buffer.from(text)
const yaml = (path = 'make') => `{jobs: [{name: j, plan: [{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: ${path}}}}]}]}`

/** Rows P2 and P3: pipelines that steps set. `fresh` has the teams main and other. */
export function setByStepSuite(target: { readonly name: string; fresh(): Promise<PipelineStore> }): void {
  describe(target.name, () => {
    let store: PipelineStore
    let steps: PipelinesOfSteps
    let own: number
    const teams = { list: () => Promise.resolve([{ name: 'main', admin: true }, { name: 'other', admin: false }]) }
    beforeEach(async () => {
      const clock = fakeClock()
      store = await target.fresh()
      steps = new PipelinesOfSteps(store, teams, clock)
      for (const team of ['main', 'other']) await store.save({ team, name: 'own', instanceVars: { v: 1 } }, { config: {}, by: 'jo', initially: 'unpaused', changes }, 0)
      own = (await store.find({ team: 'main', name: 'own', instanceVars: { v: 1 } }))?.id ?? 0
    })
    const by = (more: Partial<PipelineFromStep['by']> = {}) => ({ team: 'main', pipeline: 'own', pipelineId: own, job: 'j', jobId: 7, buildId: 10, buildName: '3', planId: 'a', ...more })
    const set = (more: Partial<PipelineFromStep> = {}): Promise<PipelineSetByStep> =>
      steps.set({ by: by(), name: 'child', config: { file: 'repo/p.yml', bytes: bytes(yaml()) }, varFiles: [], ...more })
    const child = (team = 'main') => store.find({ team, name: 'child' })

    test('P2: a new pipeline is unpaused and has the build as its parent; a paused one stays so', async () => {
      expect(await set()).toMatchObject({ kind: 'set', pipeline: 'child', before: {} })
      const made = await child()
      expect(made).toMatchObject({ paused: false, parent: { jobId: 7, buildId: 10, planId: 'a' } })
      expect((await store.history(made?.id ?? 0))[0]?.by).toBe('own/j #3')
      await store.setPaused(made?.id ?? 0, { by: 'jo', at: 1 })
      await set({ config: { file: 'f', bytes: bytes(yaml('test')) }, by: by({ buildId: 11 }) })
      expect(await child()).toMatchObject({ paused: true, parent: { buildId: 11 } })
      await store.archive(made?.id ?? 0, 2)
      await set({ by: by({ buildId: 12 }) })
      expect(await child()).toMatchObject({ paused: false, archived: false })
    })

    test.each([['', 'name is empty'], ['x'.repeat(1025), 'name is longer than 1024 characters'], ['a\0', 'name is not Unicode without NUL'], ['\ud800', 'name is not Unicode without NUL']])('a pipeline that nobody could name is not set (%#)', async (name, why) => {
      expect(await set({ name })).toEqual({ kind: 'invalid', errors: [`pipeline: ${why}`], warnings: [] })
      expect(await set({ name: 'x'.repeat(1024) })).toMatchObject({ kind: 'set' })
    })

    test('a policy that is asked about SetPipeline decides before a changed config is saved', async () => {
      const asked: PolicyQuestion[] = []
      let verdict: PolicyVerdict = { kind: 'not-allowed', blocks: true, messages: ['no bash', 'no latest'] }
      const check = (question: PolicyQuestion) => Promise.resolve((asked.push(question), verdict))
      const judged = (action: string) => (steps = new PipelinesOfSteps(store, teams, fakeClock(), { asksAboutRequest: () => true, asksAboutStep: (one) => one === action, check }))
      judged('SetPipeline')
      expect(await set({ team: 'other' })).toEqual({ kind: 'refused', message: 'policy check failed: \n * no bash\n * no latest' })
      expect(await child('other')).toBeUndefined()
      // As Concourse tells it: the build's team and pipeline.
      expect(asked).toEqual([{ action: 'SetPipeline', team: 'main', pipeline: 'own', data: expect.objectContaining({ jobs: [expect.objectContaining({ name: 'j' })] }) }])
      verdict = { kind: 'none', problem: 'the policy server opa did not answer within 5 s' }
      expect(await set()).toEqual({ kind: 'refused', message: 'policy check failed: the policy server opa did not answer within 5 s' })
      expect(await child()).toBeUndefined()
      verdict = { kind: 'not-allowed', blocks: false, messages: ['soft'] }
      expect(await set()).toMatchObject({ kind: 'set', warnings: ['policy check failed: \n * soft\nThe policy does not block it.'] })
      verdict = { kind: 'not-allowed', blocks: true, messages: [] }
      expect(await set({ by: by({ buildId: 11 }) })).toMatchObject({ kind: 'unchanged' })
      expect(asked).toHaveLength(3)
      judged('UseImage')
      expect(await set({ by: by({ buildId: 11 }), config: { file: 'f', bytes: bytes(yaml('test')) } })).toMatchObject({ kind: 'set', warnings: [] })
      expect(asked).toHaveLength(3)
    })

    test('P2: self is the own pipeline with its instance, whatever team the step names', async () => {
      expect(await set({ name: 'self', team: 'nobody', instanceVars: { v: 2 } })).toMatchObject({ kind: 'set', pipeline: 'own/v:1' })
      expect((await store.get(own))?.parent).toMatchObject({ buildId: 10 })
    })

    test('P2: instance vars come before vars, and these before the files in their order', async () => {
      const config = { file: 'f', bytes: bytes(yaml('((a))-((b.c))-((c))-((d))-((e))')) }
      const varFiles = [{ file: 'v1', bytes: bytes('{a: 3, b: {c: 3}, c: 3}') }, { file: 'v2', bytes: bytes('{a: 4, b: 4, c: 4, d: "4"}') }, { file: 'empty', bytes: bytes('') }]
      await set({ config, instanceVars: { a: '1' }, vars: { a: '2', b: { c: '2' } }, varFiles })
      const made = await store.find({ team: 'main', name: 'child', instanceVars: { a: '1' } })
      expect(JSON.stringify(await store.config(made?.id ?? 0, made?.configVersion ?? 0))).toContain('"1-2-3-4-((e))"')
    })

    test('P2: only an admin team sets pipelines of others, and of teams that are there', async () => {
      expect(await set({ team: 'other' })).toMatchObject({ kind: 'set' })
      expect(await child('other')).toMatchObject({ team: 'other' })
      expect(await set({ team: 'none' })).toEqual({ kind: 'refused', message: 'team none not found' })
      const foreign = await store.find({ team: 'other', name: 'own', instanceVars: { v: 1 } })
      const fromOther = by({ team: 'other', pipelineId: foreign?.id ?? 0 })
      expect(await set({ by: fromOther, team: 'main' })).toEqual({ kind: 'refused', message: "only main team can set another team's pipeline" })
      expect(await set({ by: fromOther, team: 'other', name: 'mine' })).toMatchObject({ kind: 'set' })
      expect(await child()).toBeUndefined()
    })

    test('P2: what is wrong with a config or a file of vars is said, and nothing is saved', async () => {
      expect(await set({ config: { file: 'repo/p.yml', bytes: bytes('jobs: [{name: j, plan: [{get: nowhere}]}]') } })).toMatchObject({ kind: 'invalid', errors: [expect.stringContaining('repo/p.yml:1:31: ')] })
      expect(await set({ varFiles: [{ file: 'v', bytes: bytes('[a]') }] })).toMatchObject({ kind: 'invalid', errors: ['v: a file of vars is a map of names to values'] })
      expect(await set({ name: 'a\0' })).toMatchObject({ kind: 'invalid' })
      const swap = '{jobs: [{name: a, old_name: b, plan: []}, {name: b, old_name: a, plan: []}]}'
      await set({ config: { file: 'f', bytes: bytes('{jobs: [{name: a, plan: []}, {name: b, plan: []}]}') } })
      const swapped = await set({ config: { file: 'f', bytes: bytes(swap) } })
      expect(swapped).toMatchObject({ kind: 'invalid' })
    })

    test('P3: without a change only the parent is updated', async () => {
      await set()
      const before = await child()
      expect(await set({ by: by({ buildId: 11, jobId: 8 }) })).toMatchObject({ kind: 'unchanged', pipeline: 'child' })
      expect(await child()).toEqual({ ...before, parent: { jobId: 8, buildId: 11 } })
    })

    test('P3: what a newer build has set is left alone, with a change or without', async () => {
      await set({ by: by({ buildId: 11 }) })
      const before = await child()
      expect(await set({ config: { file: 'f', bytes: bytes(yaml('other')) } })).toMatchObject({ kind: 'newer-build' })
      expect(await set()).toMatchObject({ kind: 'newer-build' })
      expect(await child()).toEqual(before)
    })

    test('a step that is run again after its server was killed tells what it has done', async () => {
      await set({ config: { file: 'f', bytes: bytes(yaml('first')) } })
      const first = await set({ by: by({ buildId: 11 }) })
      const before = await child()
      expect(await set({ by: by({ buildId: 11 }) })).toEqual(first)
      expect(first.kind).toBe('set')
      expect(await child()).toEqual(before)
      expect(await set({ by: by({ buildId: 11, planId: 'b' }) })).toMatchObject({ kind: 'unchanged' })
    })

    test('a pipeline that somebody else sets at the same time is compared anew', async () => {
      await set()
      const [a, b] = await Promise.all([set({ config: { file: 'f', bytes: bytes(yaml('a')) } }), set({ config: { file: 'f', bytes: bytes(yaml('b')) }, by: by({ buildId: 11 }) })])
      expect(b).toMatchObject({ kind: 'set' })
      expect(['set', 'newer-build']).toContain(a.kind)
      const made = await child()
      expect(JSON.stringify(await store.config(made?.id ?? 0, made?.configVersion ?? 0))).toContain('"path":"b"')
    })

    test('a build of no job has nothing that could be a parent; one of airside run only has its config checked', async () => {
      const { jobId: _job, ...oneOff } = by()
      expect(await set({ by: oneOff })).toMatchObject({ kind: 'refused' })
      expect(await set({ by: by({ pipelineId: 999 }) })).toMatchObject({ kind: 'no-server', pipeline: 'child' })
      expect(await set({ by: by({ pipelineId: 999 }), config: { file: 'f', bytes: bytes('jobs: [{name: j, plan: [{get: nowhere}]}]') } })).toMatchObject({ kind: 'invalid' })
      expect(await child()).toBeUndefined()
    })
  })
}
