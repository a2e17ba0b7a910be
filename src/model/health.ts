/** What waits in a queue, and for how long the one that has waited longest. */
export interface QueueState {
  readonly waiting: number
  readonly oldestMs: number
}

/** Checks of a server: those that are due and wait for their turn, and those that run. */
export interface CheckQueueState extends QueueState {
  readonly running: number
}

export const noChecks: CheckQueueState = { waiting: 0, oldestMs: 0, running: 0 }

/** Numbers of migrations: the last that was applied to the database, and the last that this server knows. */
export interface MigrationState {
  readonly applied: number
  readonly known: number
  /** When the last was applied, unix ms. */
  readonly appliedAt: number
}

export interface DatabaseState {
  readonly migrations: MigrationState
  /** Jobs that wait for a pass of some scheduler. */
  readonly jobs: QueueState
}

export interface DatabaseHealth {
  /** Rejects, with the reason, while nothing can be written. */
  check(): Promise<void>
  state(): Promise<DatabaseState>
}
