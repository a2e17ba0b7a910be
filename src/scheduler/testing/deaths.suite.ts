import { beforeAll, describe, expect, it } from 'vitest'
import type { Target } from '../../db/conformance/target.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Db } from '../../db/db.ts'
import { Life } from '../../engine/testing/mortal.ts'
import type { SchedulerStore } from '../ports.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const pipeline = `${resourcesYaml('app', 'tool')}
jobs:
- {name: unit, serial: true, plan: [{get: app, version: every, trigger: true}, {get: tool}]}
- {name: ship, plan: [{get: app, passed: [unit], trigger: true}]}`

/** A scheduler's store that dies with it: before and after each of its calls. */
const mortalStore = (store: SchedulerStore, life: Life): SchedulerStore =>
  new Proxy(store, {
    get(target, name: keyof SchedulerStore) {
      const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>
      return (...args: unknown[]) => life.during(`before ${name}`, () => call(...args), `after ${name}`)
    },
  })

/** A scheduler that is killed anywhere, as by kill -9, leaves to the next what it has not done, and nothing twice. */
export function schedulerDeathsSuite(target: Target, cipher: Cipher): void {
  describe('a scheduler that is killed', () => {
    let db: Db
    beforeAll(async () => {
      db = await target.fresh()
    })

    /** The builds after the scheduler was killed at its nth point, and another went on; 0: it was not. */
    async function builds(killAt: number): Promise<{ readonly points: readonly string[]; readonly lists: readonly (readonly string[])[] }> {
      const life = new Life((_point, count) => count === killAt)
      const given = new Scenario(db, cipher, `deaths-${killAt}`, { lazy: true, around: (store, name) => (name === 'a' ? mortalStore(store, life) : store) })
      const passes = async (): Promise<void> => {
        const died = await Promise.race([given.pass(0).then(() => false), life.ended.then(() => true)])
        if (!died) return
        // The lease of what it had claimed runs out.
        await given.clock.advance(11_000)
        await given.pass(1)
      }
      await given.set(pipeline)
      await passes()
      await given.check('tool', 't1')
      await given.check('app', 'v1')
      await passes()
      await given.check('app', 'v2', 'v3')
      await given.check('tool', 't1')
      await passes()
      await given.finish('unit', '1')
      await passes()
      await given.check('tool', 't2')
      await given.finish('unit', '2')
      await passes()
      await given.finish('unit', '3')
      await passes()
      return { points: life.points, lists: [await given.list('unit'), await given.list('ship')] }
    }

    it('P5: a config that is set while a pass is under way is passed anew at once', async () => {
      let beforeApply: (() => Promise<void>) | undefined
      const apply = (store: SchedulerStore): SchedulerStore['apply'] => async (changes) => {
        const meanwhile = beforeApply
        beforeApply = undefined
        await meanwhile?.()
        return store.apply(changes)
      }
      const around = (store: SchedulerStore): SchedulerStore => new Proxy(store, { get: (target, name: keyof SchedulerStore) => (name === 'apply' ? apply(target) : target[name].bind(target)) })
      const given = new Scenario(db, cipher, 'set-meanwhile', { lazy: true, around })
      const source = `${resourcesYaml('app')}\njobs: [{name: unit, plan: [{get: app, trigger: true}]}]`
      await given.set(source)
      await given.check('app', 'v1')
      beforeApply = async () => void (await given.set(source.replace('{get: app,', '{get: src, resource: app,')))
      await given.pass(0)
      expect(await given.list('unit')).toEqual(['1 started src=v1'])
    })

    it('leaves the builds that there are without its death', async () => {
      const { points, lists: expected } = await builds(0)
      expect(expected[0]).toEqual(['1 succeeded app=v1 tool=t1', '2 succeeded app=v2 tool=t1', '3 succeeded app=v3 tool=t2'])
      const kinds = Map.groupBy(points.keys(), (index) => points[index])
      expect([...kinds.keys()]).toEqual(expect.arrayContaining(['after claim', 'before answer', 'before apply', 'after apply']))
      for (const [point, indices] of kinds) {
        // One of each kind, somewhere in the middle: first passes have nothing to lose.
        const killAt = (indices[indices.length >> 1] ?? 0) + 1
        expect((await builds(killAt)).lists, `killed ${point}, point ${killAt}`).toEqual(expected)
      }
    })
  })
}
