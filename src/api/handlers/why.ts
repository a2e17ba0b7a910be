import { resourceOf, stepsOfJob } from '../../config/walk-steps.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { Job, Pipeline } from '../../model/pipeline.ts'
import { whyNotTriggered, whyPending, type Why, type WhyAbout } from '../present/why.ts'
import { jsonOf } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { whySchema } from '../web-schemas.ts'

type Services = Pick<ApiServices, 'configs' | 'lists' | 'notTriggered' | 'pipelines'>

/** Why the job's next build has not started, or why there is none. */
export async function whyOf(services: Services, pipeline: Pipeline, job: Job): Promise<Why> {
  const next = (await services.lists.ofJobs([pipeline.id])).get(job.id)?.next
  if (next?.status === 'started') return { sentence: `build #${next.name} runs`, reasons: [] }
  if (next?.pendingReason !== undefined) return whyPending(next.pendingReason, await about(services, pipeline, job))
  if (next !== undefined) return { sentence: `build #${next.name} is about to be looked at`, reasons: [] }
  const why = await services.notTriggered(job.id)
  return why === undefined ? { sentence: '', reasons: [] } : whyNotTriggered(why, await about(services, pipeline, job))
}

/** Why this build has not started; undefined: it has, or nobody has looked yet. */
export async function whyOfBuild(services: Services, { status, pendingReason, job: name, scope }: ListedBuild): Promise<Why | undefined> {
  if (status !== 'pending' || pendingReason === undefined || name === undefined || scope.pipelineId === undefined) return undefined
  const pipeline = await services.pipelines.get(scope.pipelineId)
  const job = (await services.pipelines.jobsOf([scope.pipelineId])).find(({ id }) => id === scope.jobId)
  return pipeline === undefined || job === undefined ? undefined : whyPending(pendingReason, await about(services, pipeline, job))
}

async function about({ configs }: Services, pipeline: Pipeline, job: Job): Promise<WhyAbout> {
  const config = (await configs.ifReadable(pipeline))?.jobs?.find(({ name }) => name === job.name)
  const resources = new Map((config === undefined ? [] : [...stepsOfJob(config)]).flatMap(({ step }) => (step.kind === 'get' ? [[step.get, resourceOf(step)] as const] : [])))
  return { pipeline, job, resourceOf: (input) => resources.get(input) }
}

export const whyJob: Handler<'pipeline' | 'job'> = async (services, _request, { pipeline, job }) => jsonOf(whySchema, await whyOf(services, pipeline, job))
