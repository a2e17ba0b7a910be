/** What holds for jobs that say nothing, and the most that a job may have; 0: nothing. */
export interface LogLimits {
  readonly defaultBuilds: number
  readonly maxBuilds: number
  readonly defaultDays: number
  readonly maxDays: number
}

export interface LoggedBuild {
  readonly id: number
  /** Absent: it runs, or waits. */
  readonly endedAt?: number
  readonly succeeded: boolean
}
