import type pg from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { checkChannel } from '../db.ts'
import { DbError, isTransient, toDbError } from '../db-error.ts'

type Callback = (payload: string | undefined) => void

interface Entry {
  readonly callback: Callback
  /** Its `listen` has returned: until then it has missed nothing. */
  listening: boolean
}

/** One connection for all LISTENs, made at the first one and made anew, with growing pauses, whenever it is lost. */
export class PgListener {
  readonly #connect: () => pg.Client
  readonly #clock: Clock
  readonly #callbacks = new Map<string, Set<Entry>>()
  readonly #stop = new AbortController()
  #client: pg.Client | undefined
  #connecting: Promise<pg.Client> | undefined
  #reconnecting: Promise<void> | undefined
  /** A client takes one statement at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(connect: () => pg.Client, clock: Clock) {
    this.#connect = connect
    this.#clock = clock
  }

  async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
    checkChannel(channel)
    let callbacks = this.#callbacks.get(channel)
    if (callbacks === undefined) this.#callbacks.set(channel, (callbacks = new Set()))
    // A separate entry, since the same callback may be registered twice.
    const entry: Entry = { callback, listening: false }
    callbacks.add(entry)
    try {
      await this.#listening(channel)
      entry.listening = true
    } catch (error) {
      callbacks.delete(entry)
      throw toDbError(error)
    }
    return async () => {
      callbacks.delete(entry)
      if (callbacks.size > 0 || this.#callbacks.get(channel) !== callbacks) return
      this.#callbacks.delete(channel)
      await this.#ask(this.#client, `unlisten ${channel}`).catch(() => undefined)
      // A callback may have been added while this awaited UNLISTEN.
      if (this.#callbacks.has(channel)) await this.#ask(this.#client, `listen ${channel}`).catch(() => undefined)
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

  /** Waits while a lost connection is made again. An error of the first connection goes to the caller. */
  async #listening(channel: string): Promise<void> {
    for (;;) {
      const client = await this.#ready()
      try {
        await this.#ask(client, `listen ${channel}`)
        return
      } catch (error) {
        if (!isTransient(toDbError(error))) throw error
        await this.#clock.sleep(100, this.#stop.signal)
      }
    }
  }

  #ask(client: pg.Client | undefined, sql: string): Promise<unknown> {
    const answer = this.#last.then(() => client?.query(sql))
    this.#last = answer.catch(() => undefined)
    return answer
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
    client.on('notification', ({ channel, payload }) => this.tell(channel, payload ?? ''))
    // Before connect, since 'end' is emitted once: a client that had ended unseen would be taken for a connection for ever.
    let ended = false
    client.on('end', () => {
      ended = true
      this.#lost(client)
    })
    await client.connect()
    if (ended) throw new DbError('connection', 'the connection was lost as soon as it was made')
    this.#client = client
    return client
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    if (!this.#stop.signal.aborted) this.#reconnecting ??= this.#reconnect().finally(() => (this.#reconnecting = undefined))
  }

  async #reconnect(): Promise<void> {
    for (let pause = 100; !this.#stop.signal.aborted; pause = Math.min(pause * 2, 10_000)) {
      try {
        const client = await this.#open()
        for (const channel of this.#callbacks.keys()) await this.#ask(client, `listen ${channel}`)
        this.#tellOfGap()
        return
      } catch {
        const failed = this.#client
        this.#client = undefined
        await failed?.end().catch(() => undefined)
        await this.#clock.sleep(pause, this.#stop.signal).catch(() => undefined)
      }
    }
  }

  /** Calls the callbacks of this server, without a round trip. */
  tell(channel: string, payload: string): void {
    for (const { callback } of this.#callbacks.get(channel) ?? []) callback(payload)
  }

  #tellOfGap(): void {
    for (const entries of this.#callbacks.values()) for (const { callback, listening } of entries) if (listening) callback(undefined)
  }
}
