import type { JobTrigger } from '../api/ports.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { RerunStore, ReuseFrom } from '../model/rerun.ts'
import type { JsonObject } from '../model/json.ts'
import type { GivenByHand, JobBuildRequest } from '../model/requested-build.ts'
import type { Version } from '../model/version.ts'
import { paramsPlace } from './build-row.ts'
import type { Cipher } from './cipher.ts'
import { json, type Db } from './db.ts'
import { jobsWanted } from './scheduling/jobs-wanted.ts'

/** Makes builds of jobs, which the scheduler starts. */
export class PendingBuilds implements JobTrigger, RerunStore {
  readonly #db: Db
  readonly #cipher: Cipher

  constructor(db: Db, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
  }

  async trigger(jobId: number, createdBy: string, now: number, { versions, params }: JobBuildRequest = {}): Promise<number> {
    const id = await this.#db.transaction(async (tx) => {
      await tx.query('select want_jobs(array[$1::bigint])', [jobId])
      const [row] = await tx.query<{ id: number }>(
        `with numbered as (
           update jobs set builds_made = builds_made + 1 from pipelines where jobs.id = $1 and pipelines.id = pipeline_id
           returning jobs.id, builds_made, pipeline_id, team_id
         )
         insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, created_by, created_at, chosen_versions)
         select 'job', builds_made::text, team_id, pipeline_id, id, 'pending', 'manual', $2, $3, $4::jsonb from numbered returning id`,
        [jobId, createdBy, now, versions === undefined ? null : json({ ...versions })],
      )
      if (row === undefined) throw new Error(`there is no job ${jobId}`)
      if (params !== undefined) await tx.query('update builds set params = $2 where id = $1', [row.id, this.#cipher.encrypt(json(params), paramsPlace(row.id))])
      return row.id
    })
    this.wake()
    return id
  }

  async givenByHand(buildId: number): Promise<GivenByHand> {
    const [row] = await this.#db.query<{ id: number; params: string | null }>('select original.id, original.params from builds b join builds original on original.id = coalesce(b.rerun_of, b.id) where b.id = $1', [buildId])
    if (row === undefined) return { versions: [], params: {} }
    const versions = await this.#db.query<{ name: string; version: string }>(
      'select given.key as name, v.version from builds b cross join jsonb_each_text(b.chosen_versions) given join versions v on v.id = given.value::bigint where b.id = $1 order by given.key',
      [row.id],
    )
    return {
      versions: versions.map(({ name, version }) => ({ name, version: JSON.parse(version) as Version })),
      params: row.params === null ? {} : (JSON.parse(this.#cipher.decrypt(row.params, paramsPlace(row.id))) as JsonObject),
    }
  }

  async rerun(buildId: number, createdBy: string, now: number, reuse?: ReuseFrom): Promise<Result<number, 'no-build' | 'no-inputs'>> {
    const made = await this.#db.transaction(async (tx) => {
      // Locked: two reruns at once must not get one number. Before job_schedule, as where a build ends.
      const [original] = await tx.query<{ id: number; name: string; job_id: number; adopted: boolean }>(
        `select id, name, job_id, adopted from builds
         where id = (select coalesce(rerun_of, id) from builds where id = $1 and cause is not null and job_id is not null) for no key update`,
        [buildId],
      )
      if (original === undefined) return fail('no-build' as const)
      if (!original.adopted) return fail('no-inputs' as const)
      await tx.query('select want_jobs(array[$1::bigint])', [original.job_id])
      const [row] = await tx.query<{ id: number }>(
        `insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, rerun_of, rerun_number, created_by, created_at, reuses_build, reuses_before)
         select 'job', b.name || '.' || k, b.team_id, b.pipeline_id, b.job_id, 'pending', 'rerun', b.id, k, $2, $3, $4, $5
         from builds b, (select coalesce(max(rerun_number), 0) + 1 as k from builds where rerun_of = $1) as next
         where b.id = $1 returning id`,
        [original.id, createdBy, now, reuse?.build ?? null, reuse?.before ?? null],
      )
      return row === undefined ? fail('no-build' as const) : ok(row.id)
    })
    if (made.ok) this.wake()
    return made
  }

  wake(): void {
    this.#db.notify(jobsWanted, '')
  }
}
