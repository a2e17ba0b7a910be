import type { CheckRequests, WantedCheck } from '../scheduler/ports.ts'
import { checksWanted } from './checks.ts'
import type { Db } from './db.ts'
import { notifyIds } from './notify-ids.ts'
import { ownScopes } from './scope-pointers.ts'

/**
 * Wants checks, which the server that has the resource's shard begins: many wishes are one check. Durable: a server that dies leaves the wish
 * to the next.
 */
export class WantedChecks implements CheckRequests {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** As somebody who triggers a build expects it: images of the resources' types are checked anew, too. */
  want(checks: readonly WantedCheck[], now: number): Promise<void> {
    return this.#want(checks, now, true)
  }

  /** A check that begins after `now`; images of types are checked again when their intervals are over. */
  wantResource(resource: number, now: number): Promise<void> {
    return this.#want([{ resource, after: now }], now, false)
  }

  async #want(checks: readonly WantedCheck[], now: number, types: boolean): Promise<void> {
    const [ids, after] = [checks.map(({ resource }) => resource), checks.map((check) => check.after)]
    await ownScopes(this.#db, 'r.id = any($1::bigint[])', ids, now)
    const rows = await this.#db.query<{ scope_id: number }>(
      `update scope_checks set wanted_at = greatest(wanted_at, locked.after), wanted_types = $3 or (wanted_types and wanted_at > coalesce(started_at, -1))
       from (
         select c.scope_id as id, given.after
         from scope_checks c join (
           select r.scope_id, max(given.after) as after
           from unnest($1::bigint[], $2::bigint[]) as given (id, after) join resources r on r.id = given.id group by r.scope_id
         ) as given on given.scope_id = c.scope_id
         order by c.scope_id for no key update of c
       ) as locked
       where scope_id = locked.id returning scope_id`,
      [ids, after, types],
    )
    notifyIds(this.#db, checksWanted, rows.map(({ scope_id }) => scope_id))
  }
}
