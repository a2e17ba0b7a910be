import type { Plan } from '../model/plan.ts'

/** What a step that runs in a container is called in logs and messages: `task unit`. */
export interface StepName {
  readonly kind: 'get' | 'put' | 'check' | 'task'
  readonly name: string
}

/** Undefined: such a step has no container of its own. */
export function stepName(plan: Plan): StepName | undefined {
  switch (plan.kind) {
    case 'get':
      return { kind: plan.kind, name: plan.get.name ?? plan.get.type }
    case 'put':
      return { kind: plan.kind, name: plan.put.name }
    case 'check':
      return { kind: plan.kind, name: plan.check.name }
    case 'task':
      return { kind: plan.kind, name: plan.task.name }
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

/** A step's name, or its kind where it has none. */
export const stepNameOf = (plan: Plan): string => stepName(plan)?.name ?? plan.kind
