import type { Build } from '../../api/types.ts'
import type { PipelineId } from '../../routes/route.ts'
import type { JobNow } from '../../store/job-actions.ts'

/** The pipeline that a build belongs to; undefined: it is of none. */
export function pipelineOf({ team_name: team, pipeline_name: pipeline, pipeline_instance_vars: vars }: Build): PipelineId | undefined {
  return pipeline === undefined ? undefined : { team, pipeline, ...(vars !== undefined && { vars: vars as NonNullable<PipelineId['vars']> }) }
}

/** The job that a build belongs to; undefined: it is of none. */
export function jobOf(build: Build): JobNow | undefined {
  const id = pipelineOf(build)
  return id === undefined || build.job_name === undefined ? undefined : { id, job: build.job_name, archived: false }
}
