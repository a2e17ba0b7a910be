import type { Json, JsonObject } from '../model/json.ts'
import type { GetPlan, Plan, TypeImage } from '../model/plan.ts'

/** What of a plan anyone may see: names, types and shape, no source, no params (Concourse: atc/public_plan.go). */
export function publicPlan(plan: Plan): JsonObject {
  return { id: plan.id, [plan.kind]: publicBody(plan) }
}

function publicBody(plan: Plan): Json {
  switch (plan.kind) {
    case 'get':
      return {
        name: plan.get.name ?? '',
        type: plan.get.type,
        ...resourceAndVersion(plan.get),
        ...publicImage(plan.get.image),
      }
    case 'put':
      return {
        name: plan.put.name,
        type: plan.put.type,
        ...(plan.put.resource !== undefined && { resource: plan.put.resource }),
        ...publicImage(plan.put.image),
      }
    case 'check':
      return { name: plan.check.name, type: plan.check.type, ...publicImage(plan.check.image) }
    case 'task':
      return { name: plan.task.name, privileged: plan.task.privileged, hermetic: plan.task.hermetic ?? false }
    case 'run':
      return { message: plan.run['message'] ?? '', type: plan.run['type'] ?? '', privileged: plan.run['privileged'] ?? false }
    case 'set_pipeline':
      return {
        name: plan.set_pipeline['name'] ?? '',
        team: plan.set_pipeline['team'] ?? '',
        instance_vars: plan.set_pipeline['instance_vars'] ?? null,
      }
    case 'load_var':
      return { name: plan.load_var['name'] ?? '' }
    case 'across': {
      const vars = Array.isArray(plan.across['vars']) ? plan.across['vars'] : []
      return {
        vars: vars.map((v) => ({ name: (typeof v === 'object' && v !== null && !Array.isArray(v) ? v['name'] : undefined) ?? '' })),
        ...(plan.across['fail_fast'] === true && { fail_fast: true }),
      }
    }
    case 'do':
      return plan.do.map(publicPlan)
    case 'retry':
      return plan.retry.map(publicPlan)
    case 'in_parallel':
      return {
        steps: plan.in_parallel.steps.map(publicPlan),
        ...(plan.in_parallel.limit ? { limit: plan.in_parallel.limit } : {}),
        ...(plan.in_parallel.fail_fast === true && { fail_fast: true }),
      }
    case 'on_success':
      return { step: publicPlan(plan.on_success.step), on_success: publicPlan(plan.on_success.on_success) }
    case 'on_failure':
      return { step: publicPlan(plan.on_failure.step), on_failure: publicPlan(plan.on_failure.on_failure) }
    case 'on_abort':
      return { step: publicPlan(plan.on_abort.step), on_abort: publicPlan(plan.on_abort.on_abort) }
    case 'on_error':
      return { step: publicPlan(plan.on_error.step), on_error: publicPlan(plan.on_error.on_error) }
    case 'ensure':
      return { step: publicPlan(plan.ensure.step), ensure: publicPlan(plan.ensure.ensure) }
    case 'try':
      return { step: publicPlan(plan.try.step) }
    case 'timeout':
      return { step: publicPlan(plan.timeout.step), duration: plan.timeout.duration }
    case 'artifact_input':
      return { artifact_id: plan.artifact_input.artifact_id, name: plan.artifact_input.name }
    case 'artifact_output':
      return { name: plan.artifact_output.name }
  }
}

function resourceAndVersion(get: GetPlan): JsonObject {
  return {
    ...(get.resource !== undefined && { resource: get.resource }),
    ...(get.version !== undefined && { version: { ...get.version } }),
  }
}

function publicImage(image: TypeImage): JsonObject {
  return {
    ...(image.get_plan && { image_get_plan: publicPlan(image.get_plan) }),
    ...(image.check_plan && { image_check_plan: publicPlan(image.check_plan) }),
  }
}
