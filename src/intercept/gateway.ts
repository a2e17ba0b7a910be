import type { Result } from '../model/result.ts'
import type { InterceptedProcess, Interception, InterceptOptions, StepType } from '../runtime/contract.ts'

/** A container that can be entered or removed. */
export interface Target {
  readonly handle: string
  /** Which of the data folder's databases knows its build. */
  readonly instance: number
  readonly buildId: number
  readonly pipeline?: string
  readonly job?: string
  readonly step: string
  readonly type: StepType
  readonly attempt?: string
  /** `running`: its step runs. `kept`: its step has ended. `ended`: it was kept, and its time is over. */
  readonly state: 'running' | 'kept' | 'ended'
}

export interface Targets {
  readonly targets: readonly Target[]
  /** Sentences about containers that could not be listed. */
  readonly problems: readonly string[]
}

/** Lists, enters and removes containers of one database's builds, through the process that has the database open: this one or another. */
export interface InterceptGateway {
  readonly instance: number
  find(): Promise<Targets>
  /** Fails with a sentence. */
  enter(handle: string, process: InterceptedProcess, options: InterceptOptions): Promise<Result<Interception, string>>
  /** Removes a kept container. */
  remove(handle: string): Promise<Result<void, string>>
  close(): Promise<void>
}
