import { interpolate } from '../config/vars/interpolate.ts'
import type { Json } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { eachPlan } from '../planner/image-plans.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { resolveTaskConfig } from './task-config.ts'

/**
 * Secrets of a step that is not run again after a restart: what the log hid before, it hides on. (Values are kept
 * nowhere but with the build, so they are found again as the step found them.)
 */
export async function relearnSecrets(context: BuildContext, plan: Plan, state: RunState): Promise<void> {
  eachPlan(plan, (inner) => {
    switch (inner.kind) {
      case 'get':
        return learn(context, { ...inner.get.source, ' params': { ...inner.get.params } })
      case 'put':
        return learn(context, { ...inner.put.source, ' params': { ...inner.put.params } })
      case 'check':
        return learn(context, inner.check.source)
      case 'task':
        for (const type of inner.task.resource_types ?? []) learn(context, type.source)
        return
      default:
        return
    }
  })
  if (plan.kind === 'task') await resolveTaskConfig(context, plan.task, state)
}

function learn(context: BuildContext, value: Json): void {
  const filled = interpolate(value, context.vars, { keepMissing: true })
  if (filled.ok) context.redactor.add(filled.value.secrets)
}
