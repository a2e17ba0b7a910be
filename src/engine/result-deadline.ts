import { enough, type Clock } from '../lib/clock.ts'
import { defaultGraceMs, type Assignment } from '../model/container.ts'

/** Why the work was told to end. */
export type Overdue = 'aborted' | 'timed-out'

/** How long the server waits for a result after an abort or time limit and its grace, ms. */
export const resultPatienceMs = 30_000

type Limits = Pick<Assignment, 'timeoutMs' | 'graceMs'>

/**
 * The server's own bound on work that was aborted, or whose time limit has passed. The supervisor ends such work by itself; this is
 * for one that cannot be reached or does not answer, as when a step has removed its socket. It counts from the abort, and from the
 * process's start for the time limit.
 */
export class ResultDeadline {
  private readonly clock: Clock
  private readonly limits: Limits
  private readonly over = new AbortController()
  private readonly closed = new AbortController()
  private timeLimit = new AbortController()

  /** `interrupted`: the step is aborted. `leaving`: the server leaves the build to another, and this bound with it. */
  constructor(clock: Clock, limits: Limits, interrupted: AbortSignal, leaving: AbortSignal) {
    this.clock = clock
    this.limits = limits
    leaving.addEventListener('abort', () => this.close(), { once: true, signal: this.closed.signal })
    if (leaving.aborted) this.close()
    else if (interrupted.aborted) this.aborted()
    else interrupted.addEventListener('abort', () => this.aborted(), { once: true, signal: this.closed.signal })
  }

  /** Aborts when the deadline has passed. */
  get passed(): AbortSignal {
    return this.over.signal
  }

  /** Resolves when the deadline has passed; never when it is closed before that. */
  reached(): Promise<Overdue> {
    return new Promise((resolve) => {
      const tell = (): void => resolve(this.why)
      if (this.over.signal.aborted) tell()
      else this.over.signal.addEventListener('abort', tell, { once: true })
    })
  }

  get why(): Overdue {
    return this.over.signal.reason as Overdue
  }

  /** `at`: when the process started, unix ms. The supervisor has resultPatienceMs left in any case. */
  started(at: number): void {
    const { timeoutMs, graceMs = defaultGraceMs } = this.limits
    if (timeoutMs === undefined) return
    this.notStarted()
    this.passAfter(Math.max(0, at + timeoutMs + graceMs - this.clock.now()) + resultPatienceMs, 'timed-out', this.timeLimit.signal)
  }

  /** Undoes `started`. */
  notStarted(): void {
    this.timeLimit.abort(enough)
    this.timeLimit = new AbortController()
  }

  close(): void {
    this.timeLimit.abort(enough)
    this.closed.abort(enough)
  }

  private aborted(): void {
    this.passAfter((this.limits.graceMs ?? defaultGraceMs) + resultPatienceMs, 'aborted', this.closed.signal)
  }

  private passAfter(ms: number, why: Overdue, cancelled: AbortSignal): void {
    if (this.closed.signal.aborted) return
    this.clock.sleep(ms, cancelled).then(
      () => this.over.abort(why),
      () => undefined, // the result came first
    )
  }
}
