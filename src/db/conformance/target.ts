import type { Db } from '../db.ts'

/** A kind of database that the suite runs on. */
export interface Target {
  readonly name: string
  /** A migrated database without rows. */
  fresh(): Promise<Db>
  /** Another handle on the database that `fresh` returned last, as another server has it. The same handle if the database allows only one. */
  another(): Promise<Db>
}
