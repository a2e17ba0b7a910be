import type { JobConfig, PipelineConfig } from '../model/config.ts'
import type { PendingReason } from '../model/listed-build.ts'
import type { Job, Pipeline } from '../model/pipeline.ts'

export interface Snapshot {
  readonly pipeline: Pipeline
  readonly job: Job
  /** Started builds of the job and of all that share a serial group with it. */
  readonly running: number
  readonly limit: number | undefined
  /** Name of an older pending build of the same job. */
  readonly behind?: string
}

/** Why a pending build must wait before its inputs are looked at; undefined: it need not. */
export function blocked({ pipeline, job, running, limit, behind }: Snapshot): PendingReason | undefined {
  if (pipeline.paused) return { kind: 'pipeline-paused' }
  if (job.paused) return { kind: 'job-paused' }
  if (behind !== undefined) return { kind: 'queued', behind }
  if (limit !== undefined && running >= limit) return { kind: 'job-limit', running, limit }
  return undefined
}

/** How many builds of the job, and of jobs that share a serial group with it, may run at once; undefined: any number. */
export function limitOf({ serial, serial_groups = [], max_in_flight }: JobConfig): number | undefined {
  return serial === true || serial_groups.length > 0 ? 1 : max_in_flight
}

/** The names of the jobs whose running builds count for the limit. */
export function countedJobs(config: PipelineConfig, job: JobConfig): string[] {
  const groups = new Set(job.serial_groups)
  return (config.jobs ?? []).filter((other) => other.name === job.name || other.serial_groups?.some((group) => groups.has(group))).map(({ name }) => name)
}
