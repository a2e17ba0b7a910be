import { setImmediate as turn } from 'node:timers/promises'
import { eventVersions, type BuildEvent } from '../model/event.ts'
import type { BuildStore, BuildWrites, EventWrite } from './ports.ts'

/** Another server holds the build now: nothing more may be written or done for it here. */
export class LeaseLost extends Error {
  constructor(buildId: number) {
    super(`build ${buildId} is run by another server now`)
  }
}

/**
 * The one writer of a build. Keeps order, and joins what is written while a commit is under way into the next one, so that
 * a chatty build costs few transactions.
 */
export class BuildWriter {
  private readonly store: BuildStore
  private readonly buildId: number
  private readonly owner: string
  private readonly now: () => number
  private pending: BuildWrites[] = []
  private under: Promise<void> = Promise.resolve()
  /** The commit that takes what is pending; begins when the one under way has ended. */
  private next: Promise<void> | undefined
  private failure: Error | undefined

  constructor(store: BuildStore, buildId: number, owner: string, now: () => number) {
    this.store = store
    this.buildId = buildId
    this.owner = owner
    this.now = now
  }

  /** Adds to the next commit; resolves when that is durable. Rejects with LeaseLost, or with what the database says. */
  write(writes: BuildWrites): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.pending.push(writes)
    if (this.next === undefined) {
      // After this turn: the end of a step, and what follows at once from it, are one commit.
      this.next = this.under.then(() => turn()).then(() => this.flush())
      this.under = this.next
    }
    return this.next
  }

  /** A commit did not happen: nothing more will be written. */
  get failed(): boolean {
    return this.failure !== undefined
  }

  /** As write, for what need not be durable before going on; a failure shows at the next write. */
  emit(event: BuildEvent, key?: string): void {
    this.write({ events: [eventWrite(event, key)] }).catch(() => undefined)
  }

  /** A failed commit ends the writer: what came after it would leave a gap. */
  private async flush(): Promise<void> {
    this.next = undefined
    const writes = join(this.pending)
    this.pending = []
    try {
      const result = await this.store.commit(this.buildId, this.owner, this.now(), writes)
      if (result === 'lease-lost') throw new LeaseLost(this.buildId)
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      throw this.failure
    }
  }
}

export function eventWrite(event: BuildEvent, key?: string): EventWrite {
  return {
    type: event.type,
    version: eventVersions[event.type],
    payload: JSON.stringify(event.data),
    ...(key !== undefined && { key }),
  }
}

function join(all: readonly BuildWrites[]): BuildWrites {
  const finish = all.findLast((writes) => writes.finish !== undefined)?.finish
  return {
    events: all.flatMap((writes) => writes.events ?? []),
    steps: all.flatMap((writes) => writes.steps ?? []),
    containers: all.flatMap((writes) => writes.containers ?? []),
    ...(finish && { finish }),
  }
}
