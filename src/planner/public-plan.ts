import type { Json, JsonObject } from '../model/json.ts'
import type { GetPlan, Plan } from '../model/plan.ts'
import { plansIn, slots } from './children.ts'

/** The part of a plan that anyone may see: names, types and shape, no source, no params (Concourse: atc/public_plan.go). */
export function publicPlan(plan: Plan): JsonObject {
  return { id: plan.id, [plan.kind]: publicBody(plan) }
}

function publicBody(plan: Plan): Json {
  const shown = publicFields(plan)
  for (const slot of slots[plan.kind]) {
    if (slot.role === 'template') continue
    const plans = plansIn(plan, slot).map(publicPlan)
    const key = slot.path.at(-1)
    if (key === undefined) return plans
    if (slot.list === true) shown[key] = plans
    else if (plans[0] !== undefined) shown[slot.role === 'image' ? `image_${key}` : key] = plans[0]
  }
  return shown
}

/** Besides the plans in it. */
function publicFields(plan: Plan): JsonObject {
  switch (plan.kind) {
    case 'get':
      return { name: plan.get.name ?? '', type: plan.get.type, ...resourceAndVersion(plan.get) }
    case 'put':
      return { name: plan.put.name, type: plan.put.type, ...(plan.put.resource !== undefined && { resource: plan.put.resource }) }
    case 'check':
      return { name: plan.check.name, type: plan.check.type }
    case 'task':
      return { name: plan.task.name, privileged: plan.task.privileged, hermetic: plan.task.hermetic ?? false }
    case 'run':
      return { message: plan.run.message, type: plan.run.type, privileged: plan.run.privileged }
    case 'set_pipeline':
      return {
        name: plan.set_pipeline.name,
        team: plan.set_pipeline.team ?? '',
        instance_vars: plan.set_pipeline.instance_vars ?? null,
      }
    case 'load_var':
      return { name: plan.load_var.name }
    case 'across':
      return { vars: plan.across.vars.map(({ name }) => ({ name })), ...(plan.across.fail_fast === true && { fail_fast: true }) }
    case 'in_parallel':
      return {
        ...(plan.in_parallel.limit ? { limit: plan.in_parallel.limit } : {}),
        ...(plan.in_parallel.fail_fast === true && { fail_fast: true }),
      }
    case 'timeout':
      return { duration: plan.timeout.duration }
    case 'artifact_input':
      return { artifact_id: plan.artifact_input.artifact_id, name: plan.artifact_input.name }
    case 'artifact_output':
      return { name: plan.artifact_output.name }
    case 'do':
    case 'retry':
    case 'on_success':
    case 'on_failure':
    case 'on_abort':
    case 'on_error':
    case 'ensure':
    case 'try':
      return {}
  }
}

function resourceAndVersion(get: GetPlan): JsonObject {
  return {
    ...(get.resource !== undefined && { resource: get.resource }),
    ...(get.version !== undefined && { version: { ...get.version } }),
  }
}
