import type { Clock } from '../../lib/clock.ts'
import type { Result } from '../../model/result.ts'
import type { Expectation, SupervisorSession } from '../contract.ts'
import type { EngineError } from './engine/errors.ts'
import type { ContainerMonitor } from './container-monitor.ts'

/** The first of the possible ends of the wait. */
export type Report =
  | { readonly kind: 'reported'; readonly session: SupervisorSession }
  | { readonly kind: 'not-started'; readonly error: EngineError }
  | { readonly kind: 'died' | 'aborted' | 'silent' }

export interface ReportWait {
  readonly expectation: Pick<Expectation, 'reported'>
  readonly monitor: Pick<ContainerMonitor, 'death' | 'during'>
  /** A supervisor may report in before the engine says that it has started the container. */
  readonly starting: Promise<Result<void, EngineError>>
  readonly clock: Clock
  /** Give up early when the supervisor does not report in. */
  readonly impatient: boolean
  /** A supervisor that was killed meanwhile is started again, to deliver what it has. */
  readonly adopting: boolean
  readonly signal: AbortSignal
}

/** How long a container may be silent when it is not known to be able to report in, ms. */
const patience = 5_000

export async function waitForReport(wait: ReportWait): Promise<Report> {
  const { promise, resolve } = Promise.withResolvers<Report>()
  const done = new AbortController()
  void wait.expectation.reported.then((session) => resolve({ kind: 'reported', session }))
  void wait.monitor.death.then(() => resolve({ kind: 'died' }))
  void wait.starting.then((started) => started.ok || resolve({ kind: 'not-started', error: started.error }))
  const abort = (): void => resolve({ kind: 'aborted' })
  wait.signal.addEventListener('abort', abort, { once: true })
  if (wait.signal.aborted) abort()
  if (wait.impatient) {
    void wait.clock.sleep(patience, done.signal).then(
      () => resolve({ kind: 'silent' }),
      () => undefined,
    )
  }
  try {
    return await (wait.adopting ? wait.monitor.during(() => promise) : promise)
  } finally {
    done.abort()
    wait.signal.removeEventListener('abort', abort)
  }
}
