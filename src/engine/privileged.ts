import { withOverrides } from '../lib/with-overrides.ts'
import type { Plan, TypeImage } from '../model/plan.ts'
import { fail } from '../model/result.ts'
import { eachPlan } from '../planner/children.ts'
import { imagePlans } from '../planner/image-plans.ts'
import type { Runtime } from '../runtime/contract.ts'

const notAllowed =
  'privileged: true is not allowed here: such a step is root on the machine or node that runs it. Whoever runs Airside can allow it for all pipelines: --allow-privileged of airside run and airside web'

/** Why a build must not begin: it would end in a privileged container, and nobody has allowed that. A line for each use that the plan names. */
export function refusedPrivileges(plan: Plan): string | undefined {
  const uses = new Set<string>()
  const look = (node: Plan): void => {
    const ofType = (step: string, type: string, image: TypeImage): void => {
      if (image.privileged === true) uses.add(`${step}: its resource type ${type} is privileged`)
    }
    switch (node.kind) {
      case 'get':
        return ofType(`get ${node.get.name ?? node.get.type}`, node.get.type, node.get.image)
      case 'put':
        return ofType(`put ${node.put.name}`, node.put.type, node.put.image)
      case 'check':
        return ofType(`check ${node.check.name}`, node.check.type, node.check.image)
      case 'task': {
        const { name, image, config, privileged, resource_types: types = [] } = node.task
        if (privileged) uses.add(`task ${name}`)
        if (image !== undefined || config?.image_resource === undefined) return
        const { getPlan, checkPlan } = imagePlans(node.id, config.image_resource, types, { skipInterval: false })
        for (const plan of [checkPlan, getPlan]) if (plan !== undefined) eachPlan(plan, look)
      }
    }
  }
  eachPlan(plan, look)
  return uses.size === 0 ? undefined : `${notAllowed}\n${[...uses].map((use) => `  - ${use}`).join('\n')}`
}

/**
 * A runtime that makes no privileged container, whatever a plan, a task's file or a build of a server with other settings says. One whose
 * step has begun already is taken over.
 */
export function withoutPrivileged(runtime: Runtime): Runtime {
  return withOverrides(runtime, {
    prepare: (spec, options) => (spec.privileged && options.adopting !== true ? Promise.resolve(fail({ kind: 'rejected', message: notAllowed })) : runtime.prepare(spec, options)),
  })
}
