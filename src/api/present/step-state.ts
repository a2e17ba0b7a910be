import type { Plan } from '../../model/plan.ts'
import type { Child } from '../../planner/children.ts'

export type StepState = 'pending' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'errored' | 'aborted' | 'skipped'

/** The worst first: it is the state of steps that run together, or one after the other. */
const order: readonly StepState[] = ['running', 'waiting', 'aborted', 'errored', 'failed']

/** The state of a plan that only holds others, by theirs; of a hook's plan that did not run it does not count. */
export function stateOfHolder(plan: Plan, children: readonly (Pick<Child, 'role'> & { readonly state: StepState })[]): StepState {
  const states = children.filter(({ role }) => role !== 'image').map(({ state }) => state)
  const untouched = states.length > 0 && states.every((state) => state === 'pending' || state === 'skipped')
  if (untouched) return states.includes('pending') ? 'pending' : 'skipped'
  switch (plan.kind) {
    case 'retry': {
      const [last = 'pending'] = states.filter((state) => state !== 'pending' && state !== 'skipped').slice(-1)
      // A failed attempt is followed by the next.
      return (last === 'failed' || last === 'errored') && states.includes('pending') ? 'running' : last
    }
    case 'try': {
      const [state = 'pending'] = states
      return state === 'failed' || state === 'errored' ? 'succeeded' : state
    }
    default: {
      const worst = order.find((state) => states.includes(state))
      if (worst !== undefined) return worst
      // A step of several has ended, and the next one's turn has not come.
      const hookless = children.filter(({ role }) => role !== 'hook' && role !== 'image').map(({ state }) => state)
      return hookless.includes('pending') ? 'running' : 'succeeded'
    }
  }
}
