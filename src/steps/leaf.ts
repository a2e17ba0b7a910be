import type { ArtifactRef } from '../model/artifact.ts'
import { interruptionOf } from '../lib/interruption.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { aborted, errored, failed } from './outcome.ts'
import type { FinishedStep, ImageFailure, KeyedEvent, RunError, RunState, StepOutcome, StepPorts } from './ports.ts'

/** How the body of a leaf step ends; `interrupted`: its signal was aborted, or its own timeout is over. */
export interface LeafEnd {
  readonly outcome: StepOutcome | { readonly kind: 'interrupted' } | { readonly kind: 'timed-out' }
  readonly events?: readonly KeyedEvent[]
  readonly artifacts?: { readonly [name: string]: ArtifactRef }
  readonly version?: Version
  readonly image?: boolean
  readonly metadata?: readonly MetadataField[]
}

/** A step that runs. */
export interface Running<Ports extends StepPorts = StepPorts> {
  readonly ports: Ports
  readonly state: RunState
  readonly signal: AbortSignal
}

/** The end of a step that got no image, no files, or no container. */
export function unfetched(error: ImageFailure | RunError): LeafEnd {
  return { outcome: error.kind === 'aborted' ? { kind: 'interrupted' } : errored(error.message) }
}

export const timeoutMessage = 'timeout exceeded'
const abortMessage = 'interrupted'

/**
 * Runs the body of a step that has a container: once, whatever restarts happen, with its result and last events made
 * durable together, and what went wrong shown as an error event. `restored` sees the record, before a restart's too.
 */
export async function leaf(
  { ports, state, signal }: Running,
  body: () => Promise<LeafEnd>,
  restored: (record: FinishedStep) => void = () => undefined,
): Promise<StepOutcome> {
  const restore = (record: FinishedStep): StepOutcome => {
    for (const [name, artifact] of Object.entries(record.artifacts)) state.registerArtifact(name, artifact)
    if (record.version) state.storeVersion(ports.planId, record.version)
    restored(record)
    return record.outcome
  }
  const before = await ports.recall(state, signal)
  if (before !== undefined) return restore(before)
  const end = await body()
  const { outcome, message } = conclusion(end, signal)
  const record: FinishedStep = {
    outcome,
    artifacts: end.artifacts ?? {},
    ...(end.version && { version: end.version }),
    ...(end.image && { image: end.image }),
    ...(end.metadata && { metadata: end.metadata }),
  }
  const events = [...(end.events ?? [])]
  if (message !== undefined) {
    events.push({
      key: 'error',
      event: { type: 'error', data: { message, origin: { id: ports.planId }, time: ports.time() } },
    })
  }
  await ports.conclude(record, events)
  return restore(record)
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
