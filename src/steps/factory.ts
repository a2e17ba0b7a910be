import type { Clock } from '../lib/clock.ts'
import { parseDuration } from '../lib/duration.ts'
import type { FinalStatus } from '../model/event.ts'
import type { Plan, PlanNode } from '../model/plan.ts'
import type { Result } from '../model/result.ts'
import { artifactInput } from './artifact-input.ts'
import { artifactOutput } from './artifact-output.ts'
import { checkStep } from './check.ts'
import { acrossStep } from './combinators/across.ts'
import { doStep } from './combinators/do.ts'
import { ensure, onAbort, onError, onFailure, onSuccess } from './combinators/hooks.ts'
import { inParallel } from './combinators/in-parallel.ts'
import { retry } from './combinators/retry.ts'
import { timeout } from './combinators/timeout.ts'
import { tryStep } from './combinators/try.ts'
import { getStep } from './get.ts'
import { loadVarStep } from './load-var.ts'
import { errored } from './outcome.ts'
import type { AcrossPlans, ImageFailure, ArtifactOutputPorts, CheckPorts, GetPorts, LoadVarPorts, PutPorts, RunState, SetPipelinePorts, Step, TaskPorts } from './ports.ts'
import { putStep } from './put.ts'
import { runStep } from './run.ts'
import { setPipelineStep } from './set-pipeline.ts'
import { taskStep } from './task.ts'

/** Where a plan stands: in which attempts, the outermost first, and in a hook after which end. */
export interface PlanPlace {
  readonly attempts: readonly number[]
  readonly status?: FinalStatus
}

export interface PortsFactory {
  /** Makes the ports of one plan. */
  ports(plan: Plan, place: PlanPlace): TaskPorts & GetPorts & PutPorts & CheckPorts & LoadVarPorts & ArtifactOutputPorts & SetPipelinePorts
  readonly clock: Clock
  /** The step of this plan, told to a collector of traces where there is one. */
  traced(plan: Plan, step: Step): Step
  /** Something of the plan, or of a plan in it, had begun before a restart. */
  begun(plan: Plan): boolean
  /** The plans that an across makes when its turn comes: as they were recorded, else of the values that its vars have now. */
  across(node: PlanNode<'across'>, state: RunState, signal: AbortSignal): Promise<Result<AcrossPlans, ImageFailure>>
  /** When the plan first began, unix ms: now, unless that was before a restart. */
  startedAt(plan: Plan): number
}

/** A plan made runnable. */
export function createStep(plan: Plan, factory: PortsFactory, place: PlanPlace = { attempts: [] }): Step {
  return { ...factory.traced(plan, runnable(plan, factory, place)), begun: factory.begun(plan) }
}

function runnable(plan: Plan, factory: PortsFactory, place: PlanPlace): Step {
  const child = (inner: Plan) => createStep(inner, factory, place)
  const after = (status: FinalStatus, hook: Plan) => createStep(hook, factory, { ...place, status })
  const ports = () => factory.ports(plan, place)
  switch (plan.kind) {
    case 'get':
      return getStep(plan, ports())
    case 'put':
      return putStep(plan, ports())
    case 'task':
      return taskStep(plan, ports())
    case 'check':
      return checkStep(plan, ports())
    case 'do':
      return doStep(plan.do.map(child))
    case 'in_parallel':
      return inParallel(plan.in_parallel.steps.map(child), {
        limit: plan.in_parallel.limit ?? 0,
        failFast: plan.in_parallel.fail_fast ?? false,
      })
    case 'on_success':
      return onSuccess(child(plan.on_success.step), after('succeeded', plan.on_success.on_success))
    case 'on_failure':
      return onFailure(child(plan.on_failure.step), after('failed', plan.on_failure.on_failure))
    case 'on_abort':
      return onAbort(child(plan.on_abort.step), after('aborted', plan.on_abort.on_abort))
    case 'on_error':
      return onError(child(plan.on_error.step), after('errored', plan.on_error.on_error))
    case 'ensure':
      return ensure(child(plan.ensure.step), child(plan.ensure.ensure))
    case 'try':
      return tryStep(child(plan.try.step))
    case 'timeout': {
      const limit = parseDuration(plan.timeout.duration)
      if (limit === undefined) return erroring(`invalid timeout "${plan.timeout.duration}": write a duration such as 10m or 1h30m`)
      return timeout(child(plan.timeout.step), limit, factory.clock, () => factory.startedAt(plan))
    }
    case 'retry':
      return retry(plan.retry.map((attempt, index) => createStep(attempt, factory, { ...place, attempts: [...place.attempts, index + 1] })))
    case 'across':
      return acrossStep(plan, { ports: ports(), step: child, plans: (state, signal) => factory.across(plan, state, signal) })
    case 'artifact_input':
      return artifactInput(plan.artifact_input.name)
    case 'artifact_output':
      return artifactOutput(plan.artifact_output.name, ports())
    case 'load_var':
      return loadVarStep(plan, ports())
    case 'run':
      return runStep(plan, ports())
    case 'set_pipeline':
      return setPipelineStep(plan, ports())
  }
}

function erroring(message: string): Step {
  return { run: () => Promise.resolve(errored(message)) }
}
