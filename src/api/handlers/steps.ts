import { hasRole, type Principal } from '../../auth/roles.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { Job, Pipeline } from '../../model/pipeline.ts'
import { presentSteps, type StepsToPresent } from '../present/steps.ts'
import { whyNotTriggered, whyPending, type Why } from '../present/why.ts'
import { jsonOf } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { buildStepsSchema, whySchema } from '../web-schemas.ts'
import { inFull } from './builds.ts'

/** A build's steps as far as they are known: none while it has no plan, and none once its log is gone. */
export async function stepsOf({ recordedSteps, stepEvents, worker }: Pick<ApiServices, 'recordedSteps' | 'stepEvents' | 'worker'>, build: ListedBuild, member: boolean): Promise<ReturnType<typeof presentSteps>> {
  const [recorded, events, containers] = await Promise.all([recordedSteps(build.id), stepEvents.ofBuild(build.id), stepEvents.containersOf(build.id)])
  if (recorded === undefined) return { steps: [], more: 0 }
  return presentSteps({ recorded, events, ...endOf(build), member, runtime: worker.name, containers: new Map(containers.map((container) => [container.planId, container])) })
}

const endOf = ({ status }: ListedBuild): Pick<StepsToPresent, 'end'> => (status === 'pending' || status === 'started' ? {} : { end: status })

export const listBuildSteps: Handler<'build'> = async (services, { principal }, { build }) => {
  const { steps, more } = await stepsOf(services, build, isMember(principal, build))
  return jsonOf(buildStepsSchema, { build: inFull(principal, build), steps, ...(more > 0 && { more }) })
}

const isMember = (principal: Principal, { team }: ListedBuild): boolean => hasRole(principal, team, 'viewer')

/** Why the job's next build has not started, or why there is none. */
export async function whyOf({ lists, notTriggered }: Pick<ApiServices, 'lists' | 'notTriggered'>, pipeline: Pipeline, job: Job): Promise<Why> {
  const next = (await lists.ofJobs([pipeline.id])).get(job.id)?.next
  if (next?.status === 'started') return { sentence: `build #${next.name} runs`, reasons: [] }
  if (next?.pendingReason !== undefined) return whyPending(next.pendingReason)
  if (next !== undefined) return { sentence: `build #${next.name} is about to be looked at`, reasons: [] }
  const why = await notTriggered(job.id)
  return why === undefined ? { sentence: '', reasons: [] } : whyNotTriggered(why)
}

export const whyJob: Handler<'pipeline' | 'job'> = async (services, _request, { pipeline, job }) => jsonOf(whySchema, await whyOf(services, pipeline, job))
