import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseTemplate } from '../src/app/open-app.ts'
import type { Db } from '../src/db/db.ts'
import { openPg } from '../src/db/pg/pg-db.ts'
import { openPglite } from '../src/db/pglite/pglite-db.ts'
import { postgresReason, startPostgres } from '../test/services/postgres.ts'

interface BenchDatabase {
  readonly name: 'PGlite' | 'PostgreSQL'
  readonly db: Db
}

/**
 * The databases that a bench measures in turn, each empty: an embedded one, then the PostgreSQL that AIRSIDE_BENCH_POSTGRES names, or one that is
 * started for it. AIRSIDE_BENCH_DATABASE names the only one of both.
 */
export async function* benchDatabases(): AsyncGenerator<BenchDatabase> {
  const only = process.env['AIRSIDE_BENCH_DATABASE']?.toLowerCase()
  if (only !== 'postgresql') {
    const dir = await mkdtemp(join(tmpdir(), 'airside-bench-db-'))
    const db = await openPglite({ dir: join(dir, 'db'), template: () => databaseTemplate(() => undefined) })
    try {
      yield { name: 'PGlite', db }
    } finally {
      await db.close()
      await rm(dir, { recursive: true, force: true })
    }
  }
  if (only === 'pglite') return
  const given = process.env['AIRSIDE_BENCH_POSTGRES']
  const reason = given === undefined ? await postgresReason() : undefined
  if (reason !== undefined) {
    process.stderr.write(`PostgreSQL is left out: ${reason}\n`)
    return
  }
  // As an operator has it: each commit is on disk.
  const server = given === undefined ? await startPostgres({ fsync: true }) : undefined
  const db = openPg({ url: given ?? (await server?.createDatabase()) ?? '' })
  try {
    yield { name: 'PostgreSQL', db }
  } finally {
    await db.close()
    await server?.stop()
  }
}
