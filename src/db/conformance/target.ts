import type { Db } from '../db.ts'

/** A kind of database that the suite runs on. */
export interface Target {
  readonly name: string
  /** A migrated database without rows. */
  fresh(): Promise<Db>
  /** One more handle on the database that `fresh` gave last, as another server would have; the same one where there can be but one. */
  another(): Promise<Db>
}
