import pg from 'pg'
import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Db, Param, Row, Tx } from '../db.ts'
import { DbError, toDbError } from '../db-error.ts'
import { TransactionGuard } from '../transaction-guard.ts'
import { PgListener } from './pg-listener.ts'
import { PgNotifier } from './pg-notifier.ts'
import { pgTypes } from './pg-types.ts'

export interface PgOptions {
  /** `postgres://user:password@host:port/database?…` */
  readonly url: string
  /** Where our tables stand; made by the migration when it is absent. Default: public. */
  readonly schema?: string
  /** Connections for queries; one more listens. Default: 10. */
  readonly connections?: number
  readonly clock?: Clock
}

/** PostgreSQL 15 or newer. Connects lazily: a database that cannot be reached is an error of the first query. */
export function openPg(options: PgOptions): Db {
  const schema = options.schema ?? 'public'
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`not a schema name: ${JSON.stringify(schema)}`)
  return new PgDb(options, schema)
}

class PgDb implements Db {
  readonly driver = 'pg'
  readonly #pool: pg.Pool
  readonly #listener: PgListener
  readonly #notifier: PgNotifier
  readonly #guard = new TransactionGuard()
  #closed: Promise<void> | undefined

  constructor(options: PgOptions, schema: string) {
    const config: pg.ClientConfig = {
      connectionString: options.url,
      types: pgTypes,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      application_name: 'airside',
    }
    const onConnect = async (client: pg.ClientBase): Promise<void> => {
      // A connection that breaks fails its own query; without a listener the event would end the process.
      client.on('error', () => undefined)
      // The schema may not exist yet.
      await client.query(`set search_path to ${schema}`)
    }
    // Awaited by the pool, whatever its type says.
    this.#pool = new pg.Pool({ ...config, max: options.connections ?? 10, onConnect: onConnect as (client: pg.ClientBase) => void })
    this.#pool.on('error', () => undefined)
    const clock = options.clock ?? systemClock
    this.#listener = new PgListener(() => new pg.Client(config), clock)
    // Not through query(), which would count it as used inside a transaction.
    this.#notifier = new PgNotifier(
      (channels, payloads) => this.#pool.query('select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as given (channel, payload)', [channels, payloads]),
      clock,
    )
  }

  async query<T = Row>(sql: string, params: readonly Param[] = []): Promise<T[]> {
    this.#guard.assertOutside()
    this.#assertOpen()
    return this.#pool.query(sql, [...params]).then((result) => result.rows as T[], rethrow)
  }

  async script(sql: string): Promise<void> {
    this.#guard.assertOutside()
    this.#assertOpen()
    await this.#pool.query(sql).catch(rethrow)
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.#guard.assertOutside()
    this.#assertOpen()
    const client = await this.#pool.connect().catch(rethrow)
    const tx = new PgTx(client)
    let broken = false
    try {
      await client.query('begin').catch(rethrow)
      const value = await this.#guard.inside(() => work(tx))
      tx.end()
      await client.query('commit').then(assertCommitted, rethrow)
      return value
    } catch (error) {
      tx.end()
      await client.query('rollback').catch(() => (broken = true))
      throw error
    } finally {
      client.release(broken)
    }
  }

  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => Promise<void>> {
    this.#assertOpen()
    return this.#listener.listen(channel, callback)
  }

  notify(channel: string, payload: string): void {
    this.#assertOpen()
    this.#notifier.notify(channel, payload)
    this.#listener.tell(channel, payload)
  }

  connections(): number {
    return this.#pool.totalCount
  }

  close(): Promise<void> {
    this.#closed ??= this.#notifier.flush().then(async () => {
      await Promise.all([this.#listener.close(), this.#pool.end()])
    })
    return this.#closed
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new DbError('closed', 'the database handle is closed')
  }
}

class PgTx implements Tx {
  readonly transactional = true
  readonly #client: pg.PoolClient
  #ended = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  end(): void {
    this.#ended = true
  }

  async query<T = Row>(sql: string, params: readonly Param[] = []): Promise<T[]> {
    this.#assertRunning()
    return this.#client.query(sql, [...params]).then((result) => result.rows as T[], rethrow)
  }

  async script(sql: string): Promise<void> {
    this.#assertRunning()
    await this.#client.query(sql).catch(rethrow)
  }

  #assertRunning(): void {
    if (this.#ended) throw new DbError('closed', 'the transaction has ended')
  }
}

/** The server answers a commit of a failed transaction with ROLLBACK and no error. */
function assertCommitted(result: pg.QueryResult): void {
  if (result.command !== 'COMMIT') throw new DbError('statement', 'the transaction was rolled back: one of its statements had failed')
}

const rethrow = (error: unknown): never => {
  throw toDbError(error)
}
