import type { Plan, PlanId, PlanNode } from '../model/plan.ts'
import { isSerial } from './across.ts'
import { children, type MadeChildren } from './children.ts'

/** Steps that run in a container. */
export type LeafPlan = PlanNode<'get' | 'put' | 'task'>

/**
 * For each leaf step, the leaf steps that start when it succeeds, whose containers may be prepared while it runs. Hooks and later
 * attempts are not among them, since they may never run. The last step of each branch of an in_parallel is followed by what comes after
 * the in_parallel; so are combinations of an across that run side by side.
 */
export function followers(plan: Plan, made?: MadeChildren): ReadonlyMap<PlanId, readonly LeafPlan[]> {
  const result = new Map<PlanId, readonly LeafPlan[]>()
  follow({ made, result }, plan, [])
  return result
}

interface Walk {
  readonly made: MadeChildren | undefined
  readonly result: Map<PlanId, readonly LeafPlan[]>
}

/** Fills the map for `plan` when `next` comes after it; returns the leaves that `plan` starts with. */
function follow(walk: Walk, plan: Plan, next: readonly LeafPlan[]): readonly LeafPlan[] {
  const all = children(plan, walk.made)
  const of = (role: (typeof all)[number]['role']) => all.filter((child) => child.role === role).map((child) => child.plan)
  switch (plan.kind) {
    case 'get':
    case 'put':
    case 'task':
      walk.result.set(plan.id, next)
      return [plan]
    case 'in_parallel': {
      const starts = of('step').map((step) => follow(walk, step, next))
      return starts.slice(0, plan.in_parallel.limit || undefined).flat()
    }
    case 'on_success':
    case 'ensure':
      return inOrder(walk, [...of('step'), ...of('hook')], next)
    case 'retry': {
      const [starts = next] = of('attempt').map((attempt) => follow(walk, attempt, next))
      return starts
    }
    case 'across': {
      const made = of('made')
      if (isSerial(plan.across)) inOrder(walk, made, next)
      else for (const child of made) follow(walk, child, next)
      return next
    }
    case 'check':
    case 'run':
    case 'set_pipeline':
    case 'load_var':
    case 'do':
    case 'on_failure':
    case 'on_abort':
    case 'on_error':
    case 'try':
    case 'timeout':
    case 'artifact_input':
    case 'artifact_output':
      for (const hook of of('hook')) follow(walk, hook, [])
      return inOrder(walk, of('step'), next)
  }
}

const inOrder = (walk: Walk, steps: readonly Plan[], next: readonly LeafPlan[]): readonly LeafPlan[] =>
  steps.reduceRight((after, step) => follow(walk, step, after), next)
