import type { Step } from '../ports.ts'
import { interrupted, succeeded } from '../outcome.ts'

/** One after the other; the first that does not succeed ends it. */
export function doStep(steps: readonly Step[]): Step {
  return {
    async run(state, signal) {
      for (const step of steps) {
        if (signal.aborted && step.begun !== true) return interrupted(signal)
        const outcome = await step.run(state, signal)
        if (outcome.kind !== 'succeeded') return outcome
      }
      return succeeded
    },
  }
}
