import type { ArtifactRef } from '../model/artifact.ts'
import type { AssignmentResult, PrepareError } from '../runtime/contract.ts'
import type { ContainerOutcome, RunError } from '../steps/ports.ts'
import type { Overdue } from './result-deadline.ts'

/** For the step. */
export function containerOutcome(result: AssignmentResult): ContainerOutcome {
  const outputs = new Map<string, ArtifactRef>()
  const failedOutputs = new Map<string, string>()
  for (const output of result.outputs) {
    if ('artifact' in output) outputs.set(output.name, output.artifact)
    else failedOutputs.set(output.name, output.error)
  }
  return {
    outcome: result.outcome,
    aborted: result.aborted,
    timedOut: result.timedOut,
    ...(result.response && { response: result.response }),
    outputs,
    failedOutputs,
  }
}

/** The outcome of work whose container was removed because no result came. */
export function overdueOutcome(why: Overdue): ContainerOutcome {
  return {
    outcome: { kind: 'killed', oom: false, message: 'no result came' },
    aborted: why === 'aborted',
    timedOut: why === 'timed-out',
    outputs: new Map(),
    failedOutputs: new Map(),
  }
}

export function runError(error: PrepareError): RunError {
  switch (error.kind) {
    case 'aborted':
      return { kind: 'aborted' }
    case 'lost':
      return { kind: 'errored', message: lostMessage(error) }
    case 'image-pull':
    case 'no-room':
    case 'rejected':
    case 'unavailable':
    case 'died':
      return { kind: 'errored', message: error.message }
  }
}

export function lostMessage(error: { readonly message: string; readonly mayStillRun: boolean }): string {
  return error.mayStillRun ? `${error.message} (its process may still run)` : error.message
}
