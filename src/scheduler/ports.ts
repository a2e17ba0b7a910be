import type { PendingReason } from '../model/listed-build.ts'

/** A build of a job that waits for its inputs and its plan. */
export interface PendingBuild {
  readonly id: number
  readonly name: string
  readonly jobId: number
  readonly pipelineId: number
  readonly reason?: PendingReason
}

export interface SchedulerStore {
  /** Oldest first. */
  pending(limit: number): Promise<readonly PendingBuild[]>
  /** Builds of these jobs that have started and not ended. */
  running(jobIds: readonly number[]): Promise<number>
  /** Newest first: ids of a job's builds that succeeded. */
  succeeded(jobId: number, limit: number): Promise<readonly number[]>
  setReason(buildId: number, reason: PendingReason): Promise<void>
  /** Ends a pending build as errored, with an event that says why. */
  fail(buildId: number, message: string, now: number): Promise<void>
  /** Called when there may be something to schedule: a build was made, something unpaused. */
  onWanted(callback: () => void): Promise<() => Promise<void>>
}
