import type { BuildFilter, BuildLists as BuildListsPort, BuildPage, JobBuilds, Page } from '../api/ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { ListedBuild, PendingReason } from '../model/listed-build.ts'
import { joinNames, summaryColumns, summaryOf, type BuildTableRow } from './build-row.ts'
import type { Db, Param } from './db.ts'

interface ListedRow extends BuildTableRow {
  readonly instance_vars: string | null
  readonly pipeline_public: boolean | null
  readonly job_public: boolean | null
  readonly pending_reason: string | null
  readonly comment: string | null
}

const columns = `${summaryColumns}, pipeline.instance_vars, pipeline.public as pipeline_public, job.public as job_public, b.pending_reason, b.comment`

/** Builds as the API lists them. */
export class BuildLists implements BuildListsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async get(id: number): Promise<ListedBuild | undefined> {
    return (await this.#query('b.id = $1', [id], ''))[0]
  }

  async ofJob(jobId: number, name: string): Promise<ListedBuild | undefined> {
    return (await this.#query('b.job_id = $1 and b.name = $2', [jobId, name], 'order by b.id desc limit 1'))[0]
  }

  async page(filter: BuildFilter, { from, to, limit, by, statuses }: Page): Promise<BuildPage> {
    const [visible, value] = conditionOf(filter)
    const condition = `${visible} and ($2::text[] is null or b.status = any($2))`
    const params = [value, statuses ?? null]
    const column = by === 'start' ? 'b.started_at' : 'b.id'
    const ascending = from !== undefined
    const rows = await this.#query(
      `${condition} and ($3::bigint is null or ${column} >= $3) and ($4::bigint is null or ${column} <= $4)`,
      [...params, from ?? null, to ?? null],
      `order by b.id ${ascending ? 'asc' : 'desc'} limit ${Math.trunc(limit)}`,
    )
    const builds = ascending && to === undefined ? rows.toReversed() : rows
    const ids = rows.map(({ id }) => id)
    if (ids.length === 0 || by === 'start') return { builds }
    const neighbour = async (comparison: '<' | '>', id: number): Promise<number | undefined> =>
      (
        await this.#db.query<{ id: number }>(
          `select b.id from builds b ${joinNames} where ${condition} and b.id ${comparison} $3 order by b.id ${comparison === '<' ? 'desc' : 'asc'} limit 1`,
          [...params, id],
        )
      )[0]?.id
    const [older, newer] = await Promise.all([neighbour('<', Math.min(...ids)), neighbour('>', Math.max(...ids))])
    return { builds, ...(older !== undefined && { older }), ...(newer !== undefined && { newer }) }
  }

  async ofJobs(pipelineIds: readonly number[]): Promise<ReadonlyMap<number, JobBuilds>> {
    const rows = await this.#query(
      `b.id in (
         select (select id from builds where job_id = jobs.id and status in ('pending', 'started') order by id limit 1) from jobs where pipeline_id = any($1::bigint[])
         union
         select (select id from builds where job_id = jobs.id and status not in ('pending', 'started') order by id desc limit 1) from jobs where pipeline_id = any($1::bigint[])
       )`,
      [pipelineIds],
      'order by b.id',
    )
    const byJob = new Map<number, JobBuilds>()
    for (const build of rows) {
      const { jobId } = build.scope
      if (jobId === undefined) continue
      const unfinished = build.status === 'pending' || build.status === 'started'
      byJob.set(jobId, { ...byJob.get(jobId), ...(unfinished ? { next: build } : { finished: build }) })
    }
    return byJob
  }

  byIds(ids: readonly number[]): Promise<readonly ListedBuild[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.#query('b.id = any($1::bigint[])', [ids], '')
  }

  async comment(id: number, comment: string): Promise<void> {
    await this.#db.query('update builds set comment = $2 where id = $1', [id, comment === '' ? null : comment])
  }

  async #query(condition: string, params: readonly Param[], rest: string): Promise<ListedBuild[]> {
    return (await this.#db.query<ListedRow>(`select ${columns} from builds b ${joinNames} where ${condition} ${rest}`, params)).map(listedOf)
  }
}

/** Builds that check resources are left out, as Concourse leaves them out. */
function conditionOf(filter: BuildFilter): [condition: string, value: Param] {
  switch (filter.kind) {
    case 'all':
      return [`$1::text is null and b.kind <> 'check'`, null]
    case 'visible':
      return [`(team.name = any($1::text[]) or pipeline.public) and b.kind <> 'check'`, filter.teams]
    case 'team':
      return [`team.name = $1 and b.kind <> 'check'`, filter.team]
    case 'pipeline':
      return [`b.pipeline_id = $1 and b.kind <> 'check'`, filter.pipelineId]
    case 'job':
      return ['b.job_id = $1', filter.jobId]
  }
}

const listedOf = (row: ListedRow): ListedBuild => ({
  ...summaryOf(row),
  ...(row.instance_vars !== null && { pipelineInstanceVars: JSON.parse(row.instance_vars) as JsonObject }),
  pipelinePublic: row.pipeline_public === true,
  jobPublic: row.job_public === true,
  ...(row.comment !== null && { comment: row.comment }),
  ...(row.status === 'pending' && row.pending_reason !== null && { pendingReason: JSON.parse(row.pending_reason) as PendingReason }),
})
