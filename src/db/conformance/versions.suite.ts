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
    const saveIn = async (store: Versions, scope: string, list: readonly Version[], from?: Version): Promise<boolean> =>
      store.save((await store.enter({ scope }, 1)).id, list, { now: 1, ...(from && { from }) })
    const save = (scope: string, list: readonly Version[], from?: Version): Promise<boolean> => saveIn(versions, scope, list, from)
    const v = (ref: string): Version => ({ ref })
    const order = async (): Promise<string[]> =>
      (await db.query<{ ref: string }>(`select version ->> 'ref' as ref from scope_versions join versions on versions.id = version_id order by check_order`)).map(({ ref }) => ref)

    it('puts the last version of a check last', async () => {
      expect(await versions.latest('s')).toBeUndefined()
      await save('s', [v('1'), v('2'), v('3')])
      expect(await order()).toEqual(['1', '2', '3'])
      expect(await versions.latest('s')).toEqual(v('3'))
      await save('s', [v('3'), v('4')])
      expect(await order()).toEqual(['1', '2', '3', '4'])
      expect(await versions.latest('other')).toBeUndefined()
    })

    it('reorders only when a check has a new version', async () => {
      await save('s', [v('1'), v('2'), v('3')])
      await save('s', [v('2'), v('1')])
      expect(await order()).toEqual(['1', '2', '3'])
      await save('s', [v('2'), v('1'), v('4')])
      expect(await order()).toEqual(['3', '2', '1', '4'])
      await save('s', [])
      expect(await versions.latest('s')).toEqual(v('4'))
    })

    it('puts a version that a check prints twice in its last place', async () => {
      await save('s', [v('1'), v('2'), v('1')])
      expect(await order()).toEqual(['2', '1'])
    })

    it('treats versions as equal whatever the order of their keys', async () => {
      await save('s', [{ a: '1', b: '2' }])
      await save('s', [{ b: '2', a: '1' }])
      expect(await db.query('select count(*) as count from versions')).toEqual([{ count: 1 }])
    })

    it('C4: tells whether something has changed', async () => {
      expect(await save('s', [])).toBe(false)
      expect(await save('s', [v('1'), v('2')])).toBe(true)
      expect(await save('s', [v('1'), v('2')], v('2'))).toBe(false)
      expect(await save('s', [v('2'), v('3')], v('2'))).toBe(true)
    })

    it('C10: the latest that was checked from and is gone does not stay the latest', async () => {
      await save('s', [v('1'), v('2'), v('3')])
      expect(await save('s', [v('1'), v('2')], v('2'))).toBe(false)
      expect(await save('s', [v('1'), v('2')], v('3'))).toBe(true)
      expect(await order()).toEqual(['3', '1', '2'])
      expect(await save('s', [v('1'), v('2')], v('2'))).toBe(false)
    })

    it('a scope is entered by its key, with what is known of it', async () => {
      const entered = await versions.enter({ scope: 's' }, 1)
      expect(entered).toEqual({ id: entered.id, times: { failures: 0 } })
      await save('s', [v('1')])
      await versions.saveEnds([{ scopeId: entered.id, startedAt: 5, endedAt: 6 }])
      expect(await versions.enter({ scope: 's' }, 9)).toEqual({ id: entered.id, times: { startedAt: 5, endedAt: 6, failures: 0 }, latest: v('1') })
      const others = await Promise.all(Array.from({ length: 10 }, async (_, index) => (index % 2 === 0 ? versions : new Versions(await target.another())).enter({ scope: 'new' }, 1)))
      expect(new Set(others.map(({ id }) => id)).size).toBe(1)
    })

    it('ends of checks are saved many at once, counted, and never by an older one', async () => {
      const [s, t] = [(await versions.enter({ scope: 's' }, 1)).id, (await versions.enter({ scope: 't' }, 1)).id]
      const states = () => db.query('select scope_id, started_at, ended_at, failures, error from scope_checks order by scope_id')
      await versions.saveEnds([
        { scopeId: t, startedAt: 20, endedAt: 21, error: 'went\0wrong' },
        { scopeId: s, startedAt: 5, endedAt: 6, error: 'once' },
        { scopeId: s, startedAt: 7, endedAt: 8, error: 'twice' },
      ])
      expect(await states()).toEqual([
        { scope_id: s, started_at: 7, ended_at: 8, failures: 2, error: 'twice' },
        { scope_id: t, started_at: 20, ended_at: 21, failures: 1, error: 'went\u2400wrong' },
      ])
      await versions.saveEnds([{ scopeId: s, startedAt: 9, endedAt: 10, error: 'again' }, { scopeId: t, startedAt: 10, endedAt: 50 }])
      expect(await states()).toEqual([
        { scope_id: s, started_at: 9, ended_at: 10, failures: 3, error: 'again' },
        { scope_id: t, started_at: 20, ended_at: 21, failures: 1, error: 'went\u2400wrong' },
      ])
      await versions.saveEnds([{ scopeId: s, startedAt: 12, endedAt: 13, error: 'after' }, { scopeId: s, startedAt: 11, endedAt: 12 }, { scopeId: t, startedAt: 30, endedAt: 31 }])
      expect(await states()).toEqual([
        { scope_id: s, started_at: 12, ended_at: 13, failures: 1, error: 'after' },
        { scope_id: t, started_at: 30, ended_at: 31, failures: 0, error: null },
      ])
    })

    it('S6: stores hostile keys and values unchanged, or refuses them with an error', async () => {
      const hostile = JSON.parse(`{"__proto__":"x","constructor":"'; drop table versions; --","a\\"b":"\\\\","":""}`) as Version
      await save('s', [hostile])
      const latest = await versions.latest('s')
      expect(new Map(Object.entries(latest ?? {}))).toEqual(new Map(Object.entries(hostile)))
      expect(Object.getPrototypeOf(latest)).toBe(Object.prototype)
      await expect(save('s', [v('a\0')])).rejects.toBeInstanceOf(UnstorableVersionError)
      await expect(save('s', [v('\ud800')])).rejects.toBeInstanceOf(UnstorableVersionError)
    })

    it('two servers that save at once give no two versions the same order', async () => {
      const other = new Versions(await target.another())
      const batches = Array.from({ length: 10 }, (_, index) => [v('same'), v(`${index}`), v(`${index}+`)])
      await Promise.all(batches.map((batch, index) => saveIn(index % 2 === 0 ? versions : other, 's', batch)))
      expect(await db.query('select count(*) as count, count(distinct check_order) as orders from scope_versions')).toEqual([{ count: 21, orders: 21 }])
    })

    it('keeps a version once, however many scopes have it, and each scope’s own order', async () => {
      await save('s', [v('1'), v('2')])
      await save('t', [v('2'), v('1')])
      expect(await versions.latest('s')).toEqual(v('2'))
      expect(await versions.latest('t')).toEqual(v('1'))
      expect(await db.query('select count(*) as count from versions')).toEqual([{ count: 2 }])
    })

    it('saves the same new versions in several scopes at once', async () => {
      const other = new Versions(await target.another())
      const list = Array.from({ length: 50 }, (_, index) => v(`${index}`))
      await Promise.all(Array.from({ length: 8 }, (_, index) => saveIn(index % 2 === 0 ? versions : other, `scope ${index}`, index % 3 === 0 ? list : list.toReversed())))
      expect(await db.query('select count(*) as count from scope_versions')).toEqual([{ count: 400 }])
    })

    it('saves a version of a megabyte, and knows it again', async () => {
      const large = { ref: 'x'.repeat(1024 * 1024) }
      expect(await save('s', [v('1'), large])).toBe(true)
      expect(await versions.latest('s')).toEqual(large)
      expect(await save('s', [large], large)).toBe(false)
    })

    it('saves what a check of 10 000 versions found, and finds it again; another scope is saved beside it', async () => {
      const many = Array.from({ length: 10_000 }, (_, index) => v(`n${index}`))
      expect(await Promise.all([save('many', many), save('s', [v('1')])])).toEqual([true, true])
      expect([await versions.latest('many'), await versions.latest('s')]).toEqual([many.at(-1), v('1')])
      expect(await save('many', many, many.at(-1))).toBe(false)
      expect(await db.query('select count(*) as count from scope_versions')).toEqual([{ count: 10_001 }])
    })

    it('keeps metadata of versions that are known', async () => {
      await save('s', [v('1')])
      expect(await versions.metadata('s', v('1'))).toBeUndefined()
      await versions.saveMetadata('s', v('1'), [{ name: 'n', value: '\0' }])
      await versions.saveMetadata('s', v('2'), [{ name: 'n', value: 'unknown' }])
      await save('s', [v('1'), v('2')])
      expect(await versions.metadata('s', v('1'))).toEqual([{ name: 'n', value: '\0' }])
      expect(await versions.metadata('s', v('2'))).toBeUndefined()
    })
  })
}
