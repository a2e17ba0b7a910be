import { hasRole, type Principal } from '../../auth/roles.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Version } from '../../model/version.ts'
import { bodyOf, pinCommentBody } from '../bodies.ts'
import { linkOf, pageOf } from '../paging.ts'
import type { ListedResource } from '../ports.ts'
import { byName } from '../present/pipelines.ts'
import { presentResource, presentResourceTypes, presentVersion } from '../present/resources.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { resourceSchema, resourceTypeSchema, resourceVersionSchema } from '../schemas.ts'

/** Of all pipelines that the caller may see. */
export const listAllResources: Handler = async (services, { principal }) => {
  const pipelines = (await services.pipelines.list()).filter((pipeline) => pipeline.public || hasRole(principal, pipeline.team, 'viewer'))
  return jsonOf(resourceSchema.array(), await presented(services, principal, pipelines))
}

/** By their names, as fly lists them. */
export const listResources: Handler<'pipeline'> = async (services, { principal }, { pipeline }) =>
  jsonOf(resourceSchema.array(), (await presented(services, principal, [pipeline])).toSorted(byName))

const presented = async (services: ApiServices, principal: Principal, pipelines: readonly Pipeline[]) =>
  presentedResources(services, (team) => hasRole(principal, team, 'viewer'), pipelines, await services.resources.list(pipelines.map(({ id }) => id)))

export const getResource: Handler<'pipeline' | 'resource'> = async (services, { principal }, { pipeline, resource }) => {
  const [shown] = await presentedResources(services, hasRole(principal, pipeline.team, 'viewer'), [pipeline], [resource])
  return shown === undefined ? notFound : jsonOf(resourceSchema, shown)
}

/** Resources with their last checks. */
export async function presentedResources({ lists, listedConfigs }: ApiServices, member: boolean | ((team: string) => boolean), pipelines: readonly Pipeline[], resources: readonly ListedResource[]) {
  const checks = new Map((await lists.byIds(resources.flatMap(({ checkBuildId }) => checkBuildId ?? []))).map((build) => [build.id, build]))
  const known = new Map(await Promise.all(pipelines.map(async (pipeline) => [pipeline.id, { pipeline, config: await listedConfigs.ifReadable(pipeline) }] as const)))
  return resources.flatMap((resource) => {
    const of = known.get(resource.pipelineId)
    if (of === undefined) return []
    const check = resource.checkBuildId === undefined ? undefined : checks.get(resource.checkBuildId)
    return [presentResource({ ...of, resource, check, member: typeof member === 'boolean' ? member : member(of.pipeline.team) })]
  })
}

export const listResourceTypes: Handler<'pipeline'> = async ({ configs }, { principal }, { pipeline }) =>
  jsonOf(resourceTypeSchema.array(), presentResourceTypes((await configs.of(pipeline)) ?? {}, hasRole(principal, pipeline.team, 'viewer')))

export const listVersions: Handler<'pipeline' | 'resource'> = async (services, { principal, path, query }, { pipeline, resource }) => {
  const page = pageOf(query, { ids: 'unordered' })
  if (!page.ok) return text(400, page.error)
  const filter: Version = {}
  for (const pair of query.getAll('filter')) {
    const colon = pair.indexOf(':')
    if (colon < 0) return text(400, `filter must be key:value, not ${JSON.stringify(pair.slice(0, 100))}`)
    Object.defineProperty(filter, pair.slice(0, colon), { value: pair.slice(colon + 1), enumerable: true, configurable: true })
  }
  const { versions, ...around } = await services.resources.versions(resource, page.value, filter)
  const withMetadata = await showsMetadata(services, hasRole(principal, pipeline.team, 'viewer'), pipeline, resource)
  return jsonOf(resourceVersionSchema.array(), versions.map((version) => presentVersion(version, withMetadata)), { headers: linkOf(`${services.externalUrl}${path}`, query, page.value.limit, around) })
}

export const getVersion: Handler<'pipeline' | 'resource'> = async (services, { principal, params }, { pipeline, resource }) => {
  const id = versionId(params)
  if (id === undefined) return noNumber
  const version = await services.resources.version(resource, id)
  return version === undefined ? notFound : jsonOf(resourceVersionSchema, presentVersion(version, await showsMetadata(services, hasRole(principal, pipeline.team, 'viewer'), pipeline, resource)))
}

export const setVersionEnabled = (enabled: boolean): Handler<'resource'> => async ({ resources, jobs }, { params }, { resource }) => {
  const id = versionId(params)
  if (id === undefined) return noNumber
  if (!(await resources.setEnabled(resource, id, enabled))) return notFound
  jobs.wake()
  return empty(200)
}

const pinnedInConfig: Reply = text(409, 'the resource is pinned in the pipeline’s config; change it there')

export const pinVersion: Handler<'resource'> = async ({ resources, jobs }, { params }, { resource }) => {
  const id = versionId(params)
  if (id === undefined) return noNumber
  switch (await resources.pin(resource, id)) {
    case 'unknown':
      return notFound
    case 'in-config':
      return pinnedInConfig
    case 'pinned':
      jobs.wake()
      return empty(200)
  }
}

export const unpinResource: Handler<'resource'> = async ({ resources, jobs }, _request, { resource }) => {
  if ((await resources.unpin(resource)) === 'in-config') return pinnedInConfig
  jobs.wake()
  return empty(200)
}

export const setPinComment: Handler<'resource'> = async ({ resources }, request, { resource }) => {
  const body = bodyOf(request, pinCommentBody)
  if (!body.ok) return body.error
  return (await resources.setPinComment(resource.id, body.value.pin_comment)) ? empty(200) : text(404, 'the resource is not pinned')
}

export async function showsMetadata({ configs }: ApiServices, member: boolean, pipeline: Pipeline, { name }: ListedResource): Promise<boolean> {
  if (member) return true
  return (await configs.of(pipeline))?.resources?.find((resource) => resource.name === name)?.public === true
}

const noNumber: Reply = text(400, 'a version id is a number')
export const versionId = (params: Readonly<Record<string, string>>): number | undefined => {
  const text = params['resource_config_version_id'] ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
