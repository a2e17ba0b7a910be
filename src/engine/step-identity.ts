import type { StepReporter } from './step-reporter.ts'

/** Says a line in the step's log. `wait`: it is why the step waits, until it starts or says another. */
export type Note = (line: string, kind?: 'note' | 'wait') => void

/** The step that a container works for. */
export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly report: StepReporter
  readonly note: Note
  /** Of a check: checks with the same key may share its container (checkKey). */
  readonly checkKey?: string | undefined
}
