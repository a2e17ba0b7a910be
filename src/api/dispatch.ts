import type { ListedBuild } from '../model/listed-build.ts'
import type { Job, Pipeline } from '../model/pipeline.ts'
import { decide, type Target } from './access.ts'
import type { ListedResource } from './ports.ts'
import { instanceVars } from './instance-vars.ts'
import { policyOn, withPolicyWarning } from './policy.ts'
import { empty, notFound, text, type Reply } from './reply.ts'
import type { ApiRequest, ApiServices, Route, Subject } from './request.ts'

const nowhere: Target = { pipelinePublic: false, jobPublic: false }

export const unauthenticated: Reply = text(401, 'not authorized')

/** Decides, looks up what the route names, and lets its handler answer. */
export async function dispatch(services: ApiServices, route: Route, request: ApiRequest): Promise<Reply> {
  const vars = instanceVars(request.query)
  if (!vars.ok) return text(400, vars.error)
  const { team_name: team, pipeline_name: name } = request.params
  const findPipeline = async (): Promise<Pipeline | undefined> =>
    team === undefined || name === undefined ? undefined : services.pipelines.find({ team, name, ...(vars.value && { instanceVars: vars.value }) })

  let build: ListedBuild | undefined
  let pipeline: Pipeline | undefined
  let target: Target = nowhere
  if (request.params['build_id'] !== undefined) {
    build = await findBuild(services, request.params['build_id'])
    target = build === undefined ? nowhere : { team: build.team, pipelinePublic: build.pipelinePublic, jobPublic: build.jobPublic }
  } else if (team !== undefined) {
    if (route.access.kind === 'pipeline') pipeline = await findPipeline()
    target = { team, pipelinePublic: pipeline?.public ?? false, jobPublic: false }
  }
  switch (decide(route.access, request.principal, target)) {
    case 'unauthenticated':
      return unauthenticated
    case 'forbidden':
      return text(403, 'forbidden')
    case 'allow':
  }
  if (request.params['build_id'] !== undefined && !/^\d{1,15}$/.test(request.params['build_id'])) return text(400, 'a build id is a number')

  let job: Job | undefined
  let resource: ListedResource | undefined
  if (route.needs.includes('pipeline')) {
    pipeline ??= await findPipeline()
    if (pipeline === undefined) return notFound
    if (pipeline.archived && route.archived === 'refused') return text(409, 'action not allowed for an archived pipeline')
    if (route.needs.includes('job')) {
      job = (await services.pipelines.jobs(pipeline.id)).find((one) => one.active && one.name === request.params['job_name'])
      if (job === undefined) return notFound
    }
    if (route.needs.includes('resource')) {
      resource = (await services.resources.list([pipeline.id])).find(({ name: found }) => found === request.params['resource_name'])
      if (resource === undefined) return notFound
    }
  }
  if (route.needs.includes('build') && build === undefined) return empty(404)
  const judged = await policyOn(services.policy, route, request)
  if (!judged.ok) return judged.error
  // The route's handler takes what the route needs, and that is there now.
  return withPolicyWarning(await route.handler(services, request, { pipeline, job, build, resource } as Subject), judged.value)
}

const findBuild = async (services: ApiServices, id: string): Promise<ListedBuild | undefined> => (/^\d{1,15}$/.test(id) ? services.lists.get(Number(id)) : undefined)
