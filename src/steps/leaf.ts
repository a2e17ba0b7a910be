import type { ArtifactRef } from '../model/artifact.ts'
import { interruptionOf } from '../lib/interruption.ts'
import type { Version } from '../model/version.ts'
import { aborted, failed } from './outcome.ts'
import type { FinishedStep, KeyedEvent, RunState, StepOutcome, StepPorts } from './ports.ts'

/** How the body of a leaf step ends; `interrupted`: its signal was aborted, or its own timeout is over. */
export interface LeafEnd {
  readonly outcome: StepOutcome | { readonly kind: 'interrupted' } | { readonly kind: 'timed-out' }
  readonly events?: readonly KeyedEvent[]
  readonly artifacts?: { readonly [name: string]: ArtifactRef }
  readonly version?: Version
}

const timeoutMessage = 'timeout exceeded'
const abortMessage = 'interrupted'

/**
 * Runs the body of a step that has a container: once, whatever restarts happen, with its result and last events made
 * durable together, and what went wrong shown as an error event.
 */
export async function leaf(
  ports: StepPorts,
  state: RunState,
  signal: AbortSignal,
  body: () => Promise<LeafEnd>,
): Promise<StepOutcome> {
  const before = await ports.recall(state)
  if (before !== undefined) return restore(ports, state, before)
  const end = await body()
  const { outcome, message } = conclusion(end, signal)
  const record: FinishedStep = {
    outcome,
    artifacts: end.artifacts ?? {},
    ...(end.version && { version: end.version }),
  }
  const events = [...(end.events ?? [])]
  if (message !== undefined) {
    events.push({
      key: 'error',
      event: { type: 'error', data: { message, origin: { id: ports.planId }, time: ports.time() } },
    })
  }
  await ports.conclude(record, events)
  return restore(ports, state, record)
}

function restore(ports: StepPorts, state: RunState, record: FinishedStep): StepOutcome {
  for (const [name, artifact] of Object.entries(record.artifacts)) state.registerArtifact(name, artifact)
  if (record.version) state.storeVersion(ports.planId, record.version)
  return record.outcome
}

function conclusion(end: LeafEnd, signal: AbortSignal): { outcome: StepOutcome; message?: string } {
  switch (end.outcome.kind) {
    case 'succeeded':
    case 'failed':
      return { outcome: end.outcome }
    case 'aborted':
      return { outcome: aborted, message: abortMessage }
    case 'errored':
      return { outcome: end.outcome, message: end.outcome.message }
    case 'timed-out':
      return { outcome: failed, message: timeoutMessage }
    case 'interrupted':
      return interruptionOf(signal) === 'timeout'
        ? { outcome: failed, message: timeoutMessage }
        : { outcome: aborted, message: abortMessage }
  }
}
