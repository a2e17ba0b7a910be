import type { Plan } from '../../model/plan.ts'
import type { ArtifactOutputPorts, CheckPorts, GetPorts, LoadVarPorts, PutPorts, SetPipelinePorts, TaskPorts } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { FinishedContainer } from '../carry-out.ts'
import type { StepRecord } from '../step-record.ts'
import type { Note } from '../step-identity.ts'
import type { StepReporter } from '../step-reporter.ts'

export type AllPorts = TaskPorts & GetPorts & PutPorts & CheckPorts & LoadVarPorts & ArtifactOutputPorts & SetPipelinePorts

/** One leaf step of a build, as its ports see it. */
export interface LeafStep {
  readonly context: BuildContext
  readonly plan: Plan
  /** As in the UI: `2`, or `1.3` for a retry in a retry. */
  readonly attempt: string | undefined
  /** What was recorded before a restart. */
  readonly record: StepRecord | undefined
  readonly reporter: StepReporter
  readonly note: Note
  /** A registry that the step needs fails for now. */
  readonly onWait: (line: string) => void
  /** Its container, once that has done its work. */
  container?: FinishedContainer
  /** When its container's work was asked for, in a run of the build that began it. */
  begunAt?: number
}
