import type { JobInput, Resource } from '../model/pipeline.ts'
import type { Version } from '../model/version.ts'

export interface ResourceRow {
  readonly id: number
  readonly pipeline_id: number
  readonly name: string
  readonly type: string
  readonly active: boolean
  readonly text_hash: string
  readonly scope_id: number | null
  readonly pin: string | null
  readonly pin_comment: string | null
  readonly pin_in_config: boolean
}

export const resourceColumns = 'id, pipeline_id, name, type, active, text_hash, scope_id, pin, pin_comment, pin_in_config'

export const resourceOf = (row: ResourceRow): Resource => ({
  id: row.id,
  pipelineId: row.pipeline_id,
  name: row.name,
  type: row.type,
  active: row.active,
  textHash: row.text_hash,
  ...(row.scope_id !== null && { scopeId: row.scope_id }),
  ...(row.pin !== null && { pin: { version: JSON.parse(row.pin) as Version, ...(row.pin_comment !== null && { comment: row.pin_comment }), inConfig: row.pin_in_config } }),
})

export interface InputRow {
  readonly job_id: number
  readonly name: string
  readonly resource_id: number
  /** JSON: ids in order. */
  readonly passed: string
  readonly trigger: boolean
  readonly every: boolean
  readonly pin: string | null
}

export const inputOf = ({ job_id, name, resource_id, passed, trigger, every, pin }: InputRow): JobInput => ({
  jobId: job_id,
  name,
  resourceId: resource_id,
  passed: JSON.parse(passed) as number[],
  trigger,
  every,
  ...(pin !== null && { pin: JSON.parse(pin) as Version }),
})
