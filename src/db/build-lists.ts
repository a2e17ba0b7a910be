import type { BuildFilter, BuildLists as BuildListsPort, JobBuilds, Page } from '../api/ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { ListedBuild, PendingReason } from '../model/listed-build.ts'
import { joinNames, summaryColumns, summaryOf, type BuildTableRow } from './build-row.ts'
import type { Db, Param } from './db.ts'

interface ListedRow extends BuildTableRow {
  readonly instance_vars: string | null
  readonly pipeline_public: boolean | null
  readonly job_public: boolean | null
  readonly pending_reason: string | null
}

const columns = `${summaryColumns}, pipeline.instance_vars, pipeline.public as pipeline_public, job.public as job_public, b.pending_reason`

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

  async page(filter: BuildFilter, { from, to, limit }: Page): Promise<readonly ListedBuild[]> {
    const [condition, value] = conditionOf(filter)
    const ascending = from !== undefined
    const rows = await this.#query(
      `${condition} and ($2::bigint is null or b.id >= $2) and ($3::bigint is null or b.id <= $3)`,
      [value, from ?? null, to ?? null],
      `order by b.id ${ascending ? 'asc' : 'desc'} limit ${Math.trunc(limit)}`,
    )
    return ascending && to === undefined ? rows.toReversed() : rows
  }

  async ofJobs(pipelineId: number): Promise<ReadonlyMap<number, JobBuilds>> {
    const rows = await this.#query(
      `b.id in (
         select (select id from builds where job_id = jobs.id and status in ('pending', 'started') order by id limit 1) from jobs where pipeline_id = $1
         union
         select (select id from builds where job_id = jobs.id and status not in ('pending', 'started') order by id desc limit 1) from jobs where pipeline_id = $1
       )`,
      [pipelineId],
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
  ...(row.status === 'pending' && row.pending_reason !== null && { pendingReason: JSON.parse(row.pending_reason) as PendingReason }),
})
