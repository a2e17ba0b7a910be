import { enough, type Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

/** How long the node belongs to what follows a step's end, ms: of quick steps, several. */
const breath = 1_500

/** Removals that nobody waits for while the build goes on, and that are waited for before a server ends. */
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

  /** `what`, for the log: its removal may fail, and the sweep does it then. */
  add(what: string, removal: () => Promise<void>): void {
    const done = (async () => removal())()
      .catch((error: unknown) => this.log.warn({ error: String(error) }, `${what} could not be removed; the sweep will`))
      .finally(() => this.under.delete(done))
    this.under.add(done)
  }

  /** As add, of a step that has ended: what the build does next has the node first. */
  addAfterStep(what: string, removal: () => Promise<void>): void {
    this.add(what, async () => {
      if (!this.buildIsOver) await this.clock.sleep(breath, this.hurried.signal).catch(() => undefined)
      await removal()
    })
  }

  /** Somebody waits for the room that what is to be removed takes. */
  hurry(): void {
    this.hurried.abort(enough)
    this.hurried = new AbortController()
  }

  /** The build does nothing more. Resolves when nothing is left to remove; never rejects. */
  async settled(): Promise<void> {
    this.buildIsOver = true
    this.hurry()
    while (this.under.size > 0) await Promise.all(this.under)
  }
}
