import type { Plan, PlanId } from '../../model/plan.ts'
import { childPlans } from '../../planner/image-plans.ts'

export interface StepLabel {
  readonly kind: 'get' | 'put' | 'task' | 'check'
  readonly step: string
  /** `task unit`, `get repo`. */
  readonly name: string
  /** Another step may print at the same time. */
  readonly parallel: boolean
}

/** Names of a plan's steps, by plan id; the steps of their images share the step's. */
export function stepLabels(plan: Plan): (planId: PlanId) => StepLabel | undefined {
  const labels = new Map<PlanId, StepLabel>()
  const visit = (node: Plan, parallel: boolean) => {
    const label = labelOf(node)
    if (label !== undefined) labels.set(node.id, { ...label, name: `${label.kind} ${label.step}`, parallel })
    const inside = parallel || (node.kind === 'in_parallel' && node.in_parallel.steps.length > 1)
    for (const child of childPlans(node)) if (!child.id.includes('/')) visit(child, inside)
  }
  visit(plan, false)
  return (planId) => labels.get(planId.split('/')[0] ?? planId)
}

function labelOf(plan: Plan): Pick<StepLabel, 'kind' | 'step'> | undefined {
  switch (plan.kind) {
    case 'get':
      return { kind: plan.kind, step: plan.get.name ?? plan.get.type }
    case 'put':
      return { kind: plan.kind, step: plan.put.name }
    case 'task':
      return { kind: plan.kind, step: plan.task.name }
    case 'check':
      return { kind: plan.kind, step: plan.check.name }
    case 'run':
    case 'set_pipeline':
    case 'load_var':
    case 'do':
    case 'in_parallel':
    case 'across':
    case 'on_success':
    case 'on_failure':
    case 'on_abort':
    case 'on_error':
    case 'ensure':
    case 'try':
    case 'timeout':
    case 'retry':
    case 'artifact_input':
    case 'artifact_output':
      return undefined
  }
}
