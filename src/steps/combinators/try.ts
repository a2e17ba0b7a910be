import type { Step } from '../ports.ts'
import { succeeded } from '../outcome.ts'

/** Swallows failures and errors, not an abort. */
export function tryStep(step: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      return outcome.kind === 'aborted' ? outcome : succeeded
    },
  }
}
