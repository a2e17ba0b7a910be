import type { JsonObject } from '../model/json.ts'
import type { CheckPlan, Plan } from '../model/plan.ts'
import type { BuildContext } from './build-context.ts'
import { digestOf } from './content-digest.ts'

/** Versions belong to a resource config of a team: type chain and source, vars filled in. */
export function versionScope({ build }: Pick<BuildContext, 'build'>, check: CheckPlan, source: JsonObject): string {
  return digestOf([build.scope.teamId, check.type, typeChain(check.image.get_plan), source])
}

/** The types that a custom type's image comes from, with their sources as written: another chain, other versions. */
function typeChain(getPlan: Plan | undefined): unknown {
  if (getPlan?.kind !== 'get') return null
  return [getPlan.get.type, getPlan.get.source, typeChain(getPlan.get.image.get_plan)]
}
