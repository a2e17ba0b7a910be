import type { Clock } from '../../lib/clock.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import type { Item } from './items.ts'
import { revOf } from './rev.ts'

export interface ViewOptions {
  /** Undefined: the topic is gone, or hidden from whom it is made for. */
  readonly read: () => Promise<readonly Item[] | undefined>
  /** New items stand where they belong only in a whole list: a patch puts them last. */
  readonly ordered: boolean
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** Who follows a view. */
export interface Follower {
  /** The view has changed, or is gone. */
  changed(): void
}

/** Changes within this time are sent as one. */
export const coalesceMs = 250
/** Of the database's time, at most a fifth goes into one view. */
const restFactor = 4
/** Whatever the reading took, or however the clock was set meanwhile: what a page shows is at most this old. */
const longestRestMs = 5_000
const retryMs = 1_000
/** In case a notification was lost. */
const pollMs = 60_000

/** What a topic holds, kept for all who follow it: read again when something has changed, compared, and encoded once. */
export class View {
  readonly #options: ViewOptions
  readonly #followers = new Set<Follower>()
  readonly #wakeup = new Wakeup()
  readonly #stop = new AbortController()
  #items = new Map<string, string>()
  #current: { readonly rev: string; set?: Buffer } | undefined
  #patch: { readonly from: string; readonly bytes: Buffer } | undefined
  #gone = false

  constructor(options: ViewOptions) {
    this.#options = options
    void this.#run()
  }

  get gone(): boolean {
    return this.#gone
  }

  /** Undefined: it was not read yet. */
  get rev(): string | undefined {
    return this.#current?.rev
  }

  join(follower: Follower): void {
    this.#followers.add(follower)
  }

  /** Tells whether anybody is left; the view ends with its last follower. */
  leave(follower: Follower): boolean {
    this.#followers.delete(follower)
    if (this.#followers.size === 0) this.#stop.abort()
    return this.#followers.size > 0
  }

  wake(): void {
    this.#wakeup.wake()
  }

  /** The rest of a message, behind its `{"sub":N,`, for a client that has `rev`; undefined: it has the newest. */
  messageFor(rev: string | undefined): Buffer | undefined {
    const current = this.#current
    if (current === undefined || current.rev === rev) return undefined
    if (this.#patch !== undefined && this.#patch.from === rev) return this.#patch.bytes
    return (current.set ??= Buffer.from(`"rev":"${current.rev}","set":[${[...this.#items.values()].join(',')}]}`))
  }

  async #run(): Promise<void> {
    const { clock, read, onError } = this.#options
    while (!this.#stop.signal.aborted) {
      const began = clock.now()
      const items = await read().catch((error: unknown) => {
        onError(error)
        return 'failed' as const
      })
      if (items === undefined) {
        this.#gone = true
        return this.#tell()
      }
      if (items !== 'failed') this.#take(items)
      const rest = items === 'failed' ? retryMs : Math.min(longestRestMs, Math.max(coalesceMs, restFactor * (clock.now() - began)))
      if (items !== 'failed') await this.#wakeup.wait(clock, pollMs, this.#stop.signal)
      await clock.sleep(rest, this.#stop.signal).catch(() => undefined)
    }
  }

  #take(items: readonly Item[]): void {
    const before = this.#items
    const now = new Map(items.map((item) => [String(item.id), JSON.stringify(item)]))
    const rev = revOf(now.values())
    const from = this.#current?.rev
    if (rev === from) return
    this.#items = now
    this.#current = { rev }
    this.#patch = from !== undefined && patchable(before, now, this.#options.ordered) ? { from, bytes: patchOf(before, now, rev, items) } : undefined
    this.#tell()
  }

  #tell(): void {
    for (const follower of [...this.#followers]) follower.changed()
  }
}

/** Whether what a client makes of the patch is in the right order. */
function patchable(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>, ordered: boolean): boolean {
  const kept = [...now.keys()].filter((id) => before.has(id))
  const stayed = [...before.keys()].filter((id) => now.has(id))
  if (kept.some((id, index) => id !== stayed[index])) return false
  return !ordered || [...now.keys()].slice(0, kept.length).every((id) => before.has(id))
}

function patchOf(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>, rev: string, items: readonly Item[]): Buffer {
  const changed = [...now].filter(([id, text]) => before.get(id) !== text).map(([, text]) => text)
  const numbers = typeof items[0]?.id === 'number' || (items.length === 0 && [...before.keys()].every((id) => /^\d+$/.test(id)))
  const gone = [...before.keys()].filter((id) => !now.has(id)).map((id) => `{"id":${numbers ? id : JSON.stringify(id)},"gone":true}`)
  return Buffer.from(`"rev":"${rev}","patch":[${[...changed, ...gone].join(',')}]}`)
}
