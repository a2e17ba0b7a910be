import type { Job, Pipeline } from '../model/pipeline.ts'
import type { JsonObject } from '../model/json.ts'
import type { Queryable } from './db.ts'

interface PauseColumns {
  readonly paused: boolean
  readonly paused_by: string | null
  readonly paused_at: number | null
  readonly paused_why: string | null
}

export interface PipelineRow extends PauseColumns {
  readonly id: number
  readonly team_id: number
  readonly team: string
  readonly name: string
  readonly instance_vars: string | null
  readonly config_version: number | null
  readonly public: boolean
  readonly archived: boolean
  readonly updated_at: number
  readonly parent_job_id: number | null
  readonly parent_build_id: number | null
  readonly parent_plan_id: string | null
}

/** `p` is a row of pipelines, `team` of teams. */
export const pipelineColumns = `p.id, p.team_id, team.name as team, p.name, p.instance_vars, p.config_version, p.paused, p.paused_by, p.paused_at, p.paused_why, p.public, p.archived, p.updated_at, p.parent_job_id, p.parent_build_id, p.parent_plan_id`

export const pipelineOf = (row: PipelineRow): Pipeline => ({
  id: row.id,
  teamId: row.team_id,
  team: row.team,
  name: row.name,
  ...(row.instance_vars !== null && { instanceVars: JSON.parse(row.instance_vars) as JsonObject }),
  ...(row.config_version !== null && { configVersion: row.config_version }),
  ...pauseOf(row),
  public: row.public,
  archived: row.archived,
  updatedAt: row.updated_at,
  ...(row.parent_job_id !== null &&
    row.parent_build_id !== null && {
      parent: { jobId: row.parent_job_id, buildId: row.parent_build_id, ...(row.parent_plan_id !== null && { planId: row.parent_plan_id }) },
    }),
})

interface JobRow extends PauseColumns {
  readonly id: number
  readonly pipeline_id: number
  readonly name: string
  readonly active: boolean
  readonly public: boolean
  readonly max_in_flight: number | null
}

const jobColumns = 'id, pipeline_id, name, active, public, paused, paused_by, paused_at, paused_why, max_in_flight'

const jobOf = (row: JobRow): Job => ({
  id: row.id,
  pipelineId: row.pipeline_id,
  name: row.name,
  active: row.active,
  public: row.public,
  ...pauseOf(row),
  ...(row.max_in_flight !== null && { maxInFlight: row.max_in_flight }),
})

export async function jobsIn(db: Queryable, pipelineIds: readonly number[]): Promise<readonly Job[]> {
  return (await db.query<JobRow>(`select ${jobColumns} from jobs where pipeline_id = any($1::bigint[]) order by id`, [pipelineIds])).map(jobOf)
}

const pauseOf = ({ paused, paused_by, paused_at, paused_why }: PauseColumns): Pick<Job, 'paused' | 'pause'> => ({
  paused,
  ...(paused && paused_by !== null && paused_at !== null && { pause: { by: paused_by, at: paused_at, ...(paused_why !== null && { why: paused_why }) } }),
})
