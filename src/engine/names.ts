import type { Plan } from '../model/plan.ts'
import type { BuildFacts } from '../steps/ports.ts'

/** Names a job with its team and pipeline. */
export const jobKey = ({ team, pipeline, job }: BuildFacts): string => JSON.stringify([team, pipeline ?? null, job ?? null])

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
