import type pg from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { checkChannel } from '../db.ts'
import { DbError, isTransient, toDbError } from '../db-error.ts'

type Callback = (payload: string | undefined) => void

/** One connection for all LISTENs, made at the first one and made anew, with growing pauses, whenever it is lost. */
export class PgListener {
  readonly #connect: () => pg.Client
  readonly #clock: Clock
  readonly #callbacks = new Map<string, Set<Callback>>()
  readonly #stop = new AbortController()
  #client: pg.Client | undefined
  #connecting: Promise<pg.Client> | undefined
  #reconnecting: Promise<void> | undefined

  constructor(connect: () => pg.Client, clock: Clock) {
    this.#connect = connect
    this.#clock = clock
  }

  async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
    checkChannel(channel)
    let callbacks = this.#callbacks.get(channel)
    if (callbacks === undefined) this.#callbacks.set(channel, (callbacks = new Set()))
    // A function of its own: one callback may listen twice.
    const entry: Callback = (payload) => callback(payload)
    callbacks.add(entry)
    try {
      await this.#listening(channel)
    } catch (error) {
      callbacks.delete(entry)
      throw toDbError(error)
    }
    return async () => {
      callbacks.delete(entry)
      if (callbacks.size > 0 || this.#callbacks.get(channel) !== callbacks) return
      this.#callbacks.delete(channel)
      await this.#client?.query(`unlisten ${channel}`).catch(() => undefined)
      // Someone may have come while we left.
      if (this.#callbacks.has(channel)) await this.#client?.query(`listen ${channel}`).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new DbError('closed', 'the database handle is closed'))
    await this.#connecting?.catch(() => undefined)
    await this.#reconnecting
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }

  /** Waits for a lost connection to come back; a first one that fails is the caller's to hear of. */
  async #listening(channel: string): Promise<void> {
    for (;;) {
      const client = await this.#ready()
      try {
        await client.query(`listen ${channel}`)
        return
      } catch (error) {
        if (!isTransient(toDbError(error))) throw error
        await this.#clock.sleep(100, this.#stop.signal)
      }
    }
  }

  async #ready(): Promise<pg.Client> {
    await this.#reconnecting
    this.#stop.signal.throwIfAborted()
    if (this.#client !== undefined) return this.#client
    this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined))
    return this.#connecting
  }

  async #open(): Promise<pg.Client> {
    const client = this.#connect()
    client.on('error', () => undefined)
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
    await client.connect()
    client.on('end', () => {
      if (this.#client !== client) return
      this.#client = undefined
      if (!this.#stop.signal.aborted) this.#reconnecting ??= this.#reconnect().finally(() => (this.#reconnecting = undefined))
    })
    this.#client = client
    return client
  }

  async #reconnect(): Promise<void> {
    for (let pause = 100; !this.#stop.signal.aborted; pause = Math.min(pause * 2, 10_000)) {
      try {
        const client = await this.#open()
        for (const channel of this.#callbacks.keys()) await client.query(`listen ${channel}`)
        for (const channel of this.#callbacks.keys()) this.#tell(channel, undefined)
        return
      } catch {
        const failed = this.#client
        this.#client = undefined
        await failed?.end().catch(() => undefined)
        await this.#clock.sleep(pause, this.#stop.signal).catch(() => undefined)
      }
    }
  }

  #tell(channel: string, payload: string | undefined): void {
    for (const callback of this.#callbacks.get(channel) ?? []) callback(payload)
  }
}
