import type { Clock } from '../../lib/clock.ts'
import type { Step } from '../ports.ts'
import { failed } from '../outcome.ts'

/**
 * A time limit around several steps, counted from `startedAt` (unix ms), which is when they first began, whatever restarts
 * there were. Over it, they are interrupted and the step has failed; what ended in time stands. (get, put and task carry
 * their own, which the supervisor keeps, so that it does not count image pulls and outlives the server.)
 */
export function timeout(step: Step, limitMs: number, clock: Clock, startedAt: () => number = () => clock.now()): Step {
  return {
    async run(state, signal) {
      const over = new AbortController()
      const done = new AbortController()
      const left = startedAt() + limitMs - clock.now()
      if (left <= 0) over.abort('timeout')
      const timer = clock.sleep(Math.max(0, left), done.signal).then(
        () => over.abort('timeout'),
        () => undefined, // done first
      )
      try {
        const outcome = await step.run(state, AbortSignal.any([signal, over.signal]))
        return outcome.kind === 'aborted' && over.signal.aborted && !signal.aborted ? failed : outcome
      } finally {
        done.abort()
        await timer
      }
    },
  }
}
