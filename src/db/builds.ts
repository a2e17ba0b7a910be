import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import type { Build, BuildSummary, BuildWrites, ClaimedBuild, ContainerRow, NewBuild } from '../model/build.ts'
import type { BuildStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import { BuildAborts } from './build-aborts.ts'
import { commitBuild } from './build-commit.ts'
import { type BuildTableRow, buildColumns, buildOf, claimedOf, contextPlace, joinNames, summaryColumns, summaryOf } from './build-row.ts'
import type { Cipher } from './cipher.ts'
import { type ContainerTableRow, containerColumns, containerOf } from './container-row.ts'
import { type Db, json } from './db.ts'
import { jobsWanted } from './scheduling/jobs-wanted.ts'
import { opened, sealed } from './step-secrecy.ts'

/** Builds and the leases that engines hold of them. */
export class Builds implements BuildStore, BuildRegistry {
  readonly #db: Db
  readonly #cipher: Cipher
  readonly #aborts: BuildAborts

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
    this.#aborts = new BuildAborts(db)
  }

  /** A pending build, whose inputs are still to be chosen; gives its id. */
  async create(build: NewBuild, now: number): Promise<number> {
    return this.#insert(build, now, undefined)
  }

  /** A build that an engine may claim at once. `context`: the plan and what else its run needs; it is stored encrypted. */
  async createStarted(build: NewBuild, context: JsonObject, now: number): Promise<number> {
    const id = await this.#insert(build, now, context)
    this.#db.notify('builds_started', String(id))
    return id
  }

  /** Gives a pending build what its run needs: from now on an engine may claim it. False when it is not pending. */
  async start(buildId: number, context: JsonObject, now: number): Promise<boolean> {
    const rows = await this.#db.query(`update builds set status = 'started', started_at = $3, context = $2 where id = $1 and status = 'pending' returning 1 as one`, [
      buildId,
      this.#encrypted(buildId, context),
      now,
    ])
    if (rows.length > 0) this.#db.notify('builds_started', String(buildId))
    return rows.length > 0
  }

  /** Calls back when there may be a build to claim. It may call when there is none. */
  onStarted(callback: () => void): Promise<() => Promise<void>> {
    return this.#db.listen('builds_started', callback)
  }

  /**
   * Leases to `owner` the oldest started build that has no lease (`only`: this build alone). Of several servers
   * exactly one gets it. `owner` must be another one for each claim, or an engine that lost its lease could still write.
   */
  async claim(owner: string, now: number, leaseMs: number, only?: number): Promise<ClaimedBuild | undefined> {
    const [row] = await this.#db.query<BuildTableRow & { readonly claims: number; readonly reuses: boolean }>(
      `with free as (
         select id as free_id from builds
         where status = 'started' and (lease_until is null or lease_until <= $2) and ($4::bigint is null or id = $4)
         order by id limit 1
         for update skip locked
       ), b as (
         update builds set lease_owner = $1, lease_until = $2::bigint + $3::bigint, claims = claims + 1
         from free where id = free_id
         returning builds.*
       )
       select ${buildColumns}, b.claims, b.reuses_build is not null as reuses from b ${joinNames}`,
      [owner, now, leaseMs, only ?? null],
    )
    return row && claimedOf(row, this.#cipher)
  }

  /** Extends the lease; tells whether it is still held, and whether an abort was requested. */
  async renew(buildId: number, owner: string, now: number, leaseMs: number): Promise<{ held: boolean; abortRequested: boolean }> {
    const [row] = await this.#db.query<{ abort_requested: boolean }>(
      `update builds set lease_until = $3::bigint + $4::bigint
       where id = $1 and lease_owner = $2 and status = 'started' returning abort_requested`,
      [buildId, owner, now, leaseMs],
    )
    return { held: row !== undefined, abortRequested: row?.abort_requested === true }
  }

  /** Ends the lease, so that another server can claim the build. Called by a server that shuts down. */
  async release(buildId: number, owner: string): Promise<void> {
    const rows = await this.#db.query(
      `update builds set lease_owner = null, lease_until = null where id = $1 and lease_owner = $2 and status = 'started' returning 1 as one`,
      [buildId, owner],
    )
    if (rows.length > 0) this.#db.notify('builds_started', String(buildId))
  }

  /** Ends all leases. Only for the embedded database: its lock proves that no other server uses it. */
  async releaseAll(): Promise<void> {
    await this.#db.query(`update builds set lease_owner = null, lease_until = null where status = 'started'`)
  }

  /** Ends a pending build at once; asks the engine of a started one to abort it. False when the build has ended or does not exist. */
  async requestAbort(buildId: number, now: number): Promise<boolean> {
    const [row] = await this.#db.query<{ outcome: 'ended' | 'requested' | null }>('select abort_build($1, $2) as outcome', [buildId, now])
    switch (row?.outcome) {
      case 'ended':
        this.#db.notify('build_events', String(buildId))
        this.#db.notify(jobsWanted, '')
        return true
      case 'requested':
        this.#aborts.notify(buildId)
        return true
      default:
        return false
    }
  }

  /** Calls back when an abort is requested, or has been already; perhaps more than once. `renew` reports it too. */
  onAbort(buildId: number, callback: () => void): Promise<() => void> {
    return this.#aborts.listen(buildId, callback)
  }

  /** Writes a commit in one transaction. Writes nothing when `owner` no longer holds the lease. */
  async commit(buildId: number, owner: string, now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'> {
    const answer = await commitBuild(this.#db, { buildId, owner, now, writes: { ...writes, ...(writes.steps && { steps: writes.steps.map((step) => sealed(buildId, step, this.#cipher)) }) } })
    // After the commit: a NOTIFY inside a transaction makes PostgreSQL take one lock of the whole database at each commit.
    if (answer === 'committed' && (writes.events?.length || writes.finish)) this.#db.notify('build_events', String(buildId))
    if (answer === 'committed' && (writes.outputs?.length || writes.finish)) this.#db.notify(jobsWanted, '')
    return answer
  }

  /** The steps' records, by plan id. */
  async steps(buildId: number): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = await this.#db.query<{ plan_id: string; record: string }>('select plan_id, record from steps where build_id = $1', [buildId])
    return new Map(rows.map(({ plan_id, record }) => [plan_id, opened(buildId, plan_id, record, this.#cipher)]))
  }

  async containers(buildId: number): Promise<readonly ContainerRow[]> {
    const rows = await this.#db.query<ContainerTableRow>(`select ${containerColumns} from containers where build_id = $1 order by created_at, handle`, [buildId])
    return rows.map(containerOf)
  }

  /** The build that last sent an assignment to each of these containers. Containers without an assignment are left out. */
  async owners(handles: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db.query<{ handle: string; build_id: number }>('select handle, build_id from containers where handle = any($1::text[])', [handles])
    return new Map(rows.map(({ handle, build_id }) => [handle, build_id]))
  }

  async get(buildId: number): Promise<Build | undefined> {
    const [row] = await this.#db.query<BuildTableRow>(`select ${buildColumns} from builds b ${joinNames} where b.id = $1`, [buildId])
    return row && buildOf(row, this.#cipher)
  }

  /** Newest first. `unfinished`: pending and started ones only. */
  async list(options: { readonly unfinished?: boolean; readonly limit?: number; readonly before?: number } = {}): Promise<readonly BuildSummary[]> {
    const statuses: readonly BuildStatus[] = ['pending', 'started']
    const rows = await this.#db.query<BuildTableRow>(
      `select ${summaryColumns} from builds b ${joinNames}
       where ($1::text[] is null or b.status = any($1)) and ($2::bigint is null or b.id < $2)
       order by b.id desc limit $3`,
      [options.unfinished === true ? statuses : null, options.before ?? null, options.limit ?? 100],
    )
    return rows.map(summaryOf)
  }

  async #insert({ kind, scope, name, createdBy }: NewBuild, now: number, context: JsonObject | undefined): Promise<number> {
    // The id is needed before the insert: it is the default name, and the context is encrypted for its row.
    const [{ id } = { id: 0 }] = await this.#db.query<{ id: number }>(`select nextval(pg_get_serial_sequence('builds', 'id')) as id`)
    const started = context !== undefined
    await this.#db.query(
      `insert into builds (id, kind, name, team_id, pipeline_id, job_id, status, context, created_by, created_at, started_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        kind,
        name ?? String(id),
        scope.teamId,
        scope.pipelineId ?? null,
        scope.jobId ?? null,
        started ? 'started' : 'pending',
        started ? this.#encrypted(id, context) : null,
        createdBy ?? null,
        now,
        started ? now : null,
      ],
    )
    return id
  }

  #encrypted(id: number, context: JsonObject): string {
    return this.#cipher.encrypt(json(context), contextPlace(id))
  }
}
