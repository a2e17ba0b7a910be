import type { Job, Pipeline } from '../model/pipeline.ts'
import type { JsonObject } from '../model/json.ts'

interface PauseColumns {
  readonly paused: boolean
  readonly paused_by: string | null
  readonly paused_at: number | null
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
}

/** `p` is a row of pipelines, `team` of teams. */
export const pipelineColumns = `p.id, p.team_id, team.name as team, p.name, p.instance_vars, p.config_version, p.paused, p.paused_by, p.paused_at, p.public, p.archived, p.updated_at`

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
})

export interface JobRow extends PauseColumns {
  readonly id: number
  readonly pipeline_id: number
  readonly name: string
  readonly active: boolean
  readonly public: boolean
}

export const jobColumns = 'id, pipeline_id, name, active, public, paused, paused_by, paused_at'

export const jobOf = (row: JobRow): Job => ({
  id: row.id,
  pipelineId: row.pipeline_id,
  name: row.name,
  active: row.active,
  public: row.public,
  ...pauseOf(row),
})

const pauseOf = ({ paused, paused_by, paused_at }: PauseColumns): Pick<Job, 'paused' | 'pause'> => ({
  paused,
  ...(paused && paused_by !== null && paused_at !== null && { pause: { by: paused_by, at: paused_at } }),
})
