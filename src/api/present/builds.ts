import type { z } from 'zod'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { buildSchema, buildSummarySchema, preparationSchema } from '../schemas.ts'

export const seconds = (ms: number): number => Math.floor(ms / 1000)

/** `member`: whoever sees it has a role in its team, and may see people's names. */
export const presentBuild = (build: ListedBuild, member: boolean): z.input<typeof buildSchema> => ({
  ...presentSummary(build),
  api_url: `/api/v1/builds/${build.id}`,
  ...(member && build.createdBy !== undefined && { created_by: build.createdBy }),
})

export const presentSummary = (build: ListedBuild): z.input<typeof buildSummarySchema> => ({
  id: build.id,
  name: build.name,
  status: build.status,
  team_name: build.team,
  ...(build.job !== undefined && { job_name: build.job }),
  ...(build.scope.pipelineId !== undefined && { pipeline_id: build.scope.pipelineId }),
  ...(build.pipeline !== undefined && { pipeline_name: build.pipeline }),
  ...(build.pipelineInstanceVars && { pipeline_instance_vars: build.pipelineInstanceVars }),
  ...(build.startedAt !== undefined && { start_time: seconds(build.startedAt) }),
  ...(build.endedAt !== undefined && { end_time: seconds(build.endedAt) }),
})

/** Why a pending build has not started; a started one waits for nothing. */
export function presentPreparation({ id, pendingReason: reason, status }: ListedBuild): z.input<typeof preparationSchema> {
  const when = (blocking: boolean) => (blocking ? ('blocking' as const) : ('not_blocking' as const))
  const inputs = reason?.kind === 'input' ? { [reason.input]: reason.message } : {}
  const missing = reason?.kind === 'inputs' ? { inputs: reason.message } : reason?.kind === 'checking' ? { inputs: 'checking for latest available versions' } : inputs
  return {
    build_id: id,
    paused_pipeline: when(reason?.kind === 'pipeline-paused'),
    paused_job: when(reason?.kind === 'job-paused'),
    max_running_builds: when(reason?.kind === 'job-limit' || reason?.kind === 'queued'),
    inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, 'blocking' as const])),
    inputs_satisfied: status === 'pending' && reason === undefined ? 'unknown' : when(Object.keys(missing).length > 0),
    missing_input_reasons: missing,
  }
}
