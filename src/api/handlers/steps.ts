import type { z } from 'zod'
import { hasRole, type Principal } from '../../auth/roles.ts'
import type { FormerImage } from '../../model/former-build.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import { presentSteps, type StepsToPresent } from '../present/steps.ts'
import { jsonOf } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { buildStepsSchema, type buildConfigSchema } from '../web-schemas.ts'
import { inFull } from './builds.ts'

/** A build's steps as far as they are known: none while it has no plan, and none once its log is gone. */
export async function stepsOf({ recordedSteps, formerImages, stepEvents, worker }: Pick<ApiServices, 'recordedSteps' | 'formerImages' | 'stepEvents' | 'worker'>, build: ListedBuild, member: boolean): Promise<ReturnType<typeof presentSteps>> {
  const [recorded, events, containers] = await Promise.all([recordedSteps(build.id), stepEvents.ofBuild(build.id), stepEvents.containersOf(build.id)])
  if (recorded === undefined) return { steps: [], more: 0 }
  const wanted = new Set([...recorded.steps].flatMap(([id, { report }]) => (report.image?.digest === undefined ? [] : [id])))
  const former = build.kind === 'job' && wanted.size > 0 ? await formerImages(build.id, { ...recorded, wanted }) : new Map<string, FormerImage>()
  return presentSteps({ recorded, former, events, ...endOf(build), member, runtime: worker.name, containers: new Map(containers.map((container) => [container.planId, container])) })
}

const endOf = ({ status }: ListedBuild): Pick<StepsToPresent, 'end'> => (status === 'pending' || status === 'started' ? {} : { end: status })

export const listBuildSteps: Handler<'build'> = async (services, { principal }, { build }) => {
  const member = isMember(principal, build)
  const [{ steps, more }, config] = await Promise.all([stepsOf(services, build, member), member ? configOfBuild(services, build) : undefined])
  return jsonOf(buildStepsSchema, { build: inFull(principal, build), ...(config && { config }), steps, ...(more > 0 && { more }) })
}

/** From which config the build's plan was made; undefined: that is not known, or there is no plan yet. */
export async function configOfBuild({ pipelines }: Pick<ApiServices, 'pipelines'>, { configVersion: version, scope }: ListedBuild): Promise<z.input<typeof buildConfigSchema> | undefined> {
  if (version === undefined || scope.pipelineId === undefined) return undefined
  const kept = await pipelines.history(scope.pipelineId)
  // The newest is the pipeline's; an archived one has none.
  return { version, state: kept[0]?.version === version ? 'current' : kept.some((one) => one.version === version) ? 'older' : 'gone' }
}

const isMember = (principal: Principal, { team }: ListedBuild): boolean => hasRole(principal, team, 'viewer')
