import type { Step, StepOutcome } from '../ports.ts'
import { aborted, errored, failed, interrupted, succeeded } from '../outcome.ts'

export interface InParallelOptions {
  /** Steps running at once; 0 or absent: all. */
  readonly limit?: number
  /** Abort the others when one does not succeed. */
  readonly failFast?: boolean
}

/**
 * Runs steps at once, up to the limit. Errors are joined; a step that was aborted because a sibling failed adds none.
 */
export function inParallel(steps: readonly Step[], options: InParallelOptions = {}): Step {
  return {
    async run(state, signal) {
      const stop = new AbortController()
      const inner = AbortSignal.any([signal, stop.signal])
      const outcomes: StepOutcome[] = []
      const queue = steps.values()
      const lane = async () => {
        for (const step of queue) {
          if (inner.aborted && step.begun !== true) {
            outcomes.push(aborted)
            continue
          }
          const outcome = await step.run(state, inner)
          outcomes.push(outcome)
          // An abort from outside is no failure of the step: it ends the others by itself, and all of them as aborted.
          const fromOutside = outcome.kind === 'aborted' && signal.aborted
          if (options.failFast && outcome.kind !== 'succeeded' && !fromOutside) stop.abort('fail-fast')
        }
      }
      const lanes = options.limit && options.limit > 0 ? Math.min(options.limit, steps.length) : steps.length
      // A lane that throws, as when another server has the build, does not end the others: all must have ended before the build does.
      for (const ended of await Promise.allSettled(Array.from({ length: lanes }, lane))) {
        if (ended.status === 'rejected') throw ended.reason
      }
      if (signal.aborted && !stop.signal.aborted && outcomes.some((outcome) => outcome.kind === 'aborted')) return interrupted(signal)
      const errors = outcomes.filter((outcome) => outcome.kind === 'errored')
      if (errors.length > 0) return errored(errors.map((error) => error.message).join('\n'))
      return outcomes.every((outcome) => outcome.kind === 'succeeded') ? succeeded : failed
    },
  }
}
