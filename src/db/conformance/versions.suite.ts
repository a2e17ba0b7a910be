import { beforeEach, describe, expect, it } from 'vitest'
import type { Version } from '../../model/version.ts'
import type { Db } from '../db.ts'
import { UnstorableVersionError } from '../version-json.ts'
import { Versions } from '../versions.ts'
import type { Target } from './target.ts'

export function versionsSuite(target: Target): void {
  describe('versions', () => {
    let db: Db
    let versions: Versions
    beforeEach(async () => {
      db = await target.fresh()
      versions = new Versions(db)
    })
    const v = (ref: string): Version => ({ ref })
    const order = async (): Promise<string[]> =>
      (await db.query<{ ref: string }>(`select version ->> 'ref' as ref from scope_versions join versions on versions.id = version_id order by check_order`)).map(({ ref }) => ref)

    it('puts the last one of a check last', async () => {
      expect(await versions.latest('s')).toBeUndefined()
      await versions.save('s', [v('1'), v('2'), v('3')], 1)
      expect(await order()).toEqual(['1', '2', '3'])
      expect(await versions.latest('s')).toEqual(v('3'))
      await versions.save('s', [v('3'), v('4')], 1)
      expect(await order()).toEqual(['1', '2', '3', '4'])
      expect(await versions.latest('other')).toBeUndefined()
    })

    it('moves nothing when nothing is new, and all that a check shows when something is', async () => {
      await versions.save('s', [v('1'), v('2'), v('3')], 1)
      await versions.save('s', [v('2'), v('1')], 1)
      expect(await order()).toEqual(['1', '2', '3'])
      await versions.save('s', [v('2'), v('1'), v('4')], 1)
      expect(await order()).toEqual(['3', '2', '1', '4'])
      await versions.save('s', [], 1)
      expect(await versions.latest('s')).toEqual(v('4'))
    })

    it('takes a version that a check prints twice at its last place', async () => {
      await versions.save('s', [v('1'), v('2'), v('1')], 1)
      expect(await order()).toEqual(['2', '1'])
    })

    it('calls versions equal whose keys stand in another order', async () => {
      await versions.save('s', [{ a: '1', b: '2' }], 1)
      await versions.save('s', [{ b: '2', a: '1' }], 1)
      expect(await db.query('select count(*) as count from versions')).toEqual([{ count: 1 }])
    })

    it('finds the newest one that has a part', async () => {
      await versions.save('s', [{ tag: 'a', digest: '1' }, { tag: 'b', digest: '2' }, { tag: 'a', digest: '3' }, { tag: 'c', digest: '4' }], 1)
      expect(await versions.find('s', { tag: 'a' })).toEqual({ tag: 'a', digest: '3' })
      expect(await versions.find('s', { tag: 'a', digest: '1' })).toEqual({ tag: 'a', digest: '1' })
      expect(await versions.find('s', { tag: 'x' })).toBeUndefined()
    })

    it('takes hostile keys and values as they are, or refuses them in words', async () => {
      const hostile = JSON.parse(`{"__proto__":"x","constructor":"'; drop table versions; --","a\\"b":"\\\\","":""}`) as Version
      await versions.save('s', [hostile], 1)
      const latest = await versions.latest('s')
      expect(new Map(Object.entries(latest ?? {}))).toEqual(new Map(Object.entries(hostile)))
      expect(Object.getPrototypeOf(latest)).toBe(Object.prototype)
      await expect(versions.save('s', [v('a\0')], 1)).rejects.toBeInstanceOf(UnstorableVersionError)
      await expect(versions.save('s', [v('\ud800')], 1)).rejects.toBeInstanceOf(UnstorableVersionError)
    })

    it('two servers that save at once give no two versions the same order', async () => {
      const other = new Versions(await target.another())
      const batches = Array.from({ length: 10 }, (_, index) => [v('same'), v(`${index}`), v(`${index}+`)])
      await Promise.all(batches.map((batch, index) => (index % 2 === 0 ? versions : other).save('s', batch, 1)))
      expect(await db.query('select count(*) as count, count(distinct check_order) as orders from scope_versions')).toEqual([{ count: 21, orders: 21 }])
    })

    it('keeps a version once, however many scopes have it, and each scope’s own order', async () => {
      await versions.save('s', [v('1'), v('2')], 1)
      await versions.save('t', [v('2'), v('1')], 1)
      expect(await versions.latest('s')).toEqual(v('2'))
      expect(await versions.latest('t')).toEqual(v('1'))
      expect(await db.query('select count(*) as count from versions')).toEqual([{ count: 2 }])
    })

    it('saves the same new versions in several scopes at once', async () => {
      const other = new Versions(await target.another())
      const list = Array.from({ length: 50 }, (_, index) => v(`${index}`))
      await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? versions : other).save(`scope ${index}`, index % 3 === 0 ? list : list.toReversed(), 1)))
      expect(await db.query('select count(*) as count from scope_versions')).toEqual([{ count: 400 }])
    })

    it('keeps metadata and the state of the last check', async () => {
      await versions.save('s', [v('1')], 1)
      expect(await versions.metadata('s', v('1'))).toBeUndefined()
      await versions.saveMetadata('s', v('1'), [{ name: 'n', value: '\0' }])
      await versions.save('s', [v('1'), v('2')], 1)
      expect(await versions.metadata('s', v('1'))).toEqual([{ name: 'n', value: '\0' }])
      expect(await versions.lastCheck('new')).toBeUndefined()
      await versions.checkStarted('new', 5)
      expect(await versions.lastCheck('new')).toEqual({ startedAt: 5 })
      await versions.checkEnded('new', 6, 'went\0wrong')
      expect(await versions.lastCheck('new')).toEqual({ startedAt: 5, endedAt: 6, error: 'went\u2400wrong' })
      await versions.checkEnded('new', 7)
      expect(await versions.lastCheck('new')).toEqual({ startedAt: 5, endedAt: 7 })
    })
  })
}
