import type { Build, BuildKind, BuildSummary, ClaimedBuild } from '../model/build.ts'
import type { BuildStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Cipher } from './cipher.ts'

interface SummaryRow {
  readonly id: number
  readonly kind: BuildKind
  readonly name: string
  readonly team_id: number
  readonly pipeline_id: number | null
  readonly job_id: number | null
  readonly team: string
  readonly pipeline: string | null
  readonly job: string | null
  readonly status: BuildStatus
  readonly created_by: string | null
  readonly created_at: number
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly config_version: number | null
  readonly abort_requested: boolean
}
export interface BuildTableRow extends SummaryRow {
  /** Canonical JSON. */
  readonly instance_vars: string | null
  readonly context: string | null
}

/** Columns of BuildTableRow's summary; `b` is a row of builds. */
export const summaryColumns = `b.id, b.kind, b.name, b.team_id, b.pipeline_id, b.job_id, team.name as team, pipeline.name as pipeline, job.name as job,
  b.status, b.created_by, b.created_at, b.started_at, b.ended_at, b.config_version, b.abort_requested`
export const buildColumns = `${summaryColumns}, b.context, pipeline.instance_vars`
/** Joins the names of team, pipeline and job. */
export const joinNames = `join teams team on team.id = b.team_id
  left join pipelines pipeline on pipeline.id = b.pipeline_id
  left join jobs job on job.id = b.job_id`

export const paramsPlace = (buildId: number): string => `builds/${buildId}/params`
export const contextPlace = (buildId: number): string => `builds/${buildId}/context`

export const summaryOf = (row: SummaryRow): BuildSummary => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  scope: {
    teamId: row.team_id,
    ...(row.pipeline_id !== null && { pipelineId: row.pipeline_id }),
    ...(row.job_id !== null && { jobId: row.job_id }),
  },
  team: row.team,
  ...(row.pipeline !== null && { pipeline: row.pipeline }),
  ...(row.job !== null && { job: row.job }),
  status: row.status,
  ...(row.created_by !== null && { createdBy: row.created_by }),
  createdAt: row.created_at,
  ...(row.started_at !== null && { startedAt: row.started_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.config_version !== null && { configVersion: row.config_version }),
  abortRequested: row.abort_requested,
})

export const buildOf = (row: BuildTableRow, cipher: Cipher): Build => ({
  ...summaryOf(row),
  ...(row.context !== null && { context: decrypted(row.id, row.context, cipher) }),
})

export function claimedOf(row: BuildTableRow & { readonly claims: number; readonly reuses: boolean }, cipher: Cipher): ClaimedBuild {
  if (row.context === null) throw new Error(`build ${row.id} is started and has no context`)
  const { instance_vars: vars } = row
  return { ...summaryOf(row), ...(vars !== null && { instanceVars: JSON.parse(vars) as JsonObject }), context: decrypted(row.id, row.context, cipher), resumed: row.claims > 1, ...(row.reuses && { reuses: true }) }
}

const decrypted = (id: number, context: string, cipher: Cipher): JsonObject => JSON.parse(cipher.decrypt(context, contextPlace(id))) as JsonObject
