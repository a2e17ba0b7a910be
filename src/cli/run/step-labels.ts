import type { Plan, PlanId } from '../../model/plan.ts'
import { children, type MadeChildren } from '../../planner/children.ts'
import { stepName, type StepName } from '../../planner/step-name.ts'

export interface StepLabel {
  readonly kind: StepName['kind']
  readonly step: string
  /** `task unit`, `get repo`. */
  readonly name: string
  /** Another step may print at the same time. */
  readonly parallel: boolean
}

/** Names of a plan's steps, by plan id; the steps of their images share the step's. `made`: what steps have made of themselves so far. */
export function stepLabels(plan: Plan, made?: MadeChildren): (planId: PlanId) => StepLabel | undefined {
  const labels = new Map<PlanId, StepLabel>()
  const visit = (node: Plan, parallel: boolean) => {
    const label = stepName(node)
    if (label !== undefined) labels.set(node.id, { kind: label.kind, step: label.name, name: `${label.kind} ${label.name}`, parallel })
    const inner = children(node, made).filter(({ role }) => role !== 'image')
    const inside = parallel || ((node.kind === 'in_parallel' || inner.some(({ role }) => role === 'made')) && inner.length > 1)
    for (const child of inner) visit(child.plan, inside)
  }
  visit(plan, false)
  return (planId) => {
    // `<step>/image-get`, and what that has for its own image.
    for (let id = planId; ; id = id.slice(0, id.lastIndexOf('/'))) {
      const label = labels.get(id)
      if (label !== undefined || !id.includes('/')) return label
    }
  }
}
