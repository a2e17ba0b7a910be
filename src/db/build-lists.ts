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
  readonly rerun_of: number | null
  readonly rerun_number: number | null
  readonly rerun_name: string | null
  readonly reaped_at: number | null
}

interface JobBuildsRow {
  readonly id: number
  readonly next: number | null
  readonly finished: number | null
  readonly transition: number | null
  readonly has_new: boolean
}

const columns = `${summaryColumns}, pipeline.instance_vars, pipeline.public as pipeline_public, job.public as job_public, b.pending_reason, b.comment, b.reaped_at, b.rerun_of, b.rerun_number, original.name as rerun_name`

/** Builds as the API lists them. */
export class BuildLists implements BuildListsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async get(id: number): Promise<ListedBuild | undefined> {
    return (await this.#query('b.id = $1', [id], ''))[0]
  }

  /** `latest`: the job’s newest, as in Concourse. */
  async ofJob(jobId: number, name: string): Promise<ListedBuild | undefined> {
    return (await this.#query(`b.job_id = $1 and (b.name = $2 or $2 = 'latest')`, [jobId, name], 'order by b.id desc limit 1'))[0]
  }

  async page(filter: BuildFilter, { from, to, limit, by, statuses }: Page): Promise<BuildPage> {
    const [visible, value] = conditionOf(filter)
    const condition = `${visible} and ($2::text[] is null or b.status = any($2))`
    const params = [value, statuses ?? null]
    const within = by === 'start' ? 'b.started_at >= $3' : `${order} >= ${orderOf('$3')}`
    const until = by === 'start' ? 'b.started_at <= $4' : `${order} <= ${orderOf('$4')}`
    const ascending = from !== undefined
    const rows = await this.#query(
      `${condition} and ($3::bigint is null or ${within}) and ($4::bigint is null or ${until})`,
      [...params, from ?? null, to ?? null],
      `order by ${ordered(ascending ? 'asc' : 'desc')} limit ${Math.trunc(limit)}`,
    )
    const builds = ascending && to === undefined ? rows.toReversed() : rows
    const [first, last] = ascending ? [rows[0], rows.at(-1)] : [rows.at(-1), rows[0]]
    if (first === undefined || last === undefined || by === 'start') return { builds }
    const neighbour = async (comparison: '<' | '>', id: number): Promise<number | undefined> =>
      (
        await this.#db.query<{ id: number }>(
          `select b.id from builds b ${joinNames} where ${condition} and ${order} ${comparison} ${orderOf('$3')} order by ${ordered(comparison === '<' ? 'desc' : 'asc')} limit 1`,
          [...params, id],
        )
      )[0]?.id
    const [older, newer] = await Promise.all([neighbour('<', first.id), neighbour('>', last.id)])
    return { builds, ...(older !== undefined && { older }), ...(newer !== undefined && { newer }) }
  }

  /** Next is the oldest unfinished one that is no rerun, or one of what is shown as finished (db/functions/job_build_ended.sql keeps that). */
  async ofJobs(pipelineIds: readonly number[]): Promise<ReadonlyMap<number, JobBuilds>> {
    const rows = await this.#db.query<JobBuildsRow>(
      `select j.id, j.finished_build as finished, j.transition_build as transition, coalesce(s.has_new, false) as has_new,
         (select n.id from builds n where n.job_id = j.id and n.status in ('pending', 'started')
            and (n.rerun_of is null or n.rerun_of = coalesce(f.rerun_of, f.id)) order by coalesce(n.rerun_of, n.id), n.id limit 1) as next
       from jobs j left join builds f on f.id = j.finished_build left join job_schedule s on s.job_id = j.id where j.pipeline_id = any($1::bigint[])`,
      [pipelineIds],
    )
    const builds = await this.#query('b.id = any($1::bigint[])', [rows.flatMap(({ next, finished, transition }) => [next, finished, transition]).filter((id) => id !== null)], '')
    const byId = new Map(builds.map((build) => [build.id, build]))
    const named = (key: 'next' | 'finished' | 'transition', id: number | null) => {
      const build = id === null ? undefined : byId.get(id)
      return build && { [key]: build }
    }
    return new Map(rows.map(({ id, next, finished, transition, has_new }) => [id, { ...named('next', next), ...named('finished', finished), ...named('transition', transition), ...(has_new && { hasNewInputs: true }) }]))
  }

  byIds(ids: readonly number[]): Promise<readonly ListedBuild[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.#query('b.id = any($1::bigint[])', [ids], '')
  }

  async comment(id: number, comment: string): Promise<void> {
    await this.#db.query('update builds set comment = $2 where id = $1', [id, comment === '' ? null : comment])
  }

  async #query(condition: string, params: readonly Param[], rest: string): Promise<ListedBuild[]> {
    return (await this.#db.query<ListedRow>(`select ${columns} from builds b ${joinNames} left join builds original on original.id = b.rerun_of where ${condition} ${rest}`, params)).map(listedOf)
  }
}

/** Reruns stand behind their originals. */
const order = '(coalesce(b.rerun_of, b.id), b.id)'
/** That of a build by its id; a build that is gone was no rerun. */
const orderOf = (id: string): string => `(coalesce((select rerun_of from builds where id = ${id}::bigint), ${id}::bigint), ${id}::bigint)`
const ordered = (direction: 'asc' | 'desc'): string => `coalesce(b.rerun_of, b.id) ${direction}, b.id ${direction}`

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
  ...(row.rerun_of !== null && row.rerun_number !== null && { rerun: { of: row.rerun_of, number: row.rerun_number, ...(row.rerun_name !== null && { name: row.rerun_name }) } }),
  ...(row.reaped_at !== null && { reapedAt: row.reaped_at }),
  ...(row.status === 'pending' && row.pending_reason !== null && { pendingReason: JSON.parse(row.pending_reason) as PendingReason }),
})
