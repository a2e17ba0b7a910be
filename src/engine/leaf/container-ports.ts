import { spanOfWork } from '../../lib/about.ts'
import type { ContainerRequest } from '../../steps/ports.ts'
import { checkKey } from '../check-key.ts'
import type { ContainerRunner } from '../container-runner.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** The container that a step runs in. */
export function containerPorts(step: LeafStep, runner: ContainerRunner): Pick<AllPorts, 'run'> {
  const { context, plan, attempt, record, reporter, note } = step
  return {
    run(request, signal) {
      // When a step that is resumed after a restart began is not known.
      if (record === undefined) step.begunAt = context.services.clock.now()
      const key = plan.kind === 'check' && request.checkSource !== undefined ? checkKey(context, plan.check, request.checkSource, request.image) : undefined
      const identity = { planId: plan.id, note, report: reporter, checkKey: key, ...(attempt !== undefined && { attempt }) }
      return runner.run(identity, withTraceparent(request), signal, (finished) => {
        step.container = finished
      })
    },
  }
}

/** What the process calls may go on with the trace: Concourse gives it the same variable. */
function withTraceparent(request: ContainerRequest): ContainerRequest {
  const span = spanOfWork()
  if (span === undefined) return request
  const { assignment } = request
  const env = [...assignment.process.env.filter((pair) => !pair.startsWith('TRACEPARENT=')), `TRACEPARENT=${span.traceparent}`]
  return { ...request, assignment: { ...assignment, process: { ...assignment.process, env } } }
}
