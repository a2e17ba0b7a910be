import type { StepReporter } from './step-reporter.ts'

/** Which step a container works for. */
export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly report: StepReporter
  readonly note: (line: string) => void
  /** Of a check: which others may be done in its container (checkKey). */
  readonly checkKey?: string | undefined
}
