import type { Plan } from '../model/plan.ts'

export function stepNameOf(plan: Plan): string {
  switch (plan.kind) {
    case 'get':
      return plan.get.name ?? plan.get.type
    case 'put':
      return plan.put.name
    case 'check':
      return plan.check.name
    case 'task':
      return plan.task.name
    default:
      return plan.kind
  }
}
