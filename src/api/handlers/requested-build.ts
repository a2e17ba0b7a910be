import { stepsOfJob } from '../../config/walk-steps.ts'
import type { JobConfig } from '../../model/config.ts'
import type { JsonObject } from '../../model/json.ts'
import type { JobBuildRequest } from '../../model/requested-build.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { declaredParams } from '../../planner/job-plan.ts'
import { bodyOf, jobBuildBody } from '../bodies.ts'
import { text, type Reply } from '../reply.ts'
import type { ApiRequest } from '../request.ts'

/** What the body asks for: versions of inputs, by the ids that lists of versions give, and values of tasks' params. Concourse's clients send none. */
export function requestedBuild(request: Pick<ApiRequest, 'body'>, job: JobConfig | undefined): Result<JobBuildRequest, Reply> {
  if ((request.body?.length ?? 0) === 0) return ok({})
  const body = bodyOf(request, jobBuildBody)
  if (!body.ok) return body
  const { versions, params } = body.value
  const refused = job === undefined || !params ? [] : refusedParams(job, params as JsonObject)
  if (refused.length > 0) return fail(text(422, refused.join('\n')))
  return ok({ ...(versions && { versions }), ...(params && { params: params as JsonObject }) })
}

/** Who may trigger a job may not thereby give its tasks other variables than the config has, nor read secrets. */
function refusedParams(job: JobConfig, params: JsonObject): string[] {
  const declared = new Set([...stepsOfJob(job)].flatMap(({ step }) => (step.kind === 'task' ? [...declaredParams(step)] : [])))
  const known = declared.size === 0 ? 'the config has none' : `the config has ${[...declared].toSorted().join(', ')}`
  return Object.entries(params).flatMap(([name, value]) => {
    if (!declared.has(name)) return [`no task of ${job.name} has a param ${name}: ${known}`]
    return JSON.stringify(value).includes('((') ? [`param ${name}: ((vars)) are not filled in here; give the value itself`] : []
  })
}
