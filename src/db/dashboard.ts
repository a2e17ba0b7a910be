import type { Dashboard as DashboardPort, DashboardPipeline } from '../api/web-ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { Db } from './db.ts'

interface Row {
  readonly id: number
  readonly team: string
  readonly name: string
  readonly instance_vars: string | null
  readonly place: number
  readonly paused: boolean
  readonly paused_by: string | null
  readonly paused_at: number | null
  readonly paused_why: string | null
  readonly public: boolean
  readonly archived: boolean
  readonly shown: string | null
  readonly jobs: string | null
  readonly job_names: string | null
  readonly finished: string | null
  readonly running: string | null
  readonly failing: string | null
  readonly pinned: boolean
}

/**
 * All pipelines with the state of their jobs, by one query: the database makes one row of all jobs of a pipeline, since ten thousand rows of
 * jobs take longer to hand over than to read (1 000 pipelines with 10 jobs: 0.1 s, of which the jobs' strings are 0.06 s).
 */
const query = `
with running as (
  select job_id, min(started_at) as since from builds where status = 'started' and job_id is not null group by job_id
), job as (
  select j.pipeline_id, j.id, j.name, j.place, j.paused, f.status, f.ended_at, r.since
  from jobs j left join builds f on f.id = j.finished_build left join running r on r.job_id = j.id where j.active
), jobs as (
  select pipeline_id,
    string_agg(case when paused then '.' when since is null then left(coalesce(status, 'pending'), 1) else upper(left(coalesce(status, 'pending'), 1)) end, '' order by place nulls last, id) as jobs,
    string_agg(name, E'\\n' order by place nulls last, id) as job_names,
    (array_agg(json_build_object('status', status, 'job', name, 'at', ended_at)
      order by case status when 'failed' then 1 when 'errored' then 2 when 'aborted' then 3 else 4 end, ended_at desc) filter (where status is not null and not paused))[1] as finished,
    (array_agg(json_build_object('job', name, 'at', since) order by since) filter (where since is not null and not paused))[1] as running
  from job group by pipeline_id
), failing as (
  select r.pipeline_id, json_build_object('resource', (array_agg(r.name order by r.id))[1], 'error', left((array_agg(c.error order by r.id))[1], 1000), 'count', count(*)) as failing
  from resources r join scope_checks c using (scope_id) where r.active and c.failures > 0 group by r.pipeline_id
)
select p.id, team.name as team, p.name, p.instance_vars, row_number() over (partition by team.id order by p.ordering, p.instance_ordering, p.id) - 1 as place,
  p.paused, p.paused_by, p.paused_at, p.paused_why, p.public, p.archived, p.shown, jobs, job_names, finished, running, failing,
  exists (select from resources r where r.pipeline_id = p.id and r.active and r.pin is not null) as pinned
from pipelines p join teams team on team.id = p.team_id left join jobs on jobs.pipeline_id = p.id left join failing on failing.pipeline_id = p.id
where p.updated_at is not null and ($1::text[] is null or team.name = any($1) or p.public)
order by team.name, place`

export class Dashboard implements DashboardPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async pipelines(teams: readonly string[] | undefined): Promise<readonly DashboardPipeline[]> {
    return (await this.#db.query<Row>(query, [teams ?? null])).map(pipelineOf)
  }

  async unfinished(teams: readonly string[] | undefined): Promise<{ readonly running: number; readonly waiting: number }> {
    const [row] = await this.#db.query<{ running: number; waiting: number }>(
      `select count(*) filter (where b.status = 'started')::integer as running, count(*) filter (where b.status = 'pending')::integer as waiting
       from builds b join teams team on team.id = b.team_id left join pipelines p on p.id = b.pipeline_id
       where b.status in ('pending', 'started') and b.kind <> 'check' and ($1::text[] is null or team.name = any($1) or p.public)`,
      [teams ?? null],
    )
    return row ?? { running: 0, waiting: 0 }
  }
}

function pipelineOf(row: Row): DashboardPipeline {
  const { groups = [], display } = row.shown === null ? {} : (JSON.parse(row.shown) as { readonly groups?: readonly string[]; readonly display?: JsonObject })
  return {
    id: row.id,
    team: row.team,
    name: row.name,
    ...(row.instance_vars !== null && { instanceVars: JSON.parse(row.instance_vars) as JsonObject }),
    place: row.place,
    ...(row.paused && { paused: row.paused_by === null || row.paused_at === null ? {} : { by: row.paused_by, at: row.paused_at, ...(row.paused_why !== null && { why: row.paused_why }) } }),
    public: row.public,
    archived: row.archived,
    groups,
    ...(display && { display }),
    jobs: row.archived ? '' : (row.jobs ?? ''),
    jobNames: row.archived ? '' : (row.job_names ?? ''),
    ...(row.finished !== null && { finished: JSON.parse(row.finished) as NonNullable<DashboardPipeline['finished']> }),
    ...(row.running !== null && { running: JSON.parse(row.running) as NonNullable<DashboardPipeline['running']> }),
    pinned: row.pinned,
    ...(row.failing !== null && { failing: JSON.parse(row.failing) as NonNullable<DashboardPipeline['failing']> }),
  }
}
