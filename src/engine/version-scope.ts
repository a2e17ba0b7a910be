import type { JsonObject } from '../model/json.ts'
import type { Plan, TypeImage } from '../model/plan.ts'
import { scopeKey } from '../model/version-scope.ts'
import type { BuildContext } from './build-context.ts'
import { digestOf } from './content-digest.ts'
import type { VersionsOf } from './ports.ts'

/** What a check, a get and a put say of the resource that they are about. */
interface Versioned {
  readonly type: string
  readonly image: TypeImage
  readonly resource?: string
  readonly resource_type?: string
  readonly prototype?: string
}

type Scoped = Pick<BuildContext, 'build' | 'services'>

/** A resource config of a team: type chain and source, vars filled in. */
export function configScope({ build }: Pick<BuildContext, 'build'>, { type, image }: Versioned, source: JsonObject): string {
  return digestOf([build.scope.teamId, type, typeChain(image.get_plan), source])
}

/**
 * Versions belong to one resource, or to a resource config of a team where the operator wants global resources. Those of a `time` resource are
 * its own all the same: all that share one would trigger in the same moment.
 */
export function versionScope(context: Scoped, plan: Versioned, source: JsonObject): string {
  const config = configScope(context, plan, source)
  const { image, resource } = plan
  const own = context.services.options.globalResources !== true || (image.base_type === 'time' && image.get_plan === undefined)
  if (!own || resource === undefined) return config
  return scopeKey(config, digestOf([context.build.scope.pipelineId ?? null, resource]))
}

/** The scope, and what of the build's pipeline points to it: a resource, a custom type or a prototype. */
export function versionsOf(context: Scoped, plan: Versioned, source: JsonObject): VersionsOf {
  const { pipelineId } = context.build.scope
  return {
    scope: versionScope(context, plan, source),
    ...(plan.resource !== undefined && pipelineId !== undefined && { resource: { pipelineId, name: plan.resource } }),
    ...(plan.resource_type !== undefined && pipelineId !== undefined && { type: { pipelineId, kind: 'resource-type', name: plan.resource_type } }),
    ...(plan.prototype !== undefined && pipelineId !== undefined && { type: { pipelineId, kind: 'prototype', name: plan.prototype } }),
  }
}

/** The types that a custom type's image comes from, with their sources as written: another chain, other versions. */
function typeChain(getPlan: Plan | undefined): unknown {
  if (getPlan?.kind !== 'get') return null
  return [getPlan.get.type, getPlan.get.source, typeChain(getPlan.get.image.get_plan)]
}
