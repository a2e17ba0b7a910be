import type { CheckBuild, CheckedResource, EndedCheck, CheckStore, ChecksWanted, LoadedChecks } from '../checks/ports.ts'
import { shardCount } from '../checks/ports.ts'
import type { Version } from '../model/version.ts'
import { saveCheckBuild, showCheckBuild } from './check-build.ts'
import { type CheckTimesRow, checkTimesColumns, checkTimesOf } from './check-times-row.ts'
import type { Cipher } from './cipher.ts'
import type { Db } from './db.ts'
import { jobsWanted } from './scheduling/jobs-wanted.ts'
import { ownScopes } from './scope-pointers.ts'
import { Versions } from './versions.ts'

/** The channel that tells of scopes that somebody wants checked. */
export const checksWanted = 'checks_wanted'

interface Row extends CheckTimesRow {
  readonly id: number
  readonly name: string
  readonly pipeline_id: number
  readonly pipeline: string
  readonly config_version: number
  readonly team_id: number
  readonly team: string
  readonly scope_id: number
  readonly paused: boolean
  readonly check_every: string | null
  readonly triggers: boolean | null
  readonly has_versions: boolean
  readonly pin_found: boolean
  readonly pin: string | null
}

/** What is checked, when it was, and who waits for it. */
export class Checks implements CheckStore {
  readonly #db: Db
  readonly #cipher: Cipher
  readonly #versions: Versions

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
    this.#versions = new Versions(db)
  }

  async pipelines(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#db.query<{ id: number; mark: string }>(
      `select id, config_version || case when paused then ' paused' else '' end as mark from pipelines where config_version is not null and not archived order by id`,
    )
    return new Map(rows.map(({ id, mark }) => [id, mark]))
  }

  async load({ shards, pipelineIds, scopeIds }: ChecksWanted, now: number): Promise<LoadedChecks> {
    if (scopeIds === undefined) await ownScopes(this.#db, pipelineIds === undefined ? '$1::bigint is null' : 'p.id = any($1::bigint[])', pipelineIds ?? null, now)
    // has_versions by a limit: for an EXISTS the planner reads the versions of all scopes, which takes seconds, for a few that are asked for.
    const rows = await this.#db.query<Row>(
      `select r.id, r.name, r.pipeline_id, p.name as pipeline, p.config_version, p.team_id, team.name as team, r.scope_id, p.paused, r.check_every,
         (select bool_or(trigger) from job_inputs i where i.resource_id = r.id and i.passed_job_id is null) as triggers,
         (select true from scope_versions v where v.scope_id = r.scope_id and v.check_order > 0 limit 1) is not null as has_versions,
         r.pin is null or exists (
           select from scope_versions v join versions on versions.id = v.version_id where v.scope_id = r.scope_id and v.check_order > 0 and versions.version @> r.pin
         ) as pin_found,
         r.pin, ${checkTimesColumns}
       from resources r
         join pipelines p on p.id = r.pipeline_id and p.config_version is not null and not p.archived
         join teams team on team.id = p.team_id
         join scope_checks c on c.scope_id = r.scope_id
       where r.active and r.scope_id % $1 = any($2::bigint[])
         and ($3::bigint[] is null or p.id = any($3)) and ($4::bigint[] is null or r.scope_id = any($4))
       order by r.id`,
      [shardCount, shards, pipelineIds ?? null, scopeIds ?? null],
    )
    const times = new Map(rows.map((row) => [row.scope_id, { scopeId: row.scope_id, ...checkTimesOf(row) }]))
    return { resources: rows.map(resourceOf), times: [...times.values()] }
  }

  onWanted(callback: (scopeIds: readonly number[] | undefined) => void): Promise<() => Promise<void>> {
    return this.#db.listen(checksWanted, (payload) => callback(payload?.split(',').filter((id) => id !== '').map(Number)))
  }

  saveEnds(ends: readonly EndedCheck[]): Promise<void> {
    return this.#versions.saveEnds(ends)
  }

  wakeSchedulers(): Promise<void> {
    return Promise.resolve(this.#db.notify(jobsWanted, ''))
  }

  saveBuild(build: CheckBuild): Promise<void> {
    return saveCheckBuild(this.#db, this.#cipher, build)
  }

  showBuild(scopeId: number, buildId: number): Promise<void> {
    return showCheckBuild(this.#db, scopeId, buildId)
  }
}

const resourceOf = (row: Row): CheckedResource => ({
  id: row.id,
  name: row.name,
  pipelineId: row.pipeline_id,
  pipeline: row.pipeline,
  configVersion: row.config_version,
  teamId: row.team_id,
  team: row.team,
  scopeId: row.scope_id,
  paused: row.paused,
  triggers: row.triggers === true,
  isInput: row.triggers !== null,
  hasVersions: row.has_versions,
  pinFound: row.pin_found,
  ...(row.check_every !== null && { checkEvery: row.check_every }),
  ...(row.pin !== null && { pin: JSON.parse(row.pin) as Version }),
})
