import type { Clock } from '../../lib/clock.ts'
import type { Wakeup } from '../../lib/wakeup.ts'
import type { EventSource } from '../ports.ts'
import { endFrame, heartbeat, withNotice } from './frame.ts'
import { Feed } from './feed.ts'

export interface HubOptions {
  readonly events: EventSource
  /** Whether the build has ended. */
  readonly isOver: (buildId: number) => Promise<boolean>
  readonly clock: Clock
}

export interface Watching {
  readonly buildId: number
  /** The last event that the client has; -1: none. */
  readonly after: number
  readonly sink: EventSink
  readonly stillAllowed: () => Promise<boolean>
}

/** Where a watcher's events go. */
export interface EventSink {
  readonly wakeup: Wakeup
  /** Aborts when nobody reads any more; the wake-up rings then. */
  readonly gone: AbortSignal
  /** Resolves when more may be written. */
  write(bytes: Buffer): Promise<void>
  /** All has been written. */
  end(lingerMs: number): Promise<void>
  /** Nothing more comes, though the build may go on: whoever reads has to come back. */
  cut(): void
}

const silenceMs = 15_000
const authorizationMs = 60_000
const lingerMs = 5_000
const pageEvents = 500

/**
 * Streams builds' events. A response that ends before the build's final status makes fly exit 0 as if the build had succeeded, so
 * whatever goes wrong destroys the connection instead, and fly comes back for the rest.
 */
export class EventHub {
  readonly #options: HubOptions
  readonly #feeds = new Map<number, Feed>()
  readonly #watchers = new Set<EventSink>()
  #closed = false
  #behind = 0
  #bytes = 0

  constructor(options: HubOptions) {
    this.#options = options
  }

  /** Resolves when the client has gone or has all. */
  async watch({ buildId, after, sink: watcher, stillAllowed }: Watching): Promise<void> {
    this.#watchers.add(watcher)
    try {
      if (this.#closed) return watcher.cut()
      const cursor = await this.#follow(watcher, buildId, after, stillAllowed)
      if (cursor === undefined) return watcher.cut()
      await watcher.write(endFrame(cursor + 1))
      await watcher.end(lingerMs)
    } catch {
      watcher.cut()
    } finally {
      this.#watchers.delete(watcher)
    }
  }

  /** `behind`: read older events from the database. `bytes`: of events, written to any. */
  get state(): { readonly feeds: number; readonly watchers: number; readonly behind: number; readonly bytes: number } {
    return { feeds: this.#feeds.size, watchers: this.#watchers.size, behind: this.#behind, bytes: this.#bytes }
  }

  /** No stream begins any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** Cuts all connections, one after the other over `spreadMs`: their builds go on, and their watchers come back, perhaps to another server. */
  async close(spreadMs = 0): Promise<void> {
    this.#closed = true
    const watchers = [...this.#watchers]
    for (const [index, watcher] of watchers.entries()) {
      watcher.cut()
      if (spreadMs > 0 && index < watchers.length - 1) await this.#options.clock.sleep(spreadMs / watchers.length)
    }
    // Those that were on their way to begin when it was closed.
    for (const watcher of this.#watchers) watcher.cut()
  }

  /** Gives the last event's id when the build is over and all is written; undefined when the connection is to be cut. */
  async #follow(watcher: EventSink, buildId: number, start: number, stillAllowed: () => Promise<boolean>): Promise<number | undefined> {
    if (await this.#options.isOver(buildId)) {
      const last = await this.#page(watcher, buildId, start)
      // It may have been removed meanwhile: an end would look like the whole of its log.
      return (await this.#options.isOver(buildId)) ? last : undefined
    }
    const feed = this.#feed(buildId, start)
    feed.join(watcher.wakeup)
    try {
      return await this.#live(watcher, feed, { buildId, start, stillAllowed })
    } finally {
      if (!feed.leave(watcher.wakeup) && this.#feeds.get(buildId) === feed) this.#feeds.delete(buildId)
    }
  }

  async #live(watcher: EventSink, feed: Feed, { buildId, start, stillAllowed }: { readonly buildId: number; readonly start: number; readonly stillAllowed: () => Promise<boolean> }): Promise<number | undefined> {
    const { clock } = this.#options
    let cursor = start
    let [checkedAt, writtenAt] = [clock.now(), clock.now()]
    while (!watcher.gone.aborted) {
      if (clock.now() - checkedAt >= authorizationMs) {
        if (!(await stillAllowed())) return undefined
        checkedAt = clock.now()
      }
      const next = feed.next(cursor)
      if (next === 'behind') {
        cursor = await this.#page(watcher, buildId, cursor, pageEvents)
        writtenAt = clock.now()
      } else if (next !== undefined) {
        await this.#write(watcher, next.bytes)
        cursor = next.last
        writtenAt = clock.now()
      } else if (feed.state === 'open') {
        await watcher.wakeup.woken()
        if (clock.now() - writtenAt < silenceMs || feed.next(cursor) !== undefined) continue
        await watcher.write(heartbeat)
        writtenAt = clock.now()
      } else {
        return feed.state === 'ended' && (await this.#options.isOver(buildId)) ? cursor : undefined
      }
    }
    return undefined
  }

  /** Writes what the database has after `cursor`, all of it or `most` events; gives the new cursor. */
  async #page(watcher: EventSink, buildId: number, cursor: number, most = Infinity): Promise<number> {
    let [at, left] = [cursor, most]
    this.#behind++
    try {
      while (left > 0 && !watcher.gone.aborted) {
        const events = await this.#options.events.read(buildId, at, Math.min(left, pageEvents))
        const last = events.at(-1)
        if (last === undefined) break
        await this.#write(watcher, withNotice(events, at, this.#options.clock.now()))
        at = last.id
        left -= events.length
      }
    } finally {
      this.#behind--
    }
    return at
  }

  #write(watcher: EventSink, bytes: Buffer): Promise<void> {
    this.#bytes += bytes.length
    return watcher.write(bytes)
  }

  #feed(buildId: number, start: number): Feed {
    const known = this.#feeds.get(buildId)
    if (known?.state === 'open') return known
    const feed = new Feed(this.#options, buildId, start)
    this.#feeds.set(buildId, feed)
    return feed
  }
}
