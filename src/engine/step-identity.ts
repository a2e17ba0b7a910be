import type { StepReporter } from './step-reporter.ts'

/** The step that a container works for. */
export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly report: StepReporter
  readonly note: (line: string) => void
  /** Of a check: checks with the same key may share its container (checkKey). */
  readonly checkKey?: string | undefined
}
