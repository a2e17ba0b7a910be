import type { Build } from '../../api/types.ts'
import type { PipelineId } from '../../routes/route.ts'
import type { JobNow } from '../../store/job-actions.ts'

/** The job that a build belongs to; undefined: it is of none. */
export function jobOf({ team_name: team, pipeline_name: pipeline, pipeline_instance_vars: vars, job_name: job }: Build): JobNow | undefined {
  if (pipeline === undefined || job === undefined) return undefined
  return { id: { team, pipeline, ...(vars !== undefined && { vars: vars as NonNullable<PipelineId['vars']> }) }, job, archived: false }
}
