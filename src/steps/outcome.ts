import { interruptionOf } from '../lib/interruption.ts'
import type { StepOutcome } from './ports.ts'

export const succeeded: StepOutcome = { kind: 'succeeded' }
export const failed: StepOutcome = { kind: 'failed' }
export const aborted: StepOutcome = { kind: 'aborted' }
export const errored = (message: string): StepOutcome => ({ kind: 'errored', message })

/** What a step ends as when its signal was aborted: a timeout fails it, everything else aborts it. */
export function interrupted(signal: AbortSignal): StepOutcome {
  return interruptionOf(signal) === 'timeout' ? failed : aborted
}
