import { beforeEach, describe, expect, it } from 'vitest'
import type { Db } from '../db.ts'
import { DbError } from '../db-error.ts'
import type { Target } from './target.ts'

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  )

export function seamSuite(target: Target): void {
  describe('seam', () => {
    let db: Db
    beforeEach(async () => {
      db = await target.fresh()
    })

    it('returns the same values on every database', async () => {
      const [row] = await db.query(
        `select 7::int8 as small, 9007199254740993::int8 as big, count(*) as count, sum(2::int8) as sum, '{1,9007199254740993,null}'::int8[] as longs,
                '\\x00ff'::bytea as bytes, '1 day 2 hours'::interval as interval, '{"b":1,"a":[null]}'::json as json, '[1, "x"]'::jsonb as jsonb,
                1.50::numeric as numeric, true as flag, null::text as nothing, '{a,null,"b c"}'::text[] as texts, 2::int4 as int`,
      )
      expect(row).toEqual({
        small: 7,
        big: 9007199254740993n,
        count: 1,
        sum: '2',
        longs: [1, 9007199254740993n, null],
        bytes: Uint8Array.of(0, 255),
        interval: '1 day 02:00:00',
        json: '{"b":1,"a":[null]}',
        jsonb: '[1, "x"]',
        numeric: '1.50',
        flag: true,
        nothing: null,
        texts: ['a', null, 'b c'],
        int: 2,
      })
    })

    it('accepts the same parameters on every database', async () => {
      const [row] = await db.query(
        `select $1::int8 as a, $2::int8 as b, $3::text as c, $4::bool as d, $5::bytea as e, $6::text[] as f, $7::int8[] as g, $8::jsonb as h, $9::text as i`,
        [5, 9007199254740993n, "it's \\ \" {é}", false, Uint8Array.of(1, 0, 2), ['a,b', '"', '\\', '', null, 'NULL'], [1, 2], '[1,"x"]', null],
      )
      expect(row).toEqual({
        a: 5,
        b: 9007199254740993n,
        c: "it's \\ \" {é}",
        d: false,
        e: Uint8Array.of(1, 0, 2),
        f: ['a,b', '"', '\\', '', null, 'NULL'],
        g: [1, 2],
        h: '[1, "x"]',
        i: null,
      })
    })

    it('says which constraint was broken', async () => {
      await db.query(`insert into settings values ('a', 'x', false)`)
      const error = await failure(db.query(`insert into settings values ('a', 'y', false)`))
      expect(error).toBeInstanceOf(DbError)
      expect(error).toMatchObject({ kind: 'constraint', code: '23505', constraint: 'settings_pkey', table: 'settings' })
    })

    it('reports a faulty statement, and can be used afterwards', async () => {
      expect(await failure(db.query('select nonsense'))).toMatchObject({ kind: 'statement', code: '42703' })
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    })

    it('refuses NUL in a text as a statement error', async () => {
      expect(await failure(db.query('select $1::text as text', ['a\0b']))).toMatchObject({ kind: 'statement', code: '22021' })
    })

    it('commits a transaction and rolls back one that throws', async () => {
      expect(
        await db.transaction(async (tx) => {
          await tx.query(`insert into settings values ('kept', 'x', false)`)
          return 5
        }),
      ).toBe(5)
      const error = new Error('no')
      expect(
        await failure(
          db.transaction(async (tx) => {
            await tx.query(`insert into settings values ('lost', 'x', false)`)
            throw error
          }),
        ),
      ).toBe(error)
      expect(await db.query('select name from settings')).toEqual([{ name: 'kept' }])
    })

    it('reports a transaction as failed when one of its statements has failed', async () => {
      const error = await failure(
        db.transaction(async (tx) => {
          await tx.query(`insert into settings values ('a', 'x', false)`)
          await tx.query('select nonsense').catch(() => undefined)
        }),
      )
      expect(error).toBeInstanceOf(DbError)
      expect(await db.query('select name from settings')).toEqual([])
    })

    it('throws when the outer handle is used inside a transaction', async () => {
      await db.transaction(async (tx) => {
        expect(await failure(db.query('select 1'))).toMatchObject({ message: expect.stringContaining('inside its own transaction') })
        expect(await failure(db.transaction(async () => undefined))).toMatchObject({ message: expect.stringContaining('inside its own transaction') })
        await tx.query('select 1')
      })
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    })

    it('runs statements beside a transaction outside of it', async () => {
      let entered = (): void => undefined
      const inside = new Promise<void>((resolve) => (entered = resolve))
      let finish = (): void => undefined
      const finished = new Promise<void>((resolve) => (finish = resolve))
      const transaction = db.transaction(async (tx) => {
        await tx.query(`insert into settings values ('inside', 'x', false)`)
        entered()
        await finished
        throw new Error('no')
      })
      await inside
      const beside = db.query(`insert into settings values ('beside', 'x', false)`)
      finish()
      await failure(transaction)
      await beside
      expect(await db.query('select name from settings')).toEqual([{ name: 'beside' }])
    })

    it('refuses statements in a transaction that has ended', async () => {
      const tx = await db.transaction(async (running) => ({ query: () => running.query('select 1') }))
      expect(await failure(tx.query())).toMatchObject({ kind: 'closed' })
    })

    it('hears notifications of every handle, on its channel only', async () => {
      const heard: (string | undefined)[] = []
      const other = await target.another()
      const last = Promise.withResolvers<void>()
      const stop = await db.listen('channel_a', (payload) => {
        heard.push(payload)
        if (payload === 'last') last.resolve()
      })
      other.notify('channel_b', 'not ours')
      other.notify('channel_a', 'first')
      other.notify('channel_a', 'last')
      await last.promise
      await stop()
      expect(heard).toEqual(['first', 'last'])
    })

    it('hears its own notifications', async () => {
      const heard = Promise.withResolvers<string | undefined>()
      const stop = await db.listen('channel_a', heard.resolve)
      db.notify('channel_a', 'own')
      expect(await heard.promise).toBe('own')
      await stop()
    })

    it('refuses a channel that is no identifier', async () => {
      await expect(db.listen('a; drop table builds', () => undefined)).rejects.toThrow('not a channel name')
      expect(() => db.notify('a; drop table builds', '')).toThrow('not a channel name')
    })
  })
}
