import { fail, ok, type Result } from '../model/result.ts'
import type { AssignmentResult, Container, ContainerLost, WaitReason } from '../runtime/contract.ts'
import type { ContainerOutcome, ContainerRequest, RunError } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { findByNode } from './found-by-node.ts'
import { containerOutcome, lostMessage, runError } from './container-outcome.ts'
import { containerSpec } from './container-spec.ts'
import { LogIntake } from './log-intake.ts'
import type { CheckContainer, ContainerRow, LogPosition } from './ports.ts'
import type { PrepareAhead } from './prepare-ahead.ts'
import { recordSink } from './record-sink.ts'
import { needsRoom } from './room.ts'
import { assignedRecord, readRecord } from './step-record.ts'

/** A container that never started work and was lost is made again this often, for free. */
const mostIncarnations = 3

/** A step's container after its work: the step says when its end is durable. */
export interface FinishedContainer {
  readonly handle: string
  readonly stepName: string
  /** It is there, and can be kept. */
  readonly there: boolean
  row(keep: boolean): ContainerRow
  release(end: ContainerEnd): void
}

/** What becomes of a step's container. `share`: it waits for the next check of the same, if there can be one. */
export type ContainerEnd = { readonly kind: 'remove' | 'share' } | { readonly kind: 'keep'; readonly seconds: number }

export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly note: (line: string) => void
  /** Of a check: which others may be done in its container (checkKey). */
  readonly checkKey?: string | undefined
}

/** A container that is ready, and what it has done so far. */
interface Ready extends Omit<CheckContainer, 'acked'> {
  readonly position: LogPosition
  /** The assignment was sent before a restart. */
  readonly adopted: boolean
}

/** Container of a step, from its spec to its result; continued where it was after a restart. */
export class ContainerRunner {
  private readonly context: BuildContext
  private readonly ahead: PrepareAhead

  constructor(context: BuildContext, ahead: PrepareAhead) {
    this.context = context
    this.ahead = ahead
  }

  async run(
    step: StepIdentity,
    request: ContainerRequest,
    stepSignal: AbortSignal,
    finished: (container: FinishedContainer) => void,
  ): Promise<Result<ContainerOutcome, RunError>> {
    // Timeouts and siblings' failures in a run of the build that was left must not interrupt what another server goes on with.
    const passed = new AbortController()
    const pass = () => {
      if (!this.context.left()) passed.abort(stepSignal.reason)
    }
    if (stepSignal.aborted) pass()
    stepSignal.addEventListener('abort', pass, { once: true })
    try {
      return await this.work(step, request, passed.signal, finished)
    } finally {
      stepSignal.removeEventListener('abort', pass)
    }
  }

  private async work(
    step: StepIdentity,
    request: ContainerRequest,
    signal: AbortSignal,
    finished: (container: FinishedContainer) => void,
  ): Promise<Result<ContainerOutcome, RunError>> {
    const before = this.context.containers.get(step.planId)
    const adopting = before?.state === 'assigned' ? before : undefined
    const shared = adopting === undefined && !signal.aborted ? this.shared(step) : undefined
    if (shared !== undefined) {
      const done = await this.carryOut(step, request, shared, signal)
      if (done.result.ok) {
        finished(done.container)
        return ok(containerOutcome(done.result.value))
      }
      // It may have gone while nobody looked at it; a check that is done twice does no harm.
      done.container.release({ kind: 'remove' })
      await this.context.writer.write({ containers: [{ ...done.container.row(false), state: 'removed' }] })
      if (!signal.aborted) step.note(`${lostMessage(done.result.error)}: checking again in a new container`)
    }
    const ready = await this.ready(step, request, signal, adopting)
    if (!ready.ok) return ready
    const { result, container } = await this.carryOut(step, request, ready.value, signal)
    finished(container)
    return result.ok ? ok(containerOutcome(result.value)) : fail({ kind: 'errored', message: lostMessage(result.error) })
  }

  private shared({ checkKey }: StepIdentity): Ready | undefined {
    const shared = checkKey === undefined ? undefined : this.context.services.checkContainers?.take(checkKey)
    return shared && { ...shared, position: { acked: shared.acked }, adopted: false }
  }

