import { fail, ok, type Result } from '../model/result.ts'
import { unfetched, type LeafEnd } from './leaf.ts'
import { errored, failed } from './outcome.ts'
import type { ContainerOutcome, ContainerRequest, KeyedEvent, StepPorts } from './ports.ts'
import { processEnd } from './process-end.ts'

/** How a step ends whose script did not succeed. */
export interface ScriptFailure {
  readonly end: LeafEnd
  /** Of a script that exited by itself. */
  readonly status?: number
}

/** Runs a resource's script in its container. `finish`: the last event of a step whose script exited with another status than 0. */
export async function runScript(ports: StepPorts, request: ContainerRequest, signal: AbortSignal, finish: (status: number) => KeyedEvent): Promise<Result<ContainerOutcome, ScriptFailure>> {
  const ran = await ports.run(request, signal)
  if (!ran.ok) return fail({ end: unfetched(ran.error) })
  const end = processEnd(ran.value)
  if (end.kind === 'errored') return fail({ end: { outcome: errored(end.message) } })
  if (end.kind !== 'exit') return fail({ end: { outcome: { kind: end.kind } } })
  if (end.note !== undefined) ports.note(end.note)
  if (end.status !== 0) return fail({ end: { outcome: failed, events: [finish(end.status)] }, status: end.status })
  return ok(ran.value)
}
