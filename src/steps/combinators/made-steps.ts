import type { Plan } from '../../model/plan.ts'
import type { Result } from '../../model/result.ts'
import { createStep, type PortsFactory } from '../factory.ts'
import { errored } from '../outcome.ts'
import type { RunState, Step } from '../ports.ts'

export interface MadeStepsOptions {
  readonly factory: PortsFactory
  /** Plans the children, whose ids stand under the plan's; not called again after a restart. The error is shown as the step's. */
  readonly make: (state: RunState, signal: AbortSignal) => Promise<Result<readonly Plan[], string>>
  /** How the children run: one after the other, at once, … */
  readonly arrange: (steps: readonly Step[]) => Step
  /** Attempts that the step is in. */
  readonly attempts?: readonly number[]
}

/** A step whose children are planned when its turn comes. */
export function madeSteps(plan: Plan, { factory, make, arrange, attempts }: MadeStepsOptions): Step {
  return {
    begun: factory.begun(plan),
    async run(state, signal) {
      const made = await factory.made(plan, () => make(state, signal))
      if (made.ok) return arrange(made.value.map((child) => createStep(child, factory, attempts))).run(state, signal)
      const ports = factory.ports(plan, undefined)
      ports.emit({ type: 'error', data: { message: made.error, origin: { id: plan.id }, time: ports.time() } }, 'error')
      return errored(made.error)
    },
  }
}
