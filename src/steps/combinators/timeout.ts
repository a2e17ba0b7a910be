import type { Clock } from '../../lib/clock.ts'
import type { Step } from '../ports.ts'
import { failed } from '../outcome.ts'

/**
 * A time limit around several steps; over it, they are interrupted and the step has failed. (get, put and task carry their
 * own, which the supervisor keeps, so that it does not count image pulls and outlives the server.)
 */
export function timeout(step: Step, limitMs: number, clock: Clock): Step {
  return {
    async run(state, signal) {
      const over = new AbortController()
      const done = new AbortController()
      const timer = clock.sleep(limitMs, done.signal).then(
        () => over.abort('timeout'),
        () => undefined, // done first
      )
      const outcome = await step.run(state, AbortSignal.any([signal, over.signal]))
      done.abort()
      await timer
      const timedOut = over.signal.aborted && !signal.aborted
      return timedOut && outcome.kind !== 'errored' ? failed : outcome
    },
  }
}
