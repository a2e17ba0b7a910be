import { interpolate } from '../config/vars/interpolate.ts'
import type { Json } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { eachPlan } from '../planner/children.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { readWithVars } from './interpolate.ts'
import { resolveTaskConfig } from './task-config.ts'

/**
 * Adds the secrets of a step that is not run again after a restart to the redactor, so that the log goes on hiding them. Their values
 * are stored with the build only, so they are looked up again as the step did.
 */
export async function relearnSecrets(context: BuildContext, plan: Plan, state: RunState): Promise<void> {
  const values: Json[] = []
  eachPlan(plan, (inner) => values.push(...sourcesOf(inner)))
  const filled = await readWithVars(context, state, (lookup) => values.map((value) => interpolate(value, lookup, { keepMissing: true })))
  for (const result of filled) if (result.ok) context.redactor.add(result.value.secrets)
  if (plan.kind === 'task') await resolveTaskConfig(context, plan.task, state)
}

/** What a step of this kind interpolates, besides a task's config. */
function sourcesOf(plan: Plan): Json[] {
  switch (plan.kind) {
    case 'get':
      return [plan.get.source, { ...plan.get.params }]
    case 'put':
      return [plan.put.source, { ...plan.put.params }]
    case 'check':
      return [plan.check.source]
    case 'task':
      return (plan.task.resource_types ?? []).map((type) => type.source)
    case 'set_pipeline':
      return [{ ...plan.set_pipeline.vars }, { ...plan.set_pipeline.instance_vars }]
    case 'run':
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
      return []
  }
}
