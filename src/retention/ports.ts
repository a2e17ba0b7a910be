import type { LoggedBuild } from '../model/build-log.ts'

export interface BuildLogStore {
  /** Builds of a job (`one-off`: of no job) whose logs are there, newest first, those below `before`. */
  logged(of: number | 'one-off', before: number | undefined, limit: number): Promise<readonly LoggedBuild[]>
  /** Drops the logs of builds that have ended, with their plans and records of steps; the builds and their final status stay. */
  dropLogs(builds: readonly number[], now: number): Promise<void>
}

export interface Vacuum {
  /** Tables of the schema; empty where the database vacuums itself. */
  tables(): Promise<readonly string[]>
  vacuum(table: string): Promise<void>
}
