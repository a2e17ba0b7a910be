import type { ArtifactRef } from '../model/artifact.ts'
import type { StepType } from '../model/container.ts'
import type { ImageSpec } from '../model/image.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { AssignmentResult, Container, ContainerSpec, PrepareError, WaitReason } from '../runtime/contract.ts'
import type { ContainerOutcome, ContainerRequest, RunError } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { findByNode } from './found-by-node.ts'
import { containerHandle } from './handle.ts'
import { LogIntake } from './log-intake.ts'
import type { ContainerRow, LogPosition } from './ports.ts'
import type { PrepareAhead } from './prepare-ahead.ts'
import { recordSink } from './record-sink.ts'
import { needsRoom } from './room.ts'
import { assignedRecord } from './step-record.ts'

/** A container that never started work and was lost is made again this often, for free. */
const mostIncarnations = 3

/** A step's container after its work: the step says when its end is durable. */
export interface FinishedContainer {
  readonly handle: string
  readonly stepName: string
  /** It is there, and can be kept. */
  readonly there: boolean
  row(keep: boolean): ContainerRow
  release(keep: Keep): void
}

type Keep = Parameters<Container['release']>[0]['keep']

export interface StepIdentity {
  readonly planId: string
  readonly attempt?: string
  readonly note: (line: string) => void
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
    const ready = await this.ready(step, request, signal, adopting)
    if (!ready.ok) return ready
    const container = ready.value
    const position: LogPosition = adopting?.log ?? { acked: 0 }
    const row = (log: LogPosition, state: ContainerRow['state']): ContainerRow => ({
      handle: container.handle, planId: step.planId, state, guess: false, host: container.host, log,
    })
    await this.context.writer.write({
      steps: [{ planId: step.planId, record: assignedRecord(container.handle, request.image) }],
      containers: [row(position, 'assigned')],
    })
    request.onStarting()

    const found = findByNode(this.context, request.image, container, step.note)
    const intake = new LogIntake(this.context.redactor, position)
    const sink = recordSink(this.context, step, intake, (log) => row(log, 'assigned'))
    const assigned = await container.assign({ ...request.assignment, id: `${container.handle}.1` }, sink.write, signal)
    await sink.end()
    await found
    const about = { handle: container.handle, stepName: request.stepName }
    if (!assigned.ok) {
      finished({ ...about, there: false, row: () => row(intake.position(), 'finished'), release: () => this.release(container, false) })
      return fail({ kind: 'errored', message: lostMessage(assigned.error) })
    }
    const result = assigned.value
    finished({
      ...about,
      there: true,
      row: (keep) => row({ acked: result.seq }, keep ? 'kept' : 'finished'),
      release: (keep) => {
        result.settled()
        this.release(container, keep)
      },
    })
    return ok(containerOutcome(result))
  }

  private async ready(
    step: StepIdentity,
    request: ContainerRequest,
    signal: AbortSignal,
    adopting: ContainerRow | undefined,
  ): Promise<Result<Container, RunError>> {
    const onReason = this.reasons(step, request.stepName)
    for (let incarnation = 1; ; incarnation += 1) {
      if (signal.aborted && adopting === undefined) return fail({ kind: 'aborted' })
      const spec = this.spec(step, request, incarnation)
      if (adopting !== undefined) {
        const adopted = await this.context.services.runtime.prepare(
          { ...spec, handle: adopting.handle },
          { signal: new AbortController().signal, onReason, adopting: true, acked: adopting.log.acked },
        )
        return adopted.ok ? adopted : fail(runError(adopted.error))
      }
      const prepared = this.ahead.take(step.planId, spec, onReason, signal)
      // Followers are prepared beside this one: its own create call has gone out first.
      const made = prepared ?? this.context.services.runtime.prepare(spec, { signal, onReason })
      this.ahead.prepareFollowers(step.planId)
      const container = await made
      if (container.ok) return container
      const again = container.error.kind === 'lost' && !container.error.mayStillRun && incarnation < mostIncarnations
      if (!again) return fail(runError(container.error))
      step.note(`${container.error.kind === 'lost' ? container.error.message : ''}; it had not started work: starting it again`)
    }
  }

  private spec(step: StepIdentity, request: ContainerRequest, incarnation: number): ContainerSpec {
    return containerSpec(this.context, step, request, incarnation, false)
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

  private release(container: Container, keep: Keep): void {
    this.context.cleanup.addAfterStep(`container ${container.handle}`, () => container.release({ keep }))
  }
}

/** A container's spec, named by what it is made of. */
export function containerSpec(
  context: BuildContext,
  step: { readonly planId: string; readonly attempt?: string },
  wanted: { readonly type: StepType; readonly stepName: string; readonly image: ImageSpec; readonly limits: ContainerSpec['limits'] },
  incarnation: number,
  guess: boolean,
): ContainerSpec {
  const { build, services } = context
  const spec = {
    type: wanted.type,
    image: wanted.image.source,
    architectures: wanted.image.architectures,
    privileged: wanted.image.privileged,
    limits: wanted.limits,
    metadata: {
      team: build.team,
      ...(build.pipeline !== undefined && { pipeline: build.pipeline }),
      ...(build.job !== undefined && { job: build.job }),
      buildId: build.id,
      buildName: build.name,
      planId: step.planId,
      stepName: wanted.stepName,
      ...(step.attempt !== undefined && { attempt: step.attempt }),
    },
  }
  return { ...spec, handle: containerHandle(services.options.installation, spec, incarnation), guess }
}

function containerOutcome(result: AssignmentResult): ContainerOutcome {
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

function runError(error: PrepareError): RunError {
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

function lostMessage(error: { readonly message: string; readonly mayStillRun: boolean }): string {
  return error.mayStillRun ? `${error.message} (its process may still run)` : error.message
}
