import type { Log } from '../lib/log.ts'

/** Removals that nobody waits for while the build goes on, and that are waited for before a server ends. */
export class Cleanup {
  private readonly log: Log
  private readonly under = new Set<Promise<void>>()

  constructor(log: Log) {
    this.log = log
  }

  /** `what`, for the log: its removal may fail, and the sweep does it then. */
  add(what: string, removal: () => Promise<void>): void {
    const done = (async () => removal())()
      .catch((error: unknown) => this.log.warn({ error: String(error) }, `${what} could not be removed; the sweep will`))
      .finally(() => this.under.delete(done))
    this.under.add(done)
  }

  /** Resolves when nothing is left to remove; never rejects. */
  async settled(): Promise<void> {
    while (this.under.size > 0) await Promise.all(this.under)
  }
}
