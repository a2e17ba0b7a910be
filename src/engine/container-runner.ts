import { fail, ok, type Result } from '../model/result.ts'
import type { Container, WaitReason } from '../runtime/contract.ts'
import type { ContainerOutcome, ContainerRequest, RunError } from '../steps/ports.ts'
import { tooLongToStart } from '../steps/process-limits.ts'
import type { BuildContext } from './build-context.ts'
import { assignedBefore, carryOut, deadlineOf, type FinishedContainer, type Ready, type Work } from './carry-out.ts'
import { lostMessage, overdueOutcome, runError } from './container-outcome.ts'
import { containerSpec } from './container-spec.ts'
import { removeOverdue } from './remove-overdue.ts'
import type { ContainerRow } from '../model/build.ts'
import type { PrepareAhead } from './prepare-ahead.ts'
import { Preparation } from './preparation.ts'
import { recording, recordPreparation } from './record-preparation.ts'
import type { StepIdentity } from './step-identity.ts'
import { waitReasons } from './wait-reasons.ts'

/** How many containers are made for a step, one after another, when each is lost before its process starts. They do not count as attempts. */
const mostIncarnations = 3

/** Runs a step in a container, from the container's spec to its result; resumes it after a restart. */
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
    // When this server has left the build, timeouts and failures of siblings here must not abort the step, which another server resumes.
    const passed = new AbortController()
    const pass = () => {
      if (!this.context.left()) passed.abort(stepSignal.reason)
    }
    if (stepSignal.aborted) pass()
    stepSignal.addEventListener('abort', pass, { once: true })
    try {
      return await this.work({ step, request, signal: passed.signal }, finished)
    } finally {
      stepSignal.removeEventListener('abort', pass)
    }
  }

  private async work(work: Work, finished: (container: FinishedContainer) => void): Promise<Result<ContainerOutcome, RunError>> {
    const { step, request, signal } = work
    const before = this.context.containers.get(step.planId)
    if (before?.state === 'assigned') return this.resume(work, before, finished)
    const tooLong = tooLongToStart(request.assignment.process)
    if (tooLong !== undefined) return fail({ kind: 'errored', message: tooLong })
    const shared = signal.aborted ? undefined : this.shared(step)
    if (shared !== undefined) {
      step.report.takes('shared')
      const done = await carryOut(this.context, work, shared)
      if (done.result.ok) {
        finished(done.container)
        return done.result
      }
      // The container may have been lost while it waited for this check. The check is run again, in a new one.
      done.container.release({ kind: 'remove' })
      await this.context.writer.write({ containers: [{ ...done.container.row(false), state: 'removed' }] })
      if (!signal.aborted) step.note(`${lostMessage(done.result.error)}: checking again in a new container`)
    }
    const ready = await this.ready(work)
    return ready.ok ? this.finish(work, ready.value, finished) : ready
  }

  private async finish(work: Work, ready: Ready, finished: (container: FinishedContainer) => void): Promise<Result<ContainerOutcome, RunError>> {
    const { result, container } = await carryOut(this.context, work, ready)
    finished(container)
    return result.ok ? result : fail({ kind: 'errored', message: lostMessage(result.error) })
  }

  /** Resumes a step whose assignment was sent before a restart: its container is adopted, and delivers the result. */
  private async resume(work: Work, row: ContainerRow, finished: (container: FinishedContainer) => void): Promise<Result<ContainerOutcome, RunError>> {
    const { step, request, signal } = work
    const { services, writer } = this.context
    const { handle, log } = row
    const deadline = deadlineOf(this.context, request, signal)
    // Without a recorded start the time limit counts from now, until the supervisor reports the start.
    deadline.started(assignedBefore(this.context, step)?.report.times.start ?? services.clock.now())
    const spec = { ...containerSpec(this.context, step, request, { incarnation: 1, guess: false }), handle }
    const reasons = waitReasons(this.context, step, request.stepName)
    const options = { signal: deadline.passed, onReason: reasons.onReason, adopting: true, acked: log.acked }
    const adopted = await services.runtime.prepare(spec, options).finally(() => {
      reasons.over()
      deadline.close()
    })
    if (adopted.ok) return this.finish(work, { ...this.fresh(adopted.value), position: log, adopted: true }, finished)
    if (!deadline.passed.aborted) return fail(runError(adopted.error))
    // The write fails if another server has the build by now. The container is that server's then, and must not be removed here.
    await writer.write({ containers: [row] })
    await removeOverdue(this.context, { handle, why: deadline.why, assignment: request.assignment, note: step.note })
    finished({ handle, stepName: request.stepName, there: false, row: () => ({ ...row, state: 'finished' }), release: () => undefined })
    return ok(overdueOutcome(deadline.why))
  }

  private fresh(container: Container): Ready {
    return { container, assignments: 0, since: this.context.services.clock.now(), position: { acked: 0 }, adopted: false }
  }

  private shared({ checkKey }: StepIdentity): Ready | undefined {
    const shared = checkKey === undefined ? undefined : this.context.services.checkContainers?.take(checkKey)
    return shared && { ...shared, position: { acked: shared.acked }, adopted: false }
  }

  private async ready(work: Work): Promise<Result<Ready, RunError>> {
    const { onReason, over } = waitReasons(this.context, work.step, work.request.stepName)
    return this.made(work, onReason).finally(over)
  }

  private async made({ step, request, signal }: Work, onReason: (reason: WaitReason) => void): Promise<Result<Ready, RunError>> {
    for (let incarnation = 1; ; incarnation += 1) {
      if (signal.aborted) return fail({ kind: 'aborted' })
      const spec = containerSpec(this.context, step, request, { incarnation, guess: false })
      const anew = () => {
        const preparation = new Preparation(recording(this.context))
        step.report.preparing(preparation, 'made')
        return recordPreparation(this.context, preparation, spec, { signal, onReason })
      }
      // After this step's own create call, so that the followers do not delay it.
      const made = this.ahead.take({ step, spec, onReason, signal, anew }) ?? anew()
      this.ahead.prepareFollowers(step.planId)
      const container = await made
      if (container.ok) return ok(this.fresh(container.value))
      const again = container.error.kind === 'lost' && !container.error.mayStillRun && incarnation < mostIncarnations
      if (!again) return fail(runError(container.error))
      step.note(`${container.error.kind === 'lost' ? container.error.message : ''}; it had not started work: starting it again`)
    }
  }
}
