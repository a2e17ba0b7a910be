import { checkChannel, type Db, type Param, type Row, type Tx } from '../db.ts'
import { DbError } from '../db-error.ts'
import { TransactionGuard } from '../transaction-guard.ts'
import { lockDataDir, type DataDirLock } from './data-dir-lock.ts'
import { Mutex } from './mutex.ts'
import { ensurePgdata, type Template } from './pgdata.ts'
import { WorkerClient } from './worker-client.ts'

export interface PgliteOptions {
  /** The database's own directory; made when it is absent. Holds `pgdata` and the lock. */
  readonly dir: string
  /** Copied when there is no `pgdata` yet. Without it the first creation takes seconds. */
  readonly template?: Template
}

/**
 * The embedded database. One process at a time: throws DataDirLockedError when another has it. kill -9 loses nothing that
 * was committed; a power cut may, since it runs without fsync.
 */
export async function openPglite(options: PgliteOptions): Promise<Db> {
  const lock = await lockDataDir(options.dir)
  try {
    const pgdata = await ensurePgdata(options.dir, options.template)
    const db = new PgliteDb(pgdata, lock)
    await db.ready()
    return db
  } catch (error) {
    await lock.release()
    throw error
  }
}

type Callback = (payload: string | undefined) => void

class PgliteDb implements Db {
  readonly driver = 'pglite'
  readonly #client: WorkerClient
  readonly #lock: DataDirLock
  readonly #guard = new TransactionGuard()
  readonly #mutex = new Mutex()
  readonly #callbacks = new Map<string, Set<Callback>>()
  #closed: Promise<void> | undefined

  constructor(pgdata: string, lock: DataDirLock) {
    this.#lock = lock
    this.#client = new WorkerClient(pgdata, (channel, payload) => this.#told(channel, payload))
  }

  ready(): Promise<void> {
    return this.#client.ready
  }

  async query<T = Row>(sql: string, params: readonly Param[] = []): Promise<T[]> {
    this.#assertUsable()
    return this.#mutex.run(async () => (await this.#client.request({ op: 'query', sql, params })).rows as T[])
  }

  async script(sql: string): Promise<void> {
    this.#assertUsable()
    await this.#mutex.run(() => this.#client.request({ op: 'script', sql }))
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.#assertUsable()
    return this.#mutex.run(async () => {
      const tx = new PgliteTx(this.#client)
      await this.#client.request({ op: 'script', sql: 'begin' })
      try {
        const value = await this.#guard.inside(() => work(tx))
        tx.end()
        const { command } = await this.#client.request({ op: 'query', sql: 'commit', params: [] })
        if (command !== undefined && command !== 'COMMIT') throw new DbError('statement', 'the transaction was rolled back: one of its statements had failed')
        return value
      } catch (error) {
        tx.end()
        // Outside a transaction PostgreSQL only warns about it.
        await this.#client.request({ op: 'script', sql: 'rollback' }).catch(() => undefined)
        throw error
      }
    })
  }

  /** What the database itself notifies of, in triggers, needs LISTEN; for `notify` all listeners are in this process. */
  async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
    this.#assertUsable()
    checkChannel(channel)
    // A separate function, since the same callback may be registered twice.
    const entry: Callback = (payload) => callback(payload)
    const known = this.#callbacks.get(channel)
    const callbacks = known ?? new Set()
    this.#callbacks.set(channel, callbacks.add(entry))
    if (known === undefined) await this.script(`listen ${channel}`)
    return async () => void callbacks.delete(entry)
  }

  notify(channel: string, payload: string): void {
    this.#assertUsable()
    this.#told(checkChannel(channel), payload)
  }

  #told(channel: string, payload: string): void {
    for (const callback of this.#callbacks.get(channel) ?? []) callback(payload)
  }

  close(): Promise<void> {
    // After everything that is queued, so that a transaction ends before the database is closed.
    this.#closed ??= this.#mutex.run(() => this.#client.close()).finally(() => this.#lock.release())
    return this.#closed
  }

  #assertUsable(): void {
    this.#guard.assertOutside()
    if (this.#closed !== undefined) throw new DbError('closed', 'the database handle is closed')
  }
}

class PgliteTx implements Tx {
  readonly transactional = true
  readonly #client: WorkerClient
  #ended = false

  constructor(client: WorkerClient) {
    this.#client = client
  }

  end(): void {
    this.#ended = true
  }

  async query<T = Row>(sql: string, params: readonly Param[] = []): Promise<T[]> {
    this.#assertRunning()
    return (await this.#client.request({ op: 'query', sql, params })).rows as T[]
  }

  async script(sql: string): Promise<void> {
    this.#assertRunning()
    await this.#client.request({ op: 'script', sql })
  }

  #assertRunning(): void {
    if (this.#ended) throw new DbError('closed', 'the transaction has ended')
  }
}
