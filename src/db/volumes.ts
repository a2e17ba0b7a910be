import type { ListedVolume } from '../api/ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { Db } from './db.ts'
import { keptMs } from './worker-artifacts.ts'

interface Row {
  readonly id: string
  readonly kind: ListedVolume['kind']
  readonly pipeline_id: number | null
  readonly pipeline: string | null
  readonly instance_vars: string | null
  readonly job: string | null
  readonly step: string | null
  readonly path: string | null
}

const most = 10_000

/** What is kept of a team's builds; the newest ten thousand. */
export async function volumesOfTeam(db: Db, teamId: number, now: number): Promise<{ readonly team: string | undefined; readonly volumes: readonly ListedVolume[] }> {
  const rows = await db.query<Row>(
    `select c.digest as id, 'task-cache' as kind, p.id as pipeline_id, p.name as pipeline, p.instance_vars, j.name as job, c.step, c.path, c.used_at as at
     from task_caches c join jobs j on j.id = c.job_id join pipelines p on p.id = j.pipeline_id where p.team_id = $1
     union all
     select a.digest, 'artifact', null, null, null, null, null, null, a.created_at from worker_artifacts a where a.team_id = $1 and a.created_at > $2
     order by at desc limit ${most}`,
    [teamId, now - keptMs],
  )
  const [team] = await db.query<{ name: string }>('select name from teams where id = $1', [teamId])
  return {
    team: team?.name,
    volumes: rows.map(({ id, kind, pipeline_id, pipeline, instance_vars, job, step, path }) => ({
      id,
      kind,
      ...(pipeline_id !== null && { pipelineId: pipeline_id }),
      ...(pipeline !== null && { pipeline }),
      ...(instance_vars !== null && { instanceVars: JSON.parse(instance_vars) as JsonObject }),
      ...(job !== null && { job }),
      ...(step !== null && { step }),
      ...(path !== null && { path }),
    })),
  }
}

/** How many volumes each team has, of those that have some. */
export const countVolumes = (db: Db, now: number): Promise<{ readonly team: string; readonly count: number }[]> =>
  db.query(
    `select t.name as team, count(*)::int as count
     from (select p.team_id from task_caches c join jobs j on j.id = c.job_id join pipelines p on p.id = j.pipeline_id
           union all
           select a.team_id from worker_artifacts a where a.created_at > $1) as volumes
       join teams t on t.id = volumes.team_id
     group by t.name order by t.name`,
    [now - keptMs],
  )
