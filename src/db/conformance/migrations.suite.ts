import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Db } from '../db.ts'
import { migrate, MigrationError } from '../migrate.ts'
import { type Migration, readSchema, type Schema } from '../migrations.ts'
import type { Target } from './target.ts'

const extra = (number: number, sql: string): Migration => ({ number, name: `extra-${number}`, sql, checksum: createHash('sha256').update(sql).digest('hex') })

export function migrationsSuite(target: Target): void {
  describe('migrations', () => {
    let db: Db
    let known: readonly Migration[]
    let schema: Schema
    beforeEach(async () => {
      db = await target.fresh()
      schema = await readSchema()
      known = schema.migrations
      // These tests change tables, in a schema of their own.
      await db.script('drop schema if exists other cascade; create schema other')
    })
    const inSchema = (): Db => ({
      ...db,
      driver: db.driver,
      query: (sql, params) => db.query(sql, params),
      script: (sql) => db.script(sql),
      listen: (channel, callback) => db.listen(channel, callback),
      notify: (channel, payload) => db.notify(channel, payload),
      close: () => db.close(),
      transaction: (work) =>
        db.transaction(async (tx) => {
          await tx.script('set local search_path to other')
          return work(tx)
        }),
    })
    const applied = (): Promise<{ number: number }[]> => db.query<{ number: number }>('select number from other.migrations order by number')

    it('are applied once, even by two servers at once', async () => {
      await Promise.all([migrate(inSchema(), 5), migrate(inSchema(), 6)])
      await migrate(inSchema(), 7)
      expect((await applied()).map(({ number }) => number)).toEqual(known.map(({ number }) => number))
      await db.query('select count(*) from other.builds')
    })

    it('change nothing when one of them fails', async () => {
      await migrate(inSchema(), 5)
      const next = known.length + 1
      const migrations = [...known, extra(next, 'create table other.new_table (a int)'), extra(next + 1, 'alter table builds add column x int; select nonsense')]
      await expect(migrate(inSchema(), 6, { schema: { ...schema, migrations } })).rejects.toThrow(`migration ${next + 1} (extra-${next + 1}) failed, the database is as it was: column "nonsense" does not exist`)
      expect(await applied()).toHaveLength(known.length)
      await expect(db.query('select x from other.builds')).rejects.toThrow('column "x" does not exist')
      await expect(db.query('select a from other.new_table')).rejects.toThrow('does not exist')
      await migrate(inSchema(), 7)
    })

    it('refuse a database with newer or other migrations', async () => {
      await migrate(inSchema(), 5, { schema: { ...schema, migrations: [...known, extra(known.length + 1, 'select 1')] } })
      await expect(migrate(inSchema(), 6)).rejects.toThrow(`the database is newer than this version of Airside: it has migration ${known.length + 1}`)
      await expect(migrate(inSchema(), 6)).rejects.toBeInstanceOf(MigrationError)
      const edited = [...known, extra(known.length + 1, 'select 2')]
      await expect(migrate(inSchema(), 6, { schema: { ...schema, migrations: edited } })).rejects.toThrow(`migration ${known.length + 1} (extra-${known.length + 1}) was applied to this database with another text`)
    })

    it('apply a function again only when its text has changed', async () => {
      const text = (value: number) => `create or replace function one() returns integer language sql as 'select ${value}'`
      const withFunction = (value: number): Schema => ({ ...schema, functions: [...schema.functions, { name: 'one', sql: text(value), checksum: String(value) }] })
      const appliedAt = async () => (await db.query<{ applied_at: number }>(`select applied_at from other.functions where name = 'one'`))[0]?.applied_at
      await migrate(inSchema(), 5, { schema: withFunction(1) })
      await migrate(inSchema(), 6, { schema: withFunction(1) })
      expect(await appliedAt()).toBe(5)
      await migrate(inSchema(), 7, { schema: withFunction(2) })
      expect(await appliedAt()).toBe(7)
      expect(await db.query('select other.one() as one')).toEqual([{ one: 2 }])
    })
  })
}
