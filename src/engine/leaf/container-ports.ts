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
      return runner.run(identity, request, signal, (finished) => {
        step.container = finished
      })
    },
  }
}
