import type { Result } from '../model/result.ts'
import type { Assignment, AssignmentResult, ContainerLost } from '../runtime/contract.ts'
import type { ResultRecord } from './messages.ts'

/** An assignment that a supervisor is to do, or does. */
export interface SentAssignment {
  readonly assignment: Assignment
  readonly interactive: boolean
  /** Written to some channel, by this process. */
  sent: boolean
  aborted: boolean
  readonly settle: (outcome: Result<AssignmentResult, ContainerLost>) => void
  readonly reject: (error: Error) => void
}

export const neverStarted: AssignmentResult = { outcome: { kind: 'never-started' }, aborted: true, timedOut: false, outputs: [], seq: 0, settled: () => {} }

/** A result that came in no record. */
export const unnumbered = (result: ResultRecord): AssignmentResult => ({ ...result, seq: 0, settled: () => {} })
