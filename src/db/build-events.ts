import type { Clock } from '../lib/clock.ts'
import { Wakeup } from '../lib/wakeup.ts'
import type { StoredEvent } from '../model/build.ts'
import type { Db } from './db.ts'
import { isTransient } from './db-error.ts'
import { buildsGone } from './gone-builds.ts'

export interface StreamOptions {
  /** The last id that the reader has; absent: from the first event. */
  readonly after?: number
  readonly signal: AbortSignal
}

export interface BuildEventsOptions {
  readonly clock: Clock
  /** How often a stream polls, in case a notification was lost. Default: 10 s. */
  readonly pollMs?: number
  /** Events in one batch. Default: 500. */
  readonly batch?: number
}

/** Bytes of one page: lines may have 1 MB each, and a page of them must fit into memory. */
const pageBytes = 4_000_000

const finalStatuses = new Set(['succeeded', 'failed', 'errored', 'aborted'])

/** Reads the events of builds. */
export class BuildEvents {
  readonly #db: Db
  readonly #options: Required<BuildEventsOptions>

  constructor(db: Db, options: BuildEventsOptions) {
    this.#db = db
    this.#options = { pollMs: 10_000, batch: 500, ...options }
  }

  /** Events with ids above `after` (-1: all), in order: at most `limit`, and no more than a few MB of them, but one at least. */
  read(buildId: number, after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#db.query<StoredEvent>(
      `select event_id as id, type, version, payload
       from (
         select *, sum(octet_length(payload)) over (order by event_id) - octet_length(payload) as bytes_before
         from (select event_id, type, version, payload from build_events where build_id = $1 and event_id > $2 order by event_id limit $3) page
       ) measured
       where bytes_before < $4 order by event_id`,
      [buildId, after, limit, pageBytes],
    )
  }

  /**
   * Batches of events as they come, ended after the final status (or when the build is gone). A database that is away is
   * waited for. Rejects with the signal's reason when that aborts.
   */
  async *stream(buildId: number, options: StreamOptions): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const { signal } = options
    const { batch, clock, pollMs } = this.#options
    const wakeup = new Wakeup()
    let gone = false
    await using listening = new AsyncDisposableStack()
    listening.defer(await this.#listen('build_events', signal, (builds) => builds?.includes(buildId) !== false && wakeup.wake()))
    listening.defer(
      await this.#listen(buildsGone, signal, (builds) => {
        gone ||= builds?.includes(buildId) !== false
        if (gone) wakeup.wake()
      }),
    )
    let after = options.after ?? -1
    for (let over = false; ; ) {
      signal.throwIfAborted()
      const events = await waitedFor(() => this.read(buildId, after, batch))
      const last = events?.at(-1)
      if (events !== undefined && last !== undefined) {
        after = last.id
        yield events
        if (isFinal(last)) return
        continue
      }
      if (over && events !== undefined) return
      const woken = await wakeup.wait(clock, events === undefined ? Math.min(pollMs, 1_000) : pollMs, signal)
      if (woken && !gone) continue
      // It is said to be gone, or there was no notification for a long time.
      gone = false
      over = (await waitedFor(() => this.#isOver(buildId))) === true
    }
  }

  /** `callback` gets the builds of a notification; undefined: notifications may have been lost. */
  async #listen(channel: string, signal: AbortSignal, callback: (builds: readonly number[] | undefined) => void): Promise<() => Promise<void>> {
    for (;;) {
      const stop = await waitedFor(() => this.#db.listen(channel, (payload) => callback(payload?.split(',').map(Number))))
      if (stop !== undefined) return stop
      await this.#options.clock.sleep(1_000, signal)
    }
  }

  async #isOver(buildId: number): Promise<boolean> {
    const [row] = await this.#db.query<{ status: string }>('select status from builds where id = $1', [buildId])
    return row === undefined || finalStatuses.has(row.status)
  }
}

/** Undefined when the database does not answer for the moment. */
async function waitedFor<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isTransient(error)) return undefined
    throw error
  }
}

function isFinal(event: StoredEvent): boolean {
  if (event.type !== 'status') return false
  const { status } = JSON.parse(event.payload) as { status?: unknown }
  return typeof status === 'string' && finalStatuses.has(status)
}
