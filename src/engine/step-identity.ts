/** Which step a container works for. */
export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly note: (line: string) => void
  /** Of a check: which others may be done in its container (checkKey). */
  readonly checkKey?: string | undefined
}