  /** Has the container do the step's work. */
  private async carryOut(
    step: StepIdentity,
    request: ContainerRequest,
    { container, assignments, since, position, adopted }: Ready,
    signal: AbortSignal,
  ): Promise<{ readonly result: Result<AssignmentResult, ContainerLost>; readonly container: FinishedContainer }> {
    const { checkContainers } = this.context.services
    const row = (log: LogPosition, state: ContainerRow['state']): ContainerRow => ({
      handle: container.handle, planId: step.planId, state, guess: false, host: container.host, log,
    })
    const recorded = adopted ? readRecord(this.context.steps.get(step.planId)) : undefined
    const id = (recorded?.phase === 'assigned' ? recorded.assignment : undefined) ?? `${container.handle}.${assignments + 1}`
    await this.context.writer.write({
      steps: [{ planId: step.planId, record: assignedRecord(container.handle, id, request.image) }],
      containers: [row(position, 'assigned')],
    })
    request.onStarting()

    const found = findByNode(this.context, request.image, container, step.note)
    const intake = new LogIntake(this.context.redactor, position)
    const sink = recordSink(this.context, step, intake, (log) => row(log, 'assigned'))
    const result = await container.assign({ ...request.assignment, id }, sink.write, signal)
    await sink.end()
    await found
    const about = { handle: container.handle, stepName: request.stepName }
    if (!result.ok) return { result, container: { ...about, there: false, row: () => row(intake.position(), 'finished'), release: () => this.release(container, false) } }
    const { seq, settled } = result.value
    const release = (end: ContainerEnd): void => {
      settled()
      if (end.kind === 'keep') return this.release(container, { seconds: end.seconds })
      const share = end.kind === 'share' && !adopted && step.checkKey !== undefined
      if (share && checkContainers !== undefined) checkContainers.give(step.checkKey, { container, assignments: assignments + 1, acked: seq, since })
      else this.release(container, false)
    }
    return { result, container: { ...about, there: true, row: (keep) => row({ acked: seq }, keep ? 'kept' : 'finished'), release } }
  }

  private async ready(
    step: StepIdentity,
    request: ContainerRequest,
    signal: AbortSignal,
    adopting: ContainerRow | undefined,
  ): Promise<Result<Ready, RunError>> {
    const onReason = this.reasons(step, request.stepName)
    const fresh = (container: Container): Ready => ({ container, assignments: 0, since: this.context.services.clock.now(), position: { acked: 0 }, adopted: false })
    for (let incarnation = 1; ; incarnation += 1) {
      if (signal.aborted && adopting === undefined) return fail({ kind: 'aborted' })
      const spec = containerSpec(this.context, step, request, incarnation, false)
      if (adopting !== undefined) {
        const adopted = await this.context.services.runtime.prepare(
          { ...spec, handle: adopting.handle },
          { signal: new AbortController().signal, onReason, adopting: true, acked: adopting.log.acked },
        )
        return adopted.ok ? ok({ ...fresh(adopted.value), position: adopting.log, adopted: true }) : fail(runError(adopted.error))
      }
      const prepared = this.ahead.take(step.planId, spec, onReason, signal)
      // Followers are prepared beside this one: its own create call has gone out first.
      const made = prepared ?? this.context.services.runtime.prepare(spec, { signal, onReason })
      this.ahead.prepareFollowers(step.planId)
      const container = await made
      if (container.ok) return ok(fresh(container.value))
      const again = container.error.kind === 'lost' && !container.error.mayStillRun && incarnation < mostIncarnations
      if (!again) return fail(runError(container.error))
      step.note(`${container.error.kind === 'lost' ? container.error.message : ''}; it had not started work: starting it again`)
    }
  }

  /** Tells why it waits, once per reason; pull progress is for the terminal only. */
  private reasons(step: StepIdentity, stepName: string): (reason: WaitReason) => void {
    let last = ''
    return (reason) => {
      if (needsRoom(reason)) this.makeRoom(step, reason)
      this.context.services.observer?.waiting?.(step.planId, stepName, reason)
      const line = reason.kind === 'starting' ? '' : reason.message
      if (line === '' || line === last) return
      last = line
      step.note(line)
    }
  }

  private makeRoom(step: StepIdentity, reason: WaitReason): void {
    const { cleanup, room, services } = this.context
    cleanup.hurry()
    room.make(reason).then(
      (line) => line !== undefined && step.note(line),
      (error: unknown) => services.log.warn({ error: String(error) }, 'no room could be made for a step'),
    )
  }

  private release(container: Container, keep: Parameters<Container['release']>[0]['keep']): void {
    this.context.services.checkContainers?.forget(container.handle)
    this.context.cleanup.addAfterStep(`container ${container.handle}`, () => container.release({ keep }))
  }
}
