import type { BuildStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Cipher } from './cipher.ts'

/** Times in unix ms. */
export interface BuildSummary {
  readonly id: number
  readonly name: string
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
  readonly status: BuildStatus
  readonly createdBy?: string
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly abortRequested: boolean
}

export interface Build extends BuildSummary {
  /** Decrypted: the plan and what else the run needs. */
  readonly context: JsonObject
}

export interface BuildTableRow {
  readonly id: number
  readonly name: string
  readonly team: string
  readonly pipeline: string | null
  readonly job: string | null
  readonly status: BuildStatus
  readonly created_by: string | null
  readonly created_at: number
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly abort_requested: boolean
  readonly context: string
}

export const summaryColumns = 'id, name, team, pipeline, job, status, created_by, created_at, started_at, ended_at, abort_requested'
export const buildColumns = `${summaryColumns}, context`

export const contextPlace = (buildId: number): string => `builds/${buildId}/context`

export const summaryOf = (row: Omit<BuildTableRow, 'context'>): BuildSummary => ({
  id: row.id,
  name: row.name,
  team: row.team,
  ...(row.pipeline !== null && { pipeline: row.pipeline }),
  ...(row.job !== null && { job: row.job }),
  status: row.status,
  ...(row.created_by !== null && { createdBy: row.created_by }),
  createdAt: row.created_at,
  ...(row.started_at !== null && { startedAt: row.started_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  abortRequested: row.abort_requested,
})

export const buildOf = (row: BuildTableRow, cipher: Cipher): Build => ({
  ...summaryOf(row),
  context: JSON.parse(cipher.decrypt(row.context, contextPlace(row.id))) as JsonObject,
})
