import type { ComponentName } from '../model/component.ts'
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

export interface StaleRowStore {
  /** What can be removed, in the order in which it should be. */
  readonly kinds: readonly { readonly what: string; readonly component: ComponentName }[]
  /** Removes rows of a kind that nothing needs and that are older than `before`, unix ms, in batches; returns how many. `onBatch` may throw. */
  remove(kind: string, before: number, onBatch: () => Promise<void> | void): Promise<number>
  /** The newest version's id; 0: there is none. */
  newestVersion(): Promise<number>
  /** Removes versions that nothing refers to, of ids up to `last`. */
  removeVersions(last: number, onBatch: () => Promise<void> | void): Promise<number>
}
