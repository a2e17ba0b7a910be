import { setImmediate as turn } from 'node:timers/promises'
import { eventVersions, type BuildEvent } from '../model/event.ts'
import type { Redactor } from '../lib/redactor.ts'
import type { BuildWrites, EventWrite } from '../model/build.ts'
import type { BuildStore } from './ports.ts'
import { redactEvent } from './redact-event.ts'

/** Another server has the lease of the build: this one must write nothing more and do nothing more for it. */
export class LeaseLost extends Error {
  constructor(buildId: number) {
    super(`build ${buildId} is run by another server now`)
  }
}

/** What a build's run writes. */
export interface Writes extends Omit<BuildWrites, 'events'> {
  readonly events?: readonly WrittenEvent[]
}

export interface WrittenEvent {
  readonly event: BuildEvent
  /** An event whose key the build has already is left out. */
  readonly key?: string
  /** Its text came out of LogIntake, which redacts the process's output, whose control sequences stay. */
  readonly redacted?: true
}

export interface BuildWriterOptions {
  readonly store: BuildStore
  readonly buildId: number
  readonly owner: string
  readonly now: () => number
  readonly redactor: Redactor
}

/**
 * The one writer of a build: no event gets around it and its redactor. Keeps order, and joins what is written while a commit is under way into the next one, so that
 * a chatty build costs few transactions.
 */
export class BuildWriter {
  private readonly options: BuildWriterOptions
  private pending: BuildWrites[] = []
  private under: Promise<void> = Promise.resolve()
  /** The commit that takes what is pending; begins when the one under way has ended. */
  private next: Promise<void> | undefined
  private failure: Error | undefined

  constructor(options: BuildWriterOptions) {
    this.options = options
  }

  /** Adds to the next commit; resolves when that is durable. Rejects with LeaseLost, or with what the database says. */
  write({ events = [], ...writes }: Writes): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.pending.push({ ...writes, events: events.map((written) => this.eventWrite(written)) })
    if (this.next === undefined) {
      // After this turn of the event loop, so that a step's end and what follows from it at once share a commit.
      this.next = this.under.then(() => turn()).then(() => this.flush())
      this.under = this.next
    }
    return this.next
  }

  /** Whether a commit failed: nothing more is written then. */
  get failed(): boolean {
    return this.failure !== undefined
  }

  /** As write, for what need not be durable before going on; a failure shows at the next write. */
  emit(event: BuildEvent, key?: string): void {
    this.write({ events: [{ event, ...(key !== undefined && { key }) }] }).catch(() => undefined)
  }

  /** A failed commit ends the writer: what came after it would leave a gap. */
  private async flush(): Promise<void> {
    this.next = undefined
    const { store, buildId, owner, now } = this.options
    const writes = join(this.pending)
    this.pending = []
    try {
      const result = await store.commit(buildId, owner, now(), writes)
      if (result === 'lease-lost') throw new LeaseLost(buildId)
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      throw this.failure
    }
  }

  private eventWrite({ event, key, redacted }: WrittenEvent): EventWrite {
    const { data } = redacted ? event : redactEvent(this.options.redactor, event)
    return { type: event.type, version: eventVersions[event.type], payload: JSON.stringify(data), ...(key !== undefined && { key }) }
  }
}

function join(all: readonly BuildWrites[]): BuildWrites {
  const finish = all.findLast((writes) => writes.finish !== undefined)?.finish
  return {
    events: all.flatMap((writes) => writes.events ?? []),
    steps: all.flatMap((writes) => writes.steps ?? []),
    containers: all.flatMap((writes) => writes.containers ?? []),
    outputs: all.flatMap((writes) => writes.outputs ?? []),
    ...(finish && { finish }),
  }
}
