import { ok, type Result } from '../model/result.ts'
import type { Container, ContainerLost } from '../runtime/contract.ts'
import type { ContainerOutcome, ContainerRequest } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { containerOutcome, overdueOutcome } from './container-outcome.ts'
import { findByNode } from './image/found-by-node.ts'
import { removeOverdue } from './remove-overdue.ts'
import { LogIntake } from './log-intake.ts'
import type { ContainerRow, LogPosition } from '../model/build.ts'
import type { CheckContainer, CheckUse } from './ports.ts'
import { recordSink } from './record-sink.ts'
import { ResultDeadline } from './result-deadline.ts'
import type { StepIdentity } from './step-identity.ts'
import { assignedRecord, readRecord } from './step-record.ts'

/** A container whose step has ended. It is released when the step's end is durable. */
export interface FinishedContainer {
  readonly handle: string
  readonly stepName: string
  /** It still exists, and can be kept. */
  readonly there: boolean
  row(keep: boolean): ContainerRow
  release(end: ContainerEnd): void
}

/** How a step's container is released. `share`: it is kept for the next check with the same key, where checks share containers. */
export type ContainerEnd = { readonly kind: 'remove' | 'share' } | { readonly kind: 'keep'; readonly seconds: number }

/** A container that is ready for an assignment, or has one since before a restart. */
export interface Ready extends Omit<CheckContainer, 'acked'> {
  readonly position: LogPosition
  /** The assignment was sent before a restart. */
  readonly adopted: boolean
}

/** What a step wants done in a container. */
export interface Work {
  readonly step: StepIdentity
  readonly request: ContainerRequest
  readonly signal: AbortSignal
}

/** Sends the step's assignment to the container and waits for the result. */
export async function carryOut(
  context: BuildContext,
  { step, request, signal }: Work,
  { container, assignments, since, position, adopted }: Ready,
): Promise<{ readonly result: Result<ContainerOutcome, ContainerLost>; readonly container: FinishedContainer }> {
  const { checkContainers, clock } = context.services
  const row = (log: LogPosition, state: ContainerRow['state']): ContainerRow => ({
    handle: container.handle, planId: step.planId, state, guess: false, host: container.host, log,
  })
  const { image } = request
  const recorded = adopted ? assignedBefore(context, step) : undefined
  const assignment = recorded?.assignment ?? `${container.handle}.${assignments + 1}`
  if (!adopted) step.report.runsOn(container)
  const record = () => ({ planId: step.planId, record: assignedRecord({ handle: container.handle, assignment, image, report: step.report.report }), secrets: context.learnt.forRecord(step.planId) })
  await context.writer.write({ steps: [record()], containers: [row(position, 'assigned')] })
  request.onStarting()
  if (step.checkKey !== undefined && !adopted) checkContainers?.begin(container, useOf(context, request))

  const deadline = deadlineOf(context, request, signal)
  const startedBefore = recorded?.report.times.start
  if (startedBefore !== undefined) deadline.started(startedBefore)
  const onStarted = async (): Promise<void> => {
    const timed = request.assignment.timeoutMs !== undefined
    // After a restart the supervisor says with the result when its process started.
    if (startedBefore !== undefined || (adopted && !timed)) return
    const now = clock.now()
    step.report.started(now)
    if (!timed) return
    deadline.started(now)
    await context.writer.write({ steps: [record()] })
  }
  const found = findByNode(context, image, container, step.note)
  const intake = new LogIntake(context.redactor, position)
  const sink = recordSink(context, { step, intake, row: (log) => row(log, 'assigned'), onStarted })
  const work = container.assign({ ...request.assignment, id: assignment }, sink.write, signal)
  const result = await Promise.race([work, deadline.reached()]).finally(() => deadline.close())
  const about = { handle: container.handle, stepName: request.stepName }
  const gone = { ...about, there: false, row: () => row(intake.position(), 'finished'), release: () => letGo(context, container, false) }
  if (typeof result === 'string') {
    work.catch(() => undefined) // its outcome does not matter any more
    // The write fails if another server has the build by now. The container is that server's then, and must not be removed here.
    await context.writer.write({ containers: [row(intake.position(), 'assigned')] })
    await removeOverdue(context, { handle: container.handle, why: result, assignment: request.assignment, note: step.note })
    await sink.end()
    return { result: ok(overdueOutcome(result)), container: gone }
  }
  await sink.end()
  const digest = await found
  if (digest !== undefined) step.report.foundDigest(digest)
  if (!adopted) step.report.runsOn(container)
  if (!result.ok) return { result, container: gone }
  step.report.ended(result.value, adopted)
  const { seq, settled } = result.value
  const release = (end: ContainerEnd): void => {
    settled()
    if (end.kind === 'keep') return letGo(context, container, { seconds: end.seconds })
    const share = end.kind === 'share' && !adopted && step.checkKey !== undefined
    if (share && checkContainers !== undefined) checkContainers.give(step.checkKey, { container, assignments: assignments + 1, acked: seq, since })
    else letGo(context, container, false)
  }
  return { result: ok(containerOutcome(result.value)), container: { ...about, there: true, row: (keep) => row({ acked: seq }, keep ? 'kept' : 'finished'), release } }
}

function useOf({ build: { scope } }: BuildContext, { stepName: name }: ContainerRequest): CheckUse {
  return { teamId: scope.teamId, ...(scope.pipelineId !== undefined && { pipelineId: scope.pipelineId }), name }
}

export function deadlineOf({ services, leaving }: BuildContext, { assignment }: ContainerRequest, signal: AbortSignal): ResultDeadline {
  return new ResultDeadline(services.clock, assignment, signal, leaving)
}

/** What was recorded when the step's assignment was sent, before a restart. */
export function assignedBefore({ steps }: BuildContext, { planId }: StepIdentity) {
  const record = readRecord(steps.get(planId))
  return record?.phase === 'assigned' ? record : undefined
}

function letGo(context: BuildContext, container: Container, keep: Parameters<Container['release']>[0]['keep']): void {
  context.services.checkContainers?.forget(container.handle)
  context.cleanup.addAfterStep(`container ${container.handle}`, () => container.release({ keep }))
}
