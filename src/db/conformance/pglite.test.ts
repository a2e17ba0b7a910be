import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Db } from '../db.ts'
import { openPglite } from '../pglite/pglite-db.ts'
import { emptyDatabase } from './empty-database.ts'
import { databaseSuite } from './suite.ts'
import { testTemplate } from './template-cache.ts'

let db: Db
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airside-db-'))
  db = await openPglite({ dir, template: testTemplate })
}) // a template is made anew when a function of db/functions has changed
afterAll(async () => {
  await db.close()
  await rm(dir, { recursive: true, force: true })
})

databaseSuite({
  name: 'PGlite',
  fresh: async () => {
    await emptyDatabase(db)
    return db
  },
  another: async () => db,
})
