import type { Clock } from '../../lib/clock.ts'
import type { EventSource } from '../ports.ts'
import type { Wakeup } from '../../lib/wakeup.ts'
import { after, chunkOf, isCutShort, type Chunk } from './frame.ts'

/** Newest bytes of a build that are held for those who watch it. */
const ringBytes = 4 * 1024 * 1024
/** How often those who watch are woken when nothing comes: they send heartbeats, and look whether they may still watch. */
const wakeMs = 5_000

/** The events of a build that somebody watches, read once for all of them. */
export class Feed {
  readonly #chunks: Chunk[] = []
  readonly #watchers = new Set<Wakeup>()
  readonly #stop = new AbortController()
  #bytes = 0
  /** `cut`: no more will come though the build has not ended, as far as is known. */
  #state: 'open' | 'ended' | 'cut' = 'open'

  constructor({ events, clock }: { readonly events: EventSource; readonly clock: Clock }, buildId: number, start: number) {
    this.#read(events, buildId, start).then(
      () => this.#close('ended'),
      () => this.#close('cut'),
    )
    void this.#wakeAgain(clock)
  }

  get state(): 'open' | 'ended' | 'cut' {
    return this.#state
  }

  /** What follows the event `cursor`; `behind` when that is no longer held, undefined when nothing has come yet. */
  next(cursor: number): { readonly bytes: Buffer; readonly last: number } | 'behind' | undefined {
    const newest = this.#chunks.at(-1)
    if (newest === undefined || newest.last <= cursor) return undefined
    // Most who ask have all but the newest.
    const chunk = this.#chunks[this.#chunks.findLastIndex(({ last }) => last <= cursor) + 1] as Chunk
    return chunk.first > cursor + 1 ? 'behind' : { bytes: after(chunk, cursor), last: chunk.last }
  }

  join(watcher: Wakeup): void {
    this.#watchers.add(watcher)
  }

  /** Tells whether anybody is left. The feed ends with its last watcher. */
  leave(watcher: Wakeup): boolean {
    this.#watchers.delete(watcher)
    if (this.#watchers.size === 0) this.#stop.abort()
    return this.#watchers.size > 0
  }

  async #read(events: EventSource, buildId: number, start: number): Promise<void> {
    let cursor = start
    for await (const batch of events.stream(buildId, { after: start, signal: this.#stop.signal })) {
      // Who comes back gets a notice with what is left.
      if (isCutShort(batch, cursor)) throw new Error('events were taken away')
      const chunk = chunkOf(batch)
      if (chunk === undefined) continue
      cursor = chunk.last
      this.#chunks.push(chunk)
      this.#bytes += chunk.bytes.length
      while (this.#bytes > ringBytes && this.#chunks.length > 1) this.#bytes -= this.#chunks.shift()?.bytes.length ?? 0
      this.#wake()
    }
  }

  /** One timer for all who watch. */
  async #wakeAgain(clock: Clock): Promise<void> {
    const { signal } = this.#stop
    while (this.#state === 'open' && !signal.aborted) {
      await clock.sleep(wakeMs, signal).catch(() => undefined)
      this.#wake()
    }
  }

  #close(state: 'ended' | 'cut'): void {
    this.#state = state
    this.#wake()
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher.wake()
  }
}
