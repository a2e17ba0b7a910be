import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Db } from '../../db/db.ts'
import { CheckedPipelines } from './checked-pipeline.ts'

const image = (name: string, more = ''): string => `{name: ${name}, type: registry-image, source: {repository: ${name}}${more}}`
const pipeline = (resources: readonly string[], ...plans: readonly string[]): string =>
  `resources: [${resources.join(', ')}]\njobs: [${plans.map((plan, index) => `{name: j${index}, plan: [${plan}]}`).join(', ')}]`
const one = (more = ''): string => pipeline([image('r', more)], '{get: r, trigger: true}')

/** Rows C1 to C10: which resources are checked, when, from what, and what is saved of it. */
export function checkRowsSuite(target: Target): void {
  describe('checks of resources', () => {
    let db: Db
    let given: CheckedPipelines
    beforeEach(async () => {
      db = await target.fresh()
      given = new CheckedPipelines(db)
    })
    afterEach(() => given.stop())
    const times = (repository: string): number[] => given.begun.filter((begun) => begun.startsWith(`${repository} `)).map((begun) => Number(begun.split(' ')[1]))

    it('C1: those that trigger are checked always, others until there is what is needed, never only when wanted', async () => {
      const id = await given.set(pipeline(
        [image('triggers'), image('input'), image('put'), image('pinned', ', version: {digest: p}'), image('never', ', check_every: never'), image('passed')],
        '{get: triggers, trigger: true}', '{get: input}, {get: pinned}, {put: put}, {get: passed}', '{get: never, trigger: true}, {get: passed, passed: [j1], trigger: true}',
      ))
      for (const repository of ['triggers', 'passed']) given.finds(repository, 'v')
      given.finds('pinned', 'other')
      given.fails('put')
      await given.start()
      await given.advance(150)
      expect(['triggers', 'input', 'pinned', 'put', 'never', 'passed'].map(times)).toEqual([[0, 60, 120], [0, 60, 120], [0, 60, 120], [0, 120], [], [0]])
      given.finds('input', 'v')
      given.finds('pinned', 'p')
      given.finds('put')
      await given.advance(600)
      // Each once more: there is a version, the pin is found, a check has succeeded.
      expect(['input', 'pinned', 'put', 'passed'].map((name) => times(name).length)).toEqual([4, 4, 3, 1])
      await given.want([id, 'never'])
      expect(times('never')).toHaveLength(1)
    })

    it('C2: a minute from the end of the last check, or check_every; failures double it up to half an hour', async () => {
      await given.set(pipeline([image('r'), image('slow', ', check_every: 10m')], '{get: r, trigger: true}, {get: slow, trigger: true}'))
      given.finds('r', 'v')
      given.finds('slow', 'v')
      await given.start()
      await given.minutes(21)
      expect([times('r').slice(0, 4), times('slow')]).toEqual([[0, 60, 120, 180], [0, 600, 1_200]])
      given.fails('r')
      await given.minutes(65)
      const failed = times('r').filter((at) => at > 1_260)
      expect(failed.map((at) => (at - (failed[0] ?? 0)) / 60)).toEqual([0, 2, 6, 14, 30, 60])
      given.finds('r', 'v')
      await given.minutes(27)
      const [last = 0, before = 0] = times('r').toReversed()
      expect(last - before).toBe(60)
    })

    it('C2: a check that somebody asks for, and a config that is set, begin the failures anew', async () => {
      const id = await given.set(one())
      given.fails('r')
      await given.start()
      const intervalAfter = async (): Promise<number> => {
        const known = times('r').length
        const begins = times('r').at(-1) ?? 0
        for (let waited = 0; times('r').length === known && waited < 40; waited += 1) await given.minutes(1)
        return ((times('r').at(-1) ?? 0) - begins) / 60
      }
      await given.minutes(31)
      expect(await intervalAfter()).toBe(30)
      await given.minutes(1)
      await given.want([id, 'r'])
      expect([await intervalAfter(), await intervalAfter()]).toEqual([2, 4])
      const known = times('r').length
      await given.set(one(', icon: git'))
      // Else the next one would come after eight minutes.
      await given.minutes(3)
      expect(times('r').length).toBeGreaterThan(known)
      expect(await given.checkResource(id, 'r')).toBe('errored')
      expect([await intervalAfter(), await intervalAfter()]).toEqual([2, 4])
    })

    it('C3: a check begins from the version that is asked for, else from the pin, else from the latest', async () => {
      const id = await given.set(pipeline([image('r'), image('pinned', ', version: {digest: p}')], '{get: r, trigger: true}, {get: pinned}'))
      given.finds('r', 'v1', 'v2')
      await given.start()
      await given.advance(60)
      const of = (repository: string) => given.begun.flatMap((begun, index) => (begun.startsWith(`${repository} `) ? [given.from[index]] : []))
      expect([of('r'), of('pinned')]).toEqual([[undefined, 'v2'], ['p', 'p']])
      expect(await given.checkResource(id, 'r', { digest: 'v1' })).toBe('succeeded')
      expect(of('r').at(-1)).toBe('v1')
    })

    it('C4: where one version is new all that a check found go on top in their order, else nothing moves', async () => {
      const id = await given.set(one())
      given.finds('r', 'v1', 'v2', 'v3')
      await given.start()
      given.finds('r', 'v3', 'v1')
      await given.advance(60)
      expect(await given.order(id, 'r')).toEqual(['v1', 'v2', 'v3'])
      given.finds('r', 'v3', 'new', 'v1')
      await given.advance(60)
      expect(await given.order(id, 'r')).toEqual(['v2', 'v3', 'new', 'v1'])
    })

    const twins = async () => {
      const pipelines = [await given.set(one()), await given.set(one().replaceAll('name: r,', 'name: same,').replace('get: r', 'get: same'), { name: 'q' }), await given.set(one(), { team: 'other' })] as const
      given.finds('r', 'v')
      await given.start()
      await given.advance(130)
      const [own, too, foreign] = pipelines
      expect([await given.order(own, 'r'), await given.order(too, 'same'), await given.order(foreign, 'r')]).toEqual([['v'], ['v'], ['v']])
      return db.query('select distinct scope_id from resources')
    }

    it('C5: each resource has checks of its own, also those of one type and source', async () => {
      expect(await twins()).toHaveLength(3)
      expect(times('r')).toEqual([0, 0, 0, 60, 60, 60, 120, 120, 120])
    })

    it('C5: with global resources one check serves all resources of a team with one type and source, and none of another team', async () => {
      given = new CheckedPipelines(db, { globalResources: true })
      expect(await twins()).toHaveLength(2)
      // The first time each finds its scope; from then on it is one of the team.
      expect(times('r').filter((at) => at >= 60)).toEqual([60, 60, 120, 120])
    })

    it('C6: the image of a type is checked first, within its interval once for all that need it', async () => {
      await given.set(`resource_types: [{name: own, type: registry-image, source: {repository: type}, check_every: 2m}]
resources: [{name: a, type: own, source: {versions: [{ref: a}]}}, {name: b, type: own, source: {versions: [{ref: b}]}}]
jobs: [{name: j, plan: [{get: a, trigger: true}, {get: b, trigger: true}]}]`)
      given.finds('type', 'v')
      await given.start()
      await given.advance(290)
      expect(times('type')).toEqual([0, 120, 240])
    })

    it('C7: wishes of many are one check that begins at once; a good check of a scope answers who asked before it began', async () => {
      const id = await given.set(one(', check_every: never'))
      given.finds('r', 'v')
      await given.start()
      await given.advance(60)
      expect(times('r')).toEqual([])
      await given.want(...Array.from({ length: 100 }, () => [id, 'r'] as const))
      await given.advance(60)
      expect(times('r')).toHaveLength(1)
      expect(await given.checkResource(id, 'r')).toBe('succeeded')
      expect(times('r')).toHaveLength(2)
      expect(await given.builds()).toEqual(['succeeded'])
    })

    it('C9: a check that finds nothing new leaves no build, one that finds or fails one with events, the last of its scope', async () => {
      const id = await given.set(one())
      given.finds('r', 'v1')
      await given.start()
      const shown = async () => db.query<{ id: number; status: string; events: boolean }>(
        `select b.id, b.status, exists (select from build_events e where e.build_id = b.id) as events from builds b join scope_checks c on c.build_id = b.id join resources r on r.scope_id = c.scope_id where r.pipeline_id = $1`, [id])
      const [first] = await shown()
      expect(first).toMatchObject({ status: 'succeeded', events: true })
      await given.advance(300)
      expect([await shown(), times('r').length]).toEqual([[first], 6])
      given.fails('r')
      await given.advance(60)
      const [failed] = await shown()
      expect(failed).toMatchObject({ status: 'errored', events: true })
      expect(failed?.id).not.toBe(first?.id)
      expect((await db.query(`select from builds where kind = 'check' and id <> $1`, [failed?.id ?? 0])).length).toBeLessThanOrEqual(1)
    })

    it('C10: where the latest has vanished, what is left goes on top', async () => {
      const id = await given.set(one())
      given.finds('r', 'v1', 'v2', 'v3')
      await given.start()
      given.finds('r', 'v1', 'v2')
      await given.advance(60)
      expect(await given.order(id, 'r')).toEqual(['v3', 'v1', 'v2'])
    })
  })
}
