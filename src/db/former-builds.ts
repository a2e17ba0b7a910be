import type { FormerBuild, FormerBuildsRead } from '../model/former-build.ts'
import type { JsonObject } from '../model/json.ts'
import { contextPlace } from './build-row.ts'
import type { Cipher } from './cipher.ts'
import type { Db } from './db.ts'
import { opened } from './step-secrecy.ts'

/** A step may not have run in the last build: so many are looked at. */
const mostBuilds = 5
/** Of each build. */
const mostSteps = 10_000

interface Row {
  readonly id: number
  readonly name: string
  /** Null: it has no plan, or none any more. */
  readonly context: string | null
  readonly ended: boolean
  /** JSON: plan id, digest, and the record of a step that made plans. */
  readonly steps: string
}

/** Builds of a job before one of them. */
export class FormerBuilds {
  readonly #db: Db
  readonly #cipher: Cipher

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
  }

  /** The newest first. The limit counts builds without a plan too: of a job whose logs are gone, no more rows than that are read. */
  async before(buildId: number): Promise<FormerBuildsRead> {
    const rows = await this.#db.query<Row>(
      `select b.id, b.name, b.context, b.ended_at is not null as ended, (
         select coalesce(json_agg(json_build_array(s.plan_id, s.digest, s.made)), '[]')::text from (
           select plan_id, record -> 'report' -> 'image' ->> 'digest' as digest, case when record -> 'encrypted' is not null or record ->> 'phase' = 'children' then record end as made
           from steps where build_id = b.id
             and (record -> 'report' -> 'image' ->> 'digest' is not null or record -> 'encrypted' is not null or record ->> 'phase' = 'children')
           limit $3
         ) s
       ) as steps
       from (
         select id, name, context, ended_at from builds where job_id = (select job_id from builds where id = $1) and id < $1 order by id desc limit $2
       ) b order by b.id desc`,
      [buildId, mostBuilds, mostSteps],
    )
    return {
      builds: this.#read(rows),
      settled: rows.every(({ ended }) => ended),
      bytes: rows.reduce((sum, { context, steps }) => sum + (context?.length ?? 0) + steps.length, 0),
    }
  }

  /** A build is decrypted when it is asked for: mostly the first has all steps. */
  *#read(rows: readonly Row[]): Iterable<FormerBuild> {
    for (const { id, name, context, steps } of rows) {
      if (context === null) continue
      const read = JSON.parse(steps) as readonly (readonly [planId: string, digest: string | null, made: JsonObject | null])[]
      yield {
        name,
        context: JSON.parse(this.#cipher.decrypt(context, contextPlace(id))) as JsonObject,
        digests: new Map(read.flatMap(([planId, digest]) => (digest === null ? [] : [[planId, digest]]))),
        made: new Map(read.flatMap(([planId, , made]) => (made === null ? [] : [[planId, opened(id, planId, JSON.stringify(made), this.#cipher)]]))),
      }
    }
  }
}
