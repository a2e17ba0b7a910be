import { enough, type Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

/** A removal after a step is delayed by this, ms, so that the node starts the next steps first. */
const removalDelay = 1_500

/** Removals that run behind the build, and are waited for before the server ends. */
export class Cleanup {
  private readonly log: Log
  private readonly clock: Clock
  private readonly under = new Set<Promise<void>>()
  private hurried = new AbortController()
  private buildIsOver = false

  constructor(log: Log, clock: Clock) {
    this.log = log
    this.clock = clock
  }

  /** `what`: named in the log if the removal fails, which leaves it to the sweep. */
  add(what: string, removal: () => Promise<void>): void {
    const done = (async () => removal())()
      .catch((error: unknown) => this.log.warn({ err: error, component: 'engine' }, `${what} could not be removed; the sweep will`))
      .finally(() => this.under.delete(done))
    this.under.add(done)
  }

  /** As add, delayed: the build's next steps start on the node first. */
  addAfterStep(what: string, removal: () => Promise<void>): void {
    this.add(what, async () => {
      if (!this.buildIsOver) await this.clock.sleep(removalDelay, this.hurried.signal).catch(() => undefined)
      await removal()
    })
  }

  /** Ends the delays: a step lacks the capacity that the removals free. */
  hurry(): void {
    this.hurried.abort(enough)
    this.hurried = new AbortController()
  }

  /** The build is over. Resolves when all removals have ended; never rejects. */
  async settled(): Promise<void> {
    this.buildIsOver = true
    this.hurry()
    while (this.under.size > 0) await Promise.all(this.under)
  }
}
