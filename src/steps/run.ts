import type { PlanNode } from '../model/plan.ts'
import { leaf } from './leaf.ts'
import { succeeded } from './outcome.ts'
import type { Step, StepPorts } from './ports.ts'

/**
 * A message to a prototype. Concourse has the step in its config and plan, and runs nothing: it says so in the log and succeeds
 * (atc/exec/run_step.go at v8.2.5). So does this one, until Concourse says what a prototype's container is told.
 */
export function runStep({ run: { message, type } }: PlanNode<'run'>, ports: StepPorts): Step {
  const origin = { id: ports.planId }
  return {
    run: (state, signal) =>
      leaf({ ports, state, signal }, () => {
        ports.emit({ type: 'initialize', data: { origin, time: ports.time() } }, 'initialize')
        ports.note('the run step is not yet implemented')
        ports.emit({ type: 'start', data: { origin, time: ports.time() } }, 'start')
        ports.note(`pretending to run ${message} on prototype ${type}...`)
        return Promise.resolve({ outcome: succeeded, events: [{ key: 'finish', event: { type: 'finish', data: { origin, time: ports.time(), succeeded: true } } }] })
      }),
  }
}
