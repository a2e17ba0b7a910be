import { configOfScope } from '../../model/version-scope.ts'
import { ok } from '../../model/result.ts'
import { bodyOf, clearCacheBody } from '../bodies.ts'
import { jsonOf, notFound, type Reply } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { cachesRemovedSchema, sharingSchema, versionsRemovedSchema } from '../schemas.ts'

export const listSharedForResource: Handler<'resource'> = (services, _request, { resource }) => sharing(services, resource.scopeId)

export const clearResourceVersions: Handler<'resource'> = (services, _request, { resource }) => cleared(services, resource.scopeId)

export const listSharedForType: Handler<'pipeline'> = async (services, { params }, { pipeline }) => {
  const type = await services.sharedVersions.ofType(pipeline.id, params['resource_type_name'] ?? '')
  return type === undefined ? notFound : sharing(services, type.scopeId)
}

export const clearTypeVersions: Handler<'pipeline'> = async (services, { params }, { pipeline }) => {
  const type = await services.sharedVersions.ofType(pipeline.id, params['resource_type_name'] ?? '')
  return type === undefined ? notFound : cleared(services, type.scopeId)
}

/** A body that is empty, or has no version, means all versions. Clearing is by the resource's config: other resources that share it fetch anew, too. */
export const clearResourceCache: Handler<'resource'> = async ({ sharedVersions, resourceCaches }, request, { resource }) => {
  const body = request.body === undefined || request.body.length === 0 ? ok({ version: undefined }) : bodyOf(request, clearCacheBody)
  if (!body.ok) return body.error
  const key = resource.scopeId === undefined ? undefined : await sharedVersions.keyOf(resource.scopeId)
  return jsonOf(cachesRemovedSchema, { caches_removed: key === undefined ? 0 : await resourceCaches.clear(configOfScope(key), body.value.version ?? undefined) })
}

/** What was never checked shares nothing. */
async function sharing({ sharedVersions }: ApiServices, scopeId: number | undefined): Promise<Reply> {
  const { resources, types } = scopeId === undefined ? { resources: [], types: [] } : await sharedVersions.sharing(scopeId)
  const shown = ({ name, pipeline, team }: (typeof resources)[number]) => ({ name, pipeline_name: pipeline, team_name: team })
  return jsonOf(sharingSchema, { resources: resources.map(shown), resource_types: types.map(shown) })
}

async function cleared({ sharedVersions, jobs }: ApiServices, scopeId: number | undefined): Promise<Reply> {
  const count = scopeId === undefined ? 0 : await sharedVersions.clear(scopeId)
  if (count > 0) jobs.wake()
  return jsonOf(versionsRemovedSchema, { versions_removed: count })
}
