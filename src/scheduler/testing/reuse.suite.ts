import { beforeEach, describe, expect, it } from 'vitest'
import type { Cipher } from '../../db/cipher.ts'
import type { Target } from '../../db/conformance/target.ts'
import { titleOf } from '../../engine/reuse.ts'
import { finishedRecord } from '../../engine/step-record.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import { eachPlan } from '../../planner/children.ts'
import { decodePlan } from '../../planner/plan-json.ts'
import { ownScenarios } from './own-scenarios.ts'
import { resourcesYaml, type Scenario } from './scenario.ts'

const source: ArtifactRef = { digest: `sha256:${'1'.repeat(64)}`, size: 3 }
const yaml = `${resourcesYaml('app', 'tool')}
jobs:
- {name: unit, plan: [{get: app, trigger: true}, {put: tool, no_get: true}, {task: test, file: app/test.yml}]}
- {name: ship, plan: [{get: tool, passed: [unit], trigger: true}]}`

/** Reruns that begin at a step. */
export function reusedStepsSuite(target: Target, cipher: Cipher): void {
  describe('reruns from a step', () => {
    const scenario = ownScenarios(target, cipher, 'reuse')
    let given: Scenario
    let [task, original] = ['', 0]

    /** unit #1 got app, put tool, and failed in its task. */
    beforeEach(async () => {
      given = await scenario().set(yaml)
      await given.check('tool', 't0')
      await given.check('app', 'v1')
      original = (await given.builds.list({ unfinished: true })).find(({ pipeline, job }) => pipeline === given.pipeline && job === 'unit')?.id ?? 0
      const claimed = await given.builds.claim('engine', given.clock.now(), 60_000, original)
      const ids = new Map<string, string>()
      const plan = decodePlan(claimed?.context['plan'] ?? null)
      if (!plan.ok) throw new Error(plan.error)
      eachPlan(plan.value, (one) => ids.set(titleOf(one), one.id))
      task = ids.get('task test') ?? ''
      const report = { times: { start: 1, end: 2 }, waits: [], outputs: [] }
      const [get, put] = [ids.get('get app') ?? '', ids.get('put tool') ?? '']
      await given.builds.commit(original, 'engine', given.clock.now(), {
        steps: [
          { planId: get, record: finishedRecord({ outcome: { kind: 'succeeded' }, artifacts: { app: source } }, report), secrets: ['hunter2-hunter2'] },
          { planId: put, record: finishedRecord({ outcome: { kind: 'succeeded' }, artifacts: {}, version: { ver: 't1' } }, report) },
          { planId: task, record: finishedRecord({ outcome: { kind: 'failed' }, artifacts: {} }, report) },
        ],
        outputs: [{ planId: put, name: 'tool', resource: 'tool', version: { ver: 't1' } }],
        finish: { status: 'failed' },
      })
      await given.passed()
    })

    const idOf = async (name: string): Promise<number> => (await given.db.query<{ id: number }>('select b.id from builds b join pipelines p on p.id = b.pipeline_id where p.name = $1 and b.name = $2', [given.pipeline, name]))[0]?.id ?? 0

    it('start with the records of the steps before it, encrypted where they were, and with what their puts made', async () => {
      await given.rerun('unit', '1', task)
      expect(await given.list('unit')).toEqual(['1 failed app=v1', '1.1 started app=v1'])
      const again = await idOf('1.1')
      const records = await given.builds.steps(again)
      const first = await given.builds.steps(original)
      expect([...records.keys()].toSorted()).toEqual([...first.keys()].filter((id) => id !== task).toSorted())
      expect([...records.values()].map((record) => [record['secrets'] ?? [], (record['report'] as { reusedFrom?: string }).reusedFrom])).toEqual([[['hunter2-hunter2'], '1'], [[], '1']])
      expect(JSON.stringify(await given.db.query('select * from steps'))).not.toContain('hunter2')
      expect(await given.db.query('select name, digest from step_artifacts where build_id = $1', [again])).toEqual([{ name: 'app', digest: source.digest }])
      expect(await given.builds.claim('other', given.clock.now(), 60_000, again)).toMatchObject({ resumed: false, reuses: true })
      await given.builds.commit(again, 'other', given.clock.now(), { finish: { status: 'succeeded' } })
      await given.passed()
      expect(await given.list('ship')).toEqual(['1 started tool=t1'])
    })

    it('keep the plan of the build whose steps they take, and with it the version of the config that it was made from', async () => {
      const first = await given.configVersion()
      await given.set(yaml.replace('{name: unit', '{name: unit, public: true'))
      expect(await given.configVersion()).not.toBe(first)
      await given.rerun('unit', '1', task)
      expect([await given.plannedFrom('unit', '1'), await given.plannedFrom('unit', '1.1')]).toEqual([first, first])
    })

    it('of a rerun take the steps of that, and say which build ran them', async () => {
      await given.rerun('unit', '1', task)
      await given.finish('unit', '1.1', 'failed')
      await given.rerun('unit', '1.1')
      expect(await given.list('unit')).toEqual(['1 failed app=v1', '1.1 failed app=v1', '1.2 started app=v1'])
      expect((await given.builds.steps(await idOf('1.2'))).size).toBe(0)
      await given.finish('unit', '1.2', 'failed')
      await given.rerun('unit', '1.2', task)
      expect(await given.error('unit', '1.3')).toBe('build #1.2 cannot be run again from that step: task test did not run in it')
    })

    it('end with the reason where what a step stored has gone meanwhile', async () => {
      given.goneArtifacts.add(source.digest)
      await given.rerun('unit', '1', task)
      expect(await given.list('unit')).toEqual(['1 failed app=v1', '1.1 errored'])
      expect(await given.error('unit', '1.1')).toBe('build #1 cannot be run again from that step: what get app stored is not kept any more; run all of it again')
    })

    it('end with the reason where the build has gone meanwhile', async () => {
      await given.pause({ job: 'unit' })
      await given.rerun('unit', '1', task)
      await given.db.query('update builds set reuses_build = 0 where reuses_build = $1', [original])
      await given.pause({ job: 'unit' }, false)
      expect(await given.error('unit', '1.1')).toBe('build 0 is not there any more')
    })
  })
}
