import type { Plan, PlanId } from '../model/plan.ts'
import { eachPlan, type MadeChildren } from '../planner/children.ts'

/** Returns a function that says of a plan whether it, or a plan inside it, was recorded before this run of the build. */
export function begunBefore(recorded: Iterable<PlanId>, made?: MadeChildren): (plan: Plan) => boolean {
  const ids = new Set<PlanId>()
  for (const id of recorded) {
    ids.add(id)
    // Of `<step>/image-check` the step too: the plans of a task's image are not part of the build's plan.
    for (let slash = id.indexOf('/'); slash > 0; slash = id.indexOf('/', slash + 1)) ids.add(id.slice(0, slash))
  }
  return (plan) => {
    let begun = false
    if (ids.size > 0) eachPlan(plan, (inner) => (begun ||= ids.has(inner.id)), made)
    return begun
  }
}
