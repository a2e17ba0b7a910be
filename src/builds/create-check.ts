import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { PlanNode } from '../model/plan.ts'
import { planCheck, planTypeCheck, type CheckPlanOptions } from '../planner/check-plan.ts'
import type { CheckToCreate } from '../model/requested-build.ts'
import type { BuildPorts } from './ports.ts'

/** A build that checks what somebody names, at once; gives its id. Undefined: the config does not have it. */
export async function createCheck({ builds, runtime, clock }: Pick<BuildPorts, 'builds' | 'runtime' | 'clock'>, { scope, config, what, from, shallow, createdBy }: CheckToCreate): Promise<number | undefined> {
  const plan = planOf(config, what, { typesWithinInterval: shallow, ...(from && { from }) })
  if (plan === undefined) return undefined
  const context = encodeStoredBuild({ plan, varSources: config.var_sources ?? [], runtime })
  return builds.createStarted({ kind: 'check', name: 'check', scope, createdBy }, context, clock.now())
}

function planOf(config: PipelineConfig, { kind, name }: CheckToCreate['what'], options: CheckPlanOptions): PlanNode<'check'> | undefined {
  switch (kind) {
    case 'resource': {
      const resource = config.resources?.find((one) => one.name === name)
      return resource && planCheck(config, resource, '1', options)
    }
    case 'resource-type':
    case 'prototype': {
      const type = (kind === 'prototype' ? config.prototypes : config.resource_types)?.find((one) => one.name === name)
      return type && planTypeCheck(config, type, '1', { ...options, kind })
    }
  }
}
