import type { Db, Queryable } from './db.ts'
import { type Migration, readSchema, type Schema, type SqlFunction } from './migrations.ts'

/** The database cannot be brought to this version of the code; it is as it was. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** Key of the advisory lock: an arbitrary number that is used for nothing else. */
const lockNumber = 4_717_284_955

/**
 * Brings the database to this version of the code. All of it is one transaction, so that a migration that fails leaves the
 * database as the version before knows it. Several servers may call it at once. `now`: unix ms.
 */
export async function migrate(db: Db, now: number, options: { readonly schemaName?: string; readonly schema?: Schema } = {}): Promise<void> {
  const { migrations, functions } = options.schema ?? (await readSchema())
  const { schemaName } = options
  if (schemaName !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schemaName)) throw new Error(`not a schema name: ${JSON.stringify(schemaName)}`)
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [lockNumber])
    if (schemaName !== undefined) await tx.script(`create schema if not exists ${schemaName}`)
    await tx.script(
      `create table if not exists migrations (number int primary key, name text not null, checksum text not null, applied_at bigint not null);
       create table if not exists functions (name text primary key, checksum text not null, applied_at bigint not null)`,
    )
    for (const migration of await pending(tx, migrations)) await applyMigration(tx, migration, now)
    for (const sqlFunction of await changed(tx, functions)) await applyFunction(tx, sqlFunction, now)
  })
}

async function pending(tx: Queryable, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const applied = await tx.query<{ number: number; name: string; checksum: string }>('select number, name, checksum from migrations order by number')
  const last = applied.at(-1)
  if (last !== undefined && last.number > migrations.length) {
    throw new MigrationError(
      `the database is newer than this version of Airside: it has migration ${last.number} (${last.name}), this version knows ${migrations.length}; run a newer version, or another database`,
    )
  }
  for (const { number, name, checksum } of applied) {
    if (migrations[number - 1]?.checksum !== checksum) {
      throw new MigrationError(
        `migration ${number} (${name}) was applied to this database with another text, by a development version of Airside; use another database (--data names another folder for an embedded one)`,
      )
    }
  }
  return migrations.slice(applied.length)
}

async function applyMigration(tx: Queryable, { number, name, checksum, sql }: Migration, now: number): Promise<void> {
  await applied(`migration ${number} (${name})`, async () => {
    await tx.script(sql)
    await tx.query('insert into migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)', [number, name, checksum, now])
  })
}

async function changed(tx: Queryable, functions: readonly SqlFunction[]): Promise<readonly SqlFunction[]> {
  const rows = await tx.query<{ name: string; checksum: string }>('select name, checksum from functions')
  const known = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  return functions.filter(({ name, checksum }) => known.get(name) !== checksum)
}

async function applyFunction(tx: Queryable, { name, checksum, sql }: SqlFunction, now: number): Promise<void> {
  await applied(`function ${name}`, async () => {
    await tx.script(sql)
    await tx.query(
      `insert into functions (name, checksum, applied_at) values ($1, $2, $3)
       on conflict (name) do update set checksum = excluded.checksum, applied_at = excluded.applied_at`,
      [name, checksum, now],
    )
  })
}

async function applied(what: string, apply: () => Promise<void>): Promise<void> {
  try {
    await apply()
  } catch (error) {
    throw new MigrationError(`${what} failed, the database is as it was: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
