import type { Plan, PlanId, PlanNode } from '../model/plan.ts'

/** Steps that run in a container. */
export type LeafPlan = PlanNode<'get' | 'put' | 'task'>

/**
 * Which leaf steps start when a given one succeeds: what may be prepared ahead. Hooks and later attempts, which may
 * not run at all, follow nobody; after an in_parallel comes what follows it, from each of its branches.
 */
export function followers(plan: Plan): ReadonlyMap<PlanId, readonly LeafPlan[]> {
  const result = new Map<PlanId, readonly LeafPlan[]>()
  follow(plan, [], result)
  return result
}

/** Fills the map for `plan` when `next` comes after it; returns the leaves that `plan` starts with. */
function follow(plan: Plan, next: readonly LeafPlan[], result: Map<PlanId, readonly LeafPlan[]>): readonly LeafPlan[] {
  switch (plan.kind) {
    case 'get':
    case 'put':
    case 'task':
      result.set(plan.id, next)
      return [plan]
    case 'do':
      return plan.do.reduceRight<readonly LeafPlan[]>((after, step) => follow(step, after, result), next)
    case 'in_parallel': {
      const starts = plan.in_parallel.steps.map((step) => follow(step, next, result))
      return starts.slice(0, plan.in_parallel.limit || undefined).flat()
    }
    case 'on_success':
      return follow(plan.on_success.step, follow(plan.on_success.on_success, next, result), result)
    case 'on_failure':
      follow(plan.on_failure.on_failure, [], result)
      return follow(plan.on_failure.step, next, result)
    case 'on_abort':
      follow(plan.on_abort.on_abort, [], result)
      return follow(plan.on_abort.step, next, result)
    case 'on_error':
      follow(plan.on_error.on_error, [], result)
      return follow(plan.on_error.step, next, result)
    case 'ensure':
      return follow(plan.ensure.step, follow(plan.ensure.ensure, next, result), result)
    case 'try':
      return follow(plan.try.step, next, result)
    case 'timeout':
      return follow(plan.timeout.step, next, result)
    case 'retry': {
      const [first, ...others] = plan.retry
      for (const other of others) follow(other, next, result)
      return first === undefined ? next : follow(first, next, result)
    }
    case 'check':
    case 'run':
    case 'set_pipeline':
    case 'load_var':
    case 'across':
    case 'artifact_input':
    case 'artifact_output':
      return next
  }
}
