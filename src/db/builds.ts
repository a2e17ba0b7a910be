import type { BuildStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Cipher } from './cipher.ts'
import { type BuildWrites, commitBuild } from './build-commit.ts'
import { type Build, buildColumns, buildOf, type BuildSummary, type BuildTableRow, contextPlace, summaryColumns, summaryOf } from './build-row.ts'
import { type ContainerRow, type ContainerTableRow, containerColumns, containerOf } from './container-row.ts'
import { type Db, json } from './db.ts'

export interface NewBuild {
  /** Default: its id, as Concourse names one-off builds. */
  readonly name?: string
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
  /** The plan and what else the run needs; stands encrypted. */
  readonly context: JsonObject
  readonly createdBy?: string
}

interface AbortListener {
  readonly buildId: number
  readonly callback: () => void
}

/** `resumed`: somebody ran it before. */
export type ClaimedBuild = Build & { readonly resumed: boolean }

/** Builds, and who runs them. */
export class Builds {
  readonly #db: Db
  readonly #cipher: Cipher
  readonly #abortListeners = new Set<AbortListener>()
  #listening: Promise<unknown> | undefined

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
  }

  /** A pending build; gives its id. */
  async create(build: NewBuild, now: number): Promise<number> {
    const [{ id } = { id: 0 }] = await this.#db.query<{ id: number }>(`select nextval(pg_get_serial_sequence('builds', 'id')) as id`)
    await this.#db.query(
      `insert into builds (id, name, team, pipeline, job, status, context, created_by, created_at)
       values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8)`,
      [
        id,
        build.name ?? String(id),
        build.team,
        build.pipeline ?? null,
        build.job ?? null,
        this.#cipher.encrypt(json(build.context), contextPlace(id)),
        build.createdBy ?? null,
        now,
      ],
    )
    return id
  }

  /**
   * The oldest build that is pending, or started with a lease that has run out (`only`: that one alone); it becomes started
   * and leased to `owner`. Of several servers exactly one gets it. `owner` must be another one for each claim, or a runner
   * that was left behind could still write.
   */
  async claim(owner: string, now: number, leaseMs: number, only?: number): Promise<ClaimedBuild | undefined> {
    const [row] = await this.#db.query<BuildTableRow & { readonly resumed: boolean }>(
      `with free as (
         select id as free_id, status = 'started' as resumed from builds
         where status in ('pending', 'started') and (lease_until is null or lease_until <= $2) and ($4::bigint is null or id = $4)
         order by id limit 1
         for update skip locked
       )
       update builds
       set status = 'started', started_at = coalesce(started_at, $2), lease_owner = $1, lease_until = $2::bigint + $3::bigint
       from free where id = free_id
       returning ${buildColumns}, resumed`,
      [owner, now, leaseMs, only ?? null],
    )
    return row && { ...buildOf(row, this.#cipher), resumed: row.resumed }
  }

  /** Extends the lease; tells whether it is still held, and whether someone asked for an abort. */
  async renew(buildId: number, owner: string, now: number, leaseMs: number): Promise<{ held: boolean; abortRequested: boolean }> {
    const [row] = await this.#db.query<{ abort_requested: boolean }>(
      `update builds set lease_until = $3::bigint + $4::bigint
       where id = $1 and lease_owner = $2 and status = 'started' returning abort_requested`,
      [buildId, owner, now, leaseMs],
    )
    return { held: row !== undefined, abortRequested: row?.abort_requested === true }
  }

  /** Gives the build to whoever claims it next; for a server that drains. */
  async release(buildId: number, owner: string): Promise<void> {
    await this.#db.query(`update builds set lease_owner = null, lease_until = null where id = $1 and lease_owner = $2 and status = 'started'`, [
      buildId,
      owner,
    ])
  }

  /** Ends all leases. Only for the embedded database, whose lock says that no other server lives. */
  async releaseAll(): Promise<void> {
    await this.#db.query(`update builds set lease_owner = null, lease_until = null where status = 'started'`)
  }

  /** Asks the build's runner to abort it. False when the build has ended or is not known. */
  async requestAbort(buildId: number): Promise<boolean> {
    const rows = await this.#db.query(
      `with asked as (
         update builds set abort_requested = true where id = $1 and status in ('pending', 'started') returning id
       )
       select pg_notify('build_aborts', id::text) from asked`,
      [buildId],
    )
    return rows.length > 0
  }

  /** Calls back once an abort is, or has been, requested; perhaps more than once. `renew` is the safety net behind it. */
  async onAbort(buildId: number, callback: () => void): Promise<() => void> {
    const listener = { buildId, callback }
    this.#abortListeners.add(listener)
    // For all builds, and for as long as the database is open: a build comes and goes more often than anybody aborts one.
    this.#listening ??= this.#db.listen('build_aborts', (payload) => this.#aborted(payload))
    try {
      await this.#listening
    } catch (error) {
      this.#listening = undefined
      this.#abortListeners.delete(listener)
      throw error
    }
    await this.#look(listener)
    return () => void this.#abortListeners.delete(listener)
  }

  #aborted(payload: string | undefined): void {
    for (const listener of this.#abortListeners) {
      if (payload === String(listener.buildId)) listener.callback()
      else if (payload === undefined) this.#look(listener).catch(() => undefined)
    }
  }

  async #look({ buildId, callback }: AbortListener): Promise<void> {
    const [row] = await this.#db.query<{ abort_requested: boolean }>('select abort_requested from builds where id = $1', [buildId])
    if (row?.abort_requested === true) callback()
  }

  /** In one transaction, refused when `owner` no longer holds the lease: nothing of it happens then. */
  commit(buildId: number, owner: string, now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'> {
    return commitBuild(this.#db, buildId, owner, now, writes)
  }

  /** The steps' records, by plan id. */
  async steps(buildId: number): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = await this.#db.query<{ plan_id: string; record: string }>('select plan_id, record from steps where build_id = $1', [buildId])
    return new Map(rows.map(({ plan_id, record }) => [plan_id, JSON.parse(record) as JsonObject]))
  }

  async containers(buildId: number): Promise<readonly ContainerRow[]> {
    const rows = await this.#db.query<ContainerTableRow>(`select ${containerColumns} from containers where build_id = $1 order by created_at, handle`, [buildId])
    return rows.map(containerOf)
  }

  /** The build that each of these containers was last assigned something of; nothing of those that were assigned nothing. */
  async owners(handles: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db.query<{ handle: string; build_id: number }>('select handle, build_id from containers where handle = any($1::text[])', [handles])
    return new Map(rows.map(({ handle, build_id }) => [handle, build_id]))
  }

  async get(buildId: number): Promise<Build | undefined> {
    const [row] = await this.#db.query<BuildTableRow>(`select ${buildColumns} from builds where id = $1`, [buildId])
    return row && buildOf(row, this.#cipher)
  }

  /** Newest first. `unfinished`: pending and started ones only. */
  async list(options: { readonly unfinished?: boolean; readonly limit?: number; readonly before?: number } = {}): Promise<readonly BuildSummary[]> {
    const statuses: readonly BuildStatus[] = ['pending', 'started']
    const rows = await this.#db.query<BuildTableRow>(
      `select ${summaryColumns} from builds
       where ($1::text[] is null or status = any($1)) and ($2::bigint is null or id < $2)
       order by id desc limit $3`,
      [options.unfinished === true ? statuses : null, options.before ?? null, options.limit ?? 100],
    )
    return rows.map(summaryOf)
  }
}
