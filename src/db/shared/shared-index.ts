import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ArtifactDigest } from '../../model/artifact.ts'

/**
 * What all processes of one data folder know together: caches, versions and durations of steps. Each embedded database is one process's, and what is saved in it
 * no other run sees; this file is open to all of them at once. SQLite orders their writes, and a process that is killed loses none that had
 * returned. Calls are short and done on the caller's thread.
 */
export interface SharedIndex {
  /** A statement that is prepared once. */
  prepare(sql: string): StatementSync
  /** In one transaction that has the write lock from its beginning; rolled back when `work` throws. */
  write<T>(work: () => T): T
  /** Artifacts that caches refer to. */
  referenced(): readonly ArtifactDigest[]
  close(): void
}

/** How long a write waits for another process's, ms. They take milliseconds. */
const patienceMs = 30_000
const schemaVersion = 2

const schema = `
create table resource_caches (
  key text primary key,
  digest text not null,
  size integer not null,
  version text not null,
  metadata text not null,
  used_at integer not null,
  scope text -- of the resource config that it was fetched from
) strict, without rowid;
create index resource_caches_scope on resource_caches (scope);
create table task_caches (
  job text not null, -- its names, see shared-jobs.ts
  step text not null,
  path text not null,
  digest text not null,
  size integer not null,
  used_at integer not null,
  primary key (job, step, path)
) strict, without rowid;
create table step_durations (
  job text not null,
  step text not null,
  ms integer not null,
  primary key (job, step)
) strict, without rowid;
create table versions (
  scope text not null,
  hash text not null, -- of the canonical JSON
  version text not null,
  check_order integer not null,
  primary key (scope, hash)
) strict, without rowid;
create unique index versions_order on versions (scope, check_order);
pragma user_version = ${schemaVersion};`

/** From one version to the next, beginning with the first. */
const upgrades: readonly string[] = ['alter table resource_caches add column scope text; create index resource_caches_scope on resource_caches (scope)']

export async function openSharedIndex(data: string): Promise<SharedIndex> {
  const folder = join(data, 'shared')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(join(folder, 'index.sqlite'), { timeout: patienceMs })
  try {
    const index = new SqliteIndex(db)
    index.makeSchema(folder)
    return index
  } catch (error) {
    db.close()
    throw error
  }
}

class SqliteIndex implements SharedIndex {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
    // A commit waits for no disk: a killed process loses nothing by that; a power cut may lose the last commits, and never the file.
    db.exec('pragma journal_mode = wal; pragma synchronous = normal')
  }

  makeSchema(folder: string): void {
    const version = (): unknown => this.prepare('pragma user_version').get()?.['user_version']
    if (Number(version()) < schemaVersion) {
      this.write(() => {
        // Another process may have made it since.
        if (version() === 0) this.#db.exec(schema)
        for (let from = Number(version()); from < schemaVersion; from++) this.#db.exec(`${upgrades[from - 1] ?? ''}; pragma user_version = ${from + 1}`)
      })
    }
    const found = version()
    if (found !== schemaVersion) throw new Error(`${folder} was made by another release of Airside (its format is ${String(found)}, this one reads ${schemaVersion}); use that one, or choose another folder with --data`)
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }

  write<T>(work: () => T): T {
    // A transaction that begins by reading fails, rather than waits, when another one has written meanwhile.
    this.#db.exec('begin immediate')
    try {
      const value = work()
      this.#db.exec('commit')
      return value
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('rollback')
      throw error
    }
  }

  referenced(): readonly ArtifactDigest[] {
    return this.prepare('select digest from resource_caches union select digest from task_caches').all().map(({ digest }) => digest as ArtifactDigest)
  }

  close(): void {
    this.#db.close()
  }
}
