import type { Plan } from '../model/plan.ts'
import { isContainerPlan, type ContainerPlan } from './container-plan.ts'

/** What a step that runs in a container is called in logs and messages: `task unit`. */
export interface StepName {
  readonly kind: ContainerPlan['kind']
  readonly name: string
}

/** Undefined: such a step has no container of its own. */
export function stepName(plan: Plan): StepName | undefined {
  if (!isContainerPlan(plan)) return undefined
  switch (plan.kind) {
    case 'get':
      return { kind: plan.kind, name: plan.get.name ?? plan.get.type }
    case 'put':
      return { kind: plan.kind, name: plan.put.name }
    case 'check':
      return { kind: plan.kind, name: plan.check.name }
    case 'task':
      return { kind: plan.kind, name: plan.task.name }
  }
}

/** A step's name, or its kind where it has none. */
export const stepNameOf = (plan: Plan): string => stepName(plan)?.name ?? plan.kind
