import { withOverrides } from '../lib/with-overrides.ts'
import type { Plan } from '../model/plan.ts'
import { fail } from '../model/result.ts'
import { eachWrittenPlan } from '../planner/children.ts'
import { stepNameOf } from '../planner/step-name.ts'
import { imageRequest, imageWay, resourceTypeOf } from './image/image-way.ts'
import type { ContainerSpec, Runtime } from '../runtime/contract.ts'

const notAllowed =
  'privileged: true is not allowed here: such a step is root on the machine or node that runs it. Whoever runs Airside can allow it for all pipelines: --allow-privileged of airside run and airside web'

/** What a step is told whose container would be privileged. */
const refusal = ({ type }: Pick<ContainerSpec, 'type'>): string => (type === 'task' || type === 'run' ? notAllowed : `${notAllowed} (its resource type has privileged: true)`)

/** Which steps of a plan need a privileged container, which the operator has not allowed. One line for each use in the plan. */
export function refusedPrivileges(plan: Plan): string | undefined {
  const uses = new Set<string>()
  const look = (node: Plan): void => {
    const request = imageRequest(node)
    if (request?.kind === 'type' && request.image.privileged === true) uses.add(`${node.kind} ${stepNameOf(node)}: its resource type ${resourceTypeOf(node)} is privileged`)
    if (node.kind === 'task' && node.task.privileged) uses.add(`task ${node.task.name}`)
    if (request?.kind !== 'image-resource') return
    // The plans of a task's image are not part of the build's plan.
    const way = imageWay(node.id, request, false)
    if (way.kind === 'get') for (const inner of [way.check, way.get]) if (inner !== undefined) eachWrittenPlan(inner, look)
  }
  eachWrittenPlan(plan, look)
  return uses.size === 0 ? undefined : `${notAllowed}\n${[...uses].map((use) => `  - ${use}`).join('\n')}`
}

/** A runtime that refuses to make privileged containers, when their step's turn comes. A container whose step has begun already is adopted. */
export function withoutPrivileged(runtime: Runtime): Runtime {
  return withOverrides(runtime, {
    prepare: (spec, options) => (spec.privileged && options.adopting !== true ? Promise.resolve(fail({ kind: 'rejected', message: refusal(spec) })) : runtime.prepare(spec, options)),
  })
}
