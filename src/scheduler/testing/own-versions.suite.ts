import { beforeEach, describe, expect, it } from 'vitest'
import type { Cipher } from '../../db/cipher.ts'
import type { Target } from '../../db/conformance/target.ts'
import { Versions } from '../../db/versions.ts'
import { scopeKey } from '../../model/version-scope.ts'
import { resourcesYaml, Scenario } from './scenario.ts'

const jobs = `jobs:
- {name: unit, plan: [{get: app, trigger: true}, {put: out}]}
- {name: ship, plan: [{get: app, passed: [unit], trigger: true}, {get: out, passed: [unit]}]}
- {name: each, plan: [{get: app, version: every, trigger: true}]}
- {name: manual, plan: [{get: app}]}`
const shared = 'config'

/**
 * What becomes of a database whose resources shared versions by their config, as those of servers with --enable-global-resources and of all
 * servers before each resource had its own: the next check of each resource takes the versions along.
 */
export function ownVersionsSuite(target: Target, cipher: Cipher): void {
  describe('resources that shared versions and have their own from now on', () => {
    let one: Scenario
    let two: Scenario
    const both = () => [one, two]
    const lists = async (given: Scenario) => Object.fromEntries(await Promise.all(['unit', 'ship', 'each', 'manual'].map(async (job) => [job, await given.list(job)] as const)))
    const own = (given: Scenario) => given.enter('app', scopeKey(shared, given.pipeline))

    beforeEach(async () => {
      const db = await target.fresh()
      one = new Scenario(db, cipher, 'one')
      two = new Scenario(db, cipher, 'two')
      for (const given of both()) await (await given.set(`${resourcesYaml('app', 'out')}\n${jobs}`)).enter('app', shared)
      await one.check('app', 'v1')
      await new Versions(db).saveMetadata(shared, { ver: 'v1' }, [{ name: 'author', value: 'jo' }])
      for (const given of both()) {
        await given.finish('unit', '1', 'succeeded', [['out', `${given.pipeline} 1`]])
        for (const job of ['ship', 'each']) await given.finish(job, '1')
      }
      await two.pin('app', 'v1')
      await one.check('app', 'v2', 'v3')
      await two.disable('app', 'v3')
      await one.finish('unit', '2', 'succeeded', [['out', 'one 2']])
      await one.trigger('manual')
    })

    const ofOne = {
      unit: ['1 succeeded app=v1', '2 succeeded app=v3'],
      ship: ['1 succeeded app=v1 out=one 1', '2 started app=v3 out=one 2'],
      each: ['1 succeeded app=v1', '2 started app=v2', '3 started app=v3'],
      manual: ['1 pending (checking app)'],
    }
    const ofTwo = { unit: ['1 succeeded app=v1'], ship: ['1 succeeded app=v1 out=two 1'], each: ['1 succeeded app=v1'], manual: [] }

    it.each([
      ['in their order', (given: readonly Scenario[]) => given],
      ['in the other order', (given: readonly Scenario[]) => given.toReversed()],
    ])('keep their versions, pins, disabled versions and builds, and start no build, %s', async (_name, order) => {
      for (const given of order(both())) await own(given)
      expect(await lists(one)).toEqual(ofOne)
      expect(await lists(two)).toEqual(ofTwo)
      expect(await one.versionsOf('app')).toEqual(['v1 jo', 'v2', 'v3'])
      expect(await two.versionsOf('app')).toEqual(['v1 jo', 'v2', '(v3)'])
      const scopes = await one.db.query<{ key: string }>('select distinct key from resources join resource_config_scopes s on s.id = scope_id where name = $1 order by key', ['app'])
      expect(scopes).toEqual([{ key: 'config.one' }, { key: 'config.two' }])
      // The pin of one of them still holds it, and has a build.
      await two.trigger('manual')
      await two.check('app', 'v1', 'v2', 'v3')
      expect(await two.list('manual')).toEqual(['1 started app=v1'])
      // One that waited for a check of the shared versions goes on with the next of its own.
      expect(await one.list('manual')).toEqual(ofOne.manual)
      await one.check('app', 'v1', 'v2', 'v3')
      expect(await one.list('manual')).toEqual(['1 started app=v3'])
      await two.pin('app', undefined)
      expect(await two.list('unit')).toEqual(['1 succeeded app=v1', '2 started app=v2'])
    })

    it('find what is new each for itself', async () => {
      for (const given of both()) await own(given)
      await one.check('app', 'v4')
      expect(await one.list('unit')).toEqual([...ofOne.unit, '3 started app=v4'])
      expect(await one.list('each')).toEqual([...ofOne.each, '4 started app=v4'])
      await two.pin('app', undefined)
      expect(await two.list('unit')).toEqual([...ofTwo.unit, '2 started app=v2'])
      // v4 comes to the other with its own check, in which v3 stays disabled.
      await two.check('app', 'v3', 'v4')
      expect(await two.versionsOf('app')).toEqual(['v1 jo', 'v2', '(v3)', 'v4'])
      expect(await two.list('unit')).toEqual([...ofTwo.unit, '2 started app=v2', '3 started app=v4'])
      expect(await two.list('each')).toEqual([...ofTwo.each, '2 started app=v2', '3 started app=v4'])
    })

    it('go on from passed builds, and rerun builds, of before', async () => {
      for (const given of both()) await own(given)
      await one.finish('ship', '2', 'failed')
      await one.trigger('ship')
      expect((await one.list('ship')).at(-1)).toBe('3 started app=v3 out=one 2')
      await one.rerun('unit', '1')
      expect(await one.list('unit')).toEqual(['1 succeeded app=v1', '1.1 started app=v1', '2 succeeded app=v3'])
      await two.pin('app', undefined)
      await two.finish('unit', '2', 'succeeded', [['out', 'two 2']])
      expect((await two.list('ship')).at(-1)).toBe('2 started app=v2 out=two 2')
    })

    it('where one was not checked yet, it follows the shared versions, and nothing that the other finds', async () => {
      await own(one)
      await one.check('app', 'v4')
      expect(await two.versionsOf('app')).toEqual(['v1 jo', 'v2', '(v3)'])
      await two.pin('app', undefined)
      await two.finish('unit', '2', 'succeeded', [['out', 'two 2']])
      await own(two)
      expect(await two.list('unit')).toEqual([...ofTwo.unit, '2 succeeded app=v2'])
      expect(await two.versionsOf('app')).toEqual(['v1 jo', 'v2', '(v3)'])
    })
  })
}
