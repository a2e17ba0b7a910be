import type { JsonObject } from '../../model/json.ts'
import type { Version } from '../../model/version.ts'
import type { Answer, Applied, Ask, BuildId, Changes, ChosenInput, ClaimedJob, JobId, JobSnapshot, ResourceId, SchedulerStore, StartedBuild, VersionId } from '../../scheduler/ports.ts'
import { paramsPlace } from '../build-row.ts'
import type { Cipher } from '../cipher.ts'
import type { Db } from '../db.ts'
import { Answers } from './answers.ts'
import { Together } from '../../lib/together.ts'
import { applyChanges, isShared, type AppliedChanges } from './apply.ts'
import { jobsWanted } from './jobs-wanted.ts'
import { readSnapshots } from './snapshots.ts'

type KnownInput = Omit<ChosenInput, 'firstOccurrence'>

/** Passes, or questions of passes, that share a statement. */
const mostTogether = 32

/** So many times what is claimed is looked at: other schedulers may be locking the first of it. */
const spare = 4

/** Jobs as the scheduler leases, reads and changes them. */
export class JobSchedules implements SchedulerStore {
  readonly #db: Db
  readonly #cipher: Cipher
  readonly #answers: Answers
  /** Passes over many jobs at once are applied together. */
  readonly #shared: Together<Changes, AppliedChanges>
  readonly #known: Together<{ readonly job: JobId; readonly inputs: readonly KnownInput[] }, readonly boolean[]>
  readonly #contents: Together<readonly VersionId[], ReadonlyMap<VersionId, Version>>

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
    this.#answers = new Answers(db)
    this.#shared = new Together(mostTogether, {
      all: (list) => db.transaction((tx) => applyChanges(tx, list, cipher)),
      // What one of them cannot do must not keep the others from it.
      one: (changes) => this.#apply(changes),
    })
    this.#known = new Together(mostTogether, { all: (list) => this.#allKnown(list) })
    this.#contents = new Together(mostTogether, { all: (list) => this.#allContents(list) })
  }

  /** One job of each pipeline, then a second of each: one pipeline with thousands must not keep the others waiting. */
  async claim(owner: string, now: number, { leaseMs, limit }: { readonly leaseMs: number; readonly limit: number }): Promise<readonly ClaimedJob[]> {
    const rows = await this.#db.query<{ job_id: number; wanted: number }>(
      `with wanting as (
         select s.job_id, row_number() over (partition by j.pipeline_id order by s.job_id) as turn
         from job_schedule s join jobs j on j.id = s.job_id
         where wanted > done and (lease_until is null or lease_until <= $2) and (not_before is null or not_before <= $2)
       ), first as (
         select job_id, turn from wanting order by turn, job_id limit $4::bigint * ${spare}
       ), free as (
         select s.job_id as id from job_schedule s join first on first.job_id = s.job_id
         where wanted > done and (lease_until is null or lease_until <= $2) and (not_before is null or not_before <= $2)
         order by first.turn, s.job_id limit $4 for update of s skip locked
       )
       update job_schedule set owner = $1, lease_until = $2::bigint + $3::bigint from free where job_id = free.id
       returning job_id, wanted`,
      [owner, now, leaseMs, limit],
    )
    return rows.map(({ job_id, wanted }) => ({ jobId: job_id, wanted }))
  }

  read(jobs: readonly JobId[]): Promise<readonly JobSnapshot[]> {
    return readSnapshots(this.#db, jobs)
  }

  answer(job: JobId, ask: Ask): Promise<Answer> {
    return this.#answers.answer(job, ask)
  }

  async paramsOf(build: BuildId): Promise<JsonObject> {
    const [row] = await this.#db.query<{ params: string | null }>('select params from builds where id = $1', [build])
    return typeof row?.params === 'string' ? (JSON.parse(this.#cipher.decrypt(row.params, paramsPlace(build))) as JsonObject) : {}
  }

  async inScope(versions: readonly { readonly resource: ResourceId; readonly version: VersionId }[]): Promise<readonly boolean[]> {
    const rows = await this.#db.query<{ there: boolean }>(
      `select exists (
         select from resources r join scope_versions sv on sv.scope_id = r.scope_id where r.id = resource and sv.version_id = version and sv.check_order > 0
       ) as there from unnest($1::bigint[], $2::bigint[]) with ordinality as given (resource, version, place) order by place`,
      [versions.map(({ resource }) => resource), versions.map(({ version }) => version)],
    )
    return rows.map(({ there }) => there)
  }

  known(job: JobId, inputs: readonly KnownInput[]): Promise<readonly boolean[]> {
    return inputs.length === 0 ? Promise.resolve([]) : this.#known.add({ job, inputs })
  }

  async #allKnown(list: readonly { readonly job: JobId; readonly inputs: readonly KnownInput[] }[]): Promise<readonly (readonly boolean[])[]> {
    const all = list.flatMap(({ job, inputs }) => inputs.map((input) => ({ job, ...input })))
    const rows = await this.#db.query<{ known: boolean }>(
      `select exists (select from job_used u where u.job_id = job and u.resource_id = r and u.version_id = v and u.input = name) as known
       from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality as given (job, name, r, v, place) order by place`,
      [all.map(({ job }) => job), all.map(({ name }) => name), all.map(({ resource }) => resource), all.map(({ version }) => version)],
    )
    let at = 0
    return list.map(({ inputs }) => rows.slice(at, (at += inputs.length)).map(({ known }) => known))
  }

  async inputsOf(build: BuildId): Promise<Pick<StartedBuild, 'inputs' | 'pipes'>> {
    const [inputs, pipes] = await Promise.all([
      this.#db.query<{ name: string; resource_id: number; version_id: number }>('select name, resource_id, version_id from build_inputs where build_id = $1 order by name', [build]),
      this.#db.query<{ from_build: number }>('select from_build from build_pipes where to_build = $1 order by from_build', [build]),
    ])
    return {
      inputs: inputs.map(({ name, resource_id, version_id }) => ({ name, resource: resource_id, version: version_id, firstOccurrence: false })),
      pipes: pipes.map(({ from_build }) => from_build),
    }
  }

  versions(ids: readonly VersionId[]): Promise<ReadonlyMap<VersionId, Version>> {
    return ids.length === 0 ? Promise.resolve(new Map()) : this.#contents.add(ids)
  }

  async #allContents(list: readonly (readonly VersionId[])[]): Promise<readonly ReadonlyMap<VersionId, Version>[]> {
    const rows = await this.#db.query<{ id: number; version: string }>('select id, version from versions where id = any($1::bigint[])', [[...new Set(list.flat())]])
    const read = new Map(rows.map(({ id, version }) => [id, JSON.parse(version) as Version]))
    return list.map(() => read)
  }

  async names({ jobs, builds }: { readonly jobs: readonly JobId[]; readonly builds: readonly BuildId[] }): Promise<{ jobs: ReadonlyMap<JobId, string>; builds: ReadonlyMap<BuildId, string> }> {
    type Named = { readonly id: number; readonly name: string }
    const [ofJobs, ofBuilds] = await Promise.all([
      this.#db.query<Named>('select id, name from jobs where id = any($1::bigint[])', [jobs]),
      this.#db.query<Named>('select id, name from builds where id = any($1::bigint[])', [builds]),
    ])
    const byId = (rows: readonly Named[]): Map<number, string> => new Map(rows.map(({ id, name }) => [id, name]))
    return { jobs: byId(ofJobs), builds: byId(ofBuilds) }
  }

  async apply(changes: Changes): Promise<Applied> {
    const { applied, ended } = isShared(changes) ? await this.#shared.add(changes) : await this.#apply(changes)
    if (applied.kind === 'lost') return applied
    // After the commit, see Builds.commit.
    if (applied.started !== undefined) this.#db.notify('builds_started', String(applied.started))
    for (const build of ended) this.#db.notify('build_events', String(build))
    if (ended.length > 0 || changes.again || applied.othersWanted) this.#db.notify(jobsWanted, '')
    return applied
  }

  async #apply(changes: Changes): Promise<AppliedChanges> {
    const [applied] = await this.#db.transaction((tx) => applyChanges(tx, [changes], this.#cipher))
    if (applied === undefined) throw new Error('a pass was not applied')
    return applied
  }

  async release(job: JobId, owner: string, notBefore: number): Promise<void> {
    await this.#db.query('update job_schedule set owner = null, lease_until = null, not_before = $3 where job_id = $1 and owner = $2', [job, owner, notBefore])
  }

  onWanted(callback: () => void): Promise<() => Promise<void>> {
    return this.#db.listen(jobsWanted, callback)
  }
}
