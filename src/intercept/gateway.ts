import type { Result } from '../model/result.ts'
import type { InterceptedProcess, Interception, InterceptOptions, StepType } from '../runtime/contract.ts'

/** A container that somebody may want to enter, or to remove. */
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
  /** Of a step that runs; kept after its step; or kept until its time was over. */
  readonly state: 'running' | 'kept' | 'ended'
}

export interface Targets {
  readonly targets: readonly Target[]
  /** Sentences about what could not be looked at. */
  readonly problems: readonly string[]
}

/** The way to the containers of one database: through the process that has it, which may be this one. */
export interface Entrance {
  readonly instance: number
  find(): Promise<Targets>
  /** Fails with a sentence. */
  enter(handle: string, process: InterceptedProcess, options: InterceptOptions): Promise<Result<Interception, string>>
  /** Removes a kept container. */
  remove(handle: string): Promise<Result<void, string>>
  close(): Promise<void>
}
