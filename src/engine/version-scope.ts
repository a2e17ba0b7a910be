import type { JsonObject } from '../model/json.ts'
import type { Plan, TypeImage } from '../model/plan.ts'
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

/**
 * Versions belong to a resource config of a team: type chain and source, vars filled in. Those of a `time` resource belong to the resource
 * alone: all that share one would trigger in the same moment.
 */
export function versionScope({ build }: Pick<BuildContext, 'build'>, { type, image, resource }: Versioned, source: JsonObject): string {
  const own = image.base_type === 'time' && image.get_plan === undefined && resource !== undefined ? [build.scope.pipelineId ?? null, resource] : []
  return digestOf([build.scope.teamId, type, typeChain(image.get_plan), source, ...own])
}

/** The scope, and what of the build's pipeline points to it: a resource, a custom type or a prototype. */
export function versionsOf(context: Pick<BuildContext, 'build'>, plan: Versioned, source: JsonObject): VersionsOf {
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
