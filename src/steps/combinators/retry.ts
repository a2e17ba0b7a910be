import type { Step, StepOutcome } from '../ports.ts'
import { interrupted, succeeded } from '../outcome.ts'

/** Until one succeeds; failures and errors are tried again, an abort is not. */
export function retry(attempts: readonly Step[]): Step {
  return {
    async run(state, signal) {
      let last: StepOutcome = succeeded
      for (const [index, attempt] of attempts.entries()) {
        if (index > 0 && signal.aborted && attempt.begun !== true) return interrupted(signal)
        last = await attempt.run(state, signal)
        if (last.kind === 'succeeded' || last.kind === 'aborted') return last
      }
      return last
    },
  }
}
