import { enough, type Clock } from './clock.ts'

/** What is to be done later, once for each key. */
export class Later {
  private readonly clock: Clock
  private readonly planned = new Map<string, { readonly at: number; readonly cancel: AbortController }>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Does it at `at` (unix ms), unless it is planned for an earlier time. */
  plan(key: string, at: number, work: () => void): void {
    const planned = this.planned.get(key)
    if (planned !== undefined && planned.at <= at) return
    this.cancel(key)
    const cancel = new AbortController()
    this.planned.set(key, { at, cancel })
    this.clock.sleep(at - this.clock.now(), cancel.signal).then(
      () => {
        this.planned.delete(key)
        work()
      },
      () => undefined, // cancelled
    )
  }

  cancel(key: string): void {
    this.planned.get(key)?.cancel.abort(enough)
    this.planned.delete(key)
  }

  cancelAll(): void {
    for (const key of this.planned.keys()) this.cancel(key)
  }
}
