import { withOverrides } from '../lib/with-overrides.ts'
import type { Plan } from '../model/plan.ts'
import { fail } from '../model/result.ts'
import { eachWrittenPlan } from '../planner/children.ts'
import { stepNameOf } from '../planner/step-name.ts'
import type { Runtime } from '../runtime/contract.ts'

/** The tags that a machine has, as Concourse's workers have them: `all` where steps of any tags may run. */
export type OfferedTags = 'all' | ReadonlySet<string>

const words = 'a step with tags runs where all of them are, and this machine lacks some. Whoever runs Airside can say which it has: --tag NAME of airside run and airside web, or --tag all'

const lacking = (tags: readonly string[], offered: OfferedTags): string[] => (offered === 'all' ? [] : tags.filter((tag) => !offered.has(tag)))

/** Which steps of a plan ask for tags that are not offered here. One line for each. Tags that are made of vars are seen when their step's turn comes. */
export function refusedTags(plan: Plan, offered: OfferedTags): string | undefined {
  const uses = new Set<string>()
  eachWrittenPlan(plan, (node) => {
    const lacks = lacking(tagsOf(node), offered).filter((tag) => !tag.includes('(('))
    if (lacks.length > 0) uses.add(`${node.kind} ${stepNameOf(node)}: ${lacks.join(', ')}`)
  })
  return uses.size === 0 ? undefined : `${words}\n${[...uses].map((use) => `  - ${use}`).join('\n')}`
}

function tagsOf(plan: Plan): readonly string[] {
  switch (plan.kind) {
    case 'get':
      return plan.get.tags ?? []
    case 'put':
      return plan.put.tags ?? []
    case 'check':
      return plan.check.tags ?? []
    case 'task':
      return plan.task.tags ?? []
    default:
      return []
  }
}

/** A runtime on a machine with these tags: it makes no container that asks for others. One whose step has begun already is adopted. */
export function withTags(runtime: Runtime, offered: OfferedTags): Runtime {
  return withOverrides(runtime, {
    prepare(spec, options) {
      const lacks = options.adopting === true ? [] : lacking(spec.tags ?? [], offered)
      return lacks.length === 0 ? runtime.prepare(spec, options) : Promise.resolve(fail({ kind: 'rejected', message: `${words}; it lacks ${lacks.join(', ')}` }))
    },
  })
}
