import type { Plan, PlanNode } from '../../model/plan.ts'
import type { Result } from '../../model/result.ts'
import { aborted, errored } from '../outcome.ts'
import type { AcrossPlans, ImageFailure, RunState, Step, StepPorts } from '../ports.ts'
import { inParallel } from './in-parallel.ts'

interface AcrossOptions {
  readonly ports: StepPorts
  /** Plans the steps, when its turn comes. The error is shown as the step's. */
  readonly plans: (state: RunState, signal: AbortSignal) => Promise<Result<AcrossPlans, ImageFailure>>
  readonly step: (plan: Plan) => Step
}

/**
 * Runs a step for every combination of its vars' values, which are looked up when its turn comes. Each has a scope of its own with the
 * vars; artifacts that it makes stay in it. A failure or an error of one does not end the others, unless `fail_fast`.
 */
export function acrossStep(node: PlanNode<'across'>, { ports, plans, step }: AcrossOptions): Step {
  const { vars, fail_fast: failFast = false } = node.across
  return {
    async run(state, signal) {
      const origin = { id: node.id }
      ports.emit({ type: 'initialize', data: { origin, time: ports.time() } }, 'initialize')
      ports.emit({ type: 'start', data: { origin, time: ports.time() } }, 'start')
      for (const { name } of vars) if (state.localVar(name) !== undefined) ports.note(`WARNING: across step shadows local var '${name}'`)
      const made = await plans(state, signal)
      if (!made.ok) {
        if (made.error.kind === 'aborted') return aborted
        const { message } = made.error
        ports.emit({ type: 'error', data: { message, origin, time: ports.time() } }, 'error')
        return errored(message)
      }
      const steps = made.value.children.map((child) => scoped(child.values, step(child.plan), vars))
      const limits = vars.map(({ max_in_flight: limit = 1 }) => (limit === 'all' ? 0 : limit))
      const outcome = await byVar(steps, made.value.counts, { limits, failFast }).run(state, signal)
      // Its children have said what went wrong.
      if (outcome.kind === 'succeeded' || outcome.kind === 'failed') {
        ports.emit({ type: 'finish', data: { origin, time: ports.time(), succeeded: outcome.kind === 'succeeded' } }, 'finish')
      }
      return outcome
    },
  }
}

type Vars = PlanNode<'across'>['across']['vars']

/** Values of across are no secrets, but for those that came from secret vars, which the log knows already. */
function scoped(values: AcrossPlans['children'][number]['values'], step: Step, vars: Vars): Step {
  return {
    begun: step.begun === true,
    run(state, signal) {
      const scope = state.scope()
      for (const [index, { name }] of vars.entries()) scope.addLocalVar(name, { value: values[index] ?? null, secret: false })
      return step.run(scope, signal)
    },
  }
}

interface Limits {
  /** By var: how many of its values run at once; 0: all. */
  readonly limits: readonly number[]
  readonly failFast: boolean
}

/** The first var's values side by side as far as its limit lets them, and for each of them those of the next. */
function byVar(steps: readonly Step[], [count = 0, ...counts]: readonly number[], { limits: [limit = 1, ...limits], failFast }: Limits): Step {
  const size = count === 0 ? 0 : steps.length / count
  const groups = counts.length === 0 ? steps : Array.from({ length: count }, (_, index) => byVar(steps.slice(index * size, (index + 1) * size), counts, { limits, failFast }))
  return { ...inParallel(groups, { limit, failFast }), begun: steps.some((step) => step.begun === true) }
}
