import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresReason, startPostgres, type Postgres } from './postgres.ts'

const reason = await postgresReason()

describe.skipIf(reason !== undefined)(`PostgreSQL${reason === undefined ? '' : ` (${reason})`}`, () => {
  let postgres: Postgres

  beforeAll(async () => {
    postgres = await startPostgres({ log: console.error })
  })
  afterAll(async () => postgres?.stop())

  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows as unknown[]
    } finally {
      await client.end()
    }
  }

  it('makes databases, also as copies of another', async () => {
    const first = await postgres.createDatabase()
    await query(first, 'CREATE TABLE t (n int); INSERT INTO t VALUES (7)')
    const copy = await postgres.createDatabase(first)
    await query(first, 'DELETE FROM t')
    expect(await query(copy, 'SELECT n FROM t')).toEqual([{ n: 7 }])
    await postgres.dropDatabase(copy)
    await expect(query(copy, 'SELECT 1')).rejects.toThrow('does not exist')
  })

  it('comes back after a crash', async () => {
    const database = await postgres.createDatabase()
    await query(database, 'CREATE TABLE t (n int)')
    await query(database, 'CHECKPOINT')
    await postgres.crash()
    expect(await query(database, 'SELECT n FROM t')).toEqual([])
  })

  it('is gone after stop', async () => {
    const stopped = await startPostgres()
    await stopped.stop()
    await expect(query(stopped.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  })
})
