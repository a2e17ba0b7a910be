import { afterAll, beforeAll, describe } from 'vitest'
import { type Postgres, postgresReason, startPostgres } from '../../../test/services/postgres.ts'
import type { Db } from '../db.ts'
import { migrate } from '../migrate.ts'
import { openPg } from '../pg/pg-db.ts'
import { emptyDatabase } from './empty-database.ts'
import { pgFaultsSuite } from './pg-faults.suite.ts'
import { pgListenerSuite } from './pg-listener.suite.ts'
import { databaseSuite } from './suite.ts'

const reason = await postgresReason()

describe.skipIf(reason !== undefined)(`with a server${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  let server: Postgres
  let db: Db
  let other: Db

  beforeAll(async () => {
    server = await startPostgres({ fsync: true }) // else a crash loses what was acknowledged
    const url = await server.createDatabase()
    db = openPg({ url, connections: 4 })
    other = openPg({ url, connections: 4 })
    await migrate(db, 0)
  })
  afterAll(async () => {
    await Promise.all([db.close(), other.close()])
    await server.stop()
  })

  const target = {
    name: 'PostgreSQL',
    fresh: async () => {
      await emptyDatabase(db)
      return db
    },
    another: async () => other,
  }
  databaseSuite(target)
  pgFaultsSuite(target, () => server)
  pgListenerSuite(() => server)
})
