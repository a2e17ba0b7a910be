import type { NotTriggered, PendingReason } from '../model/listed-build.ts'
import { noSlot } from '../model/slots.ts'
import { checksAwaited } from './checks-awaited.ts'
import type { Choice } from './choice.ts'
import type { BuildCause, BuildId, EndedBuild, JobSnapshot, PendingBuild, WaitingBuild, WantedCheck } from './ports.ts'

export interface Starting {
  readonly build: BuildId | 'created'
  /** `rerun_of ?? id`; of one that is created its id. */
  readonly order: number | 'created'
  readonly name: string
  readonly cause: BuildCause
  /** It takes versions that a person chose. */
  readonly requested: boolean
}

/** What the first pending build would take, where a person chose versions for it. */
export interface RequestedChoice {
  readonly build: BuildId
  readonly choice: Choice
}

/** What a pass is going to do to a job. */
export interface Decision {
  /** An automatic build is due. */
  readonly create: boolean
  readonly start?: Starting
  readonly ends: readonly EndedBuild[]
  readonly waits: readonly WaitingBuild[]
  /** Resources that a build waits for a check of; the check must begin after this time. */
  readonly checks: readonly WantedCheck[]
  /** Pass again when this is done. */
  readonly again: boolean
  readonly hasNew: boolean
  readonly notTriggered: NotTriggered | undefined
}

/** Decides what is to be done with a job's builds. `choice` is not there where nothing can start: a paused, archived or inactive job. */
export function decide(job: JobSnapshot, choice: Choice | undefined, now: number, requested?: RequestedChoice): Decision {
  const { pipeline, pending } = job
  const idle = { create: false, ends: [], waits: [], checks: [], again: false, hasNew: false }
  if (pipeline.archived) {
    const ends = pending.map(({ build }) => ({ build, status: 'aborted' as const, message: 'the pipeline was archived before the build started' }))
    return { ...idle, ends, notTriggered: { kind: 'archived' } }
  }
  if (!job.active || pipeline.configVersion === undefined) {
    const ends = pending.map(({ build }) => ({ build, status: 'errored' as const, message: `the pipeline's config has no job ${job.name} any more` }))
    return { ...idle, ends, notTriggered: undefined }
  }
  const paused = pipeline.paused ? ('pipeline-paused' as const) : job.paused ? ('job-paused' as const) : undefined
  if (paused !== undefined || choice === undefined) {
    const kind = paused ?? 'job-paused'
    return { ...idle, waits: pending.map(({ build }) => ({ build, ready: false, reason: { kind } })), notTriggered: { kind } }
  }
  const create = isDue(job, choice)
  const queue = new Queue(job, choice, requested)
  for (const build of pending) queue.next(build.build, build)
  // Its order is above all others: it has no id yet.
  if (create) queue.next('created', { cause: { kind: 'automatic' }, createdAt: now, name: 'the next', order: Infinity, build: Infinity })
  const left = queue.waits.length > 0 && queue.start !== undefined
  return {
    create,
    ...(queue.start && { start: queue.start }),
    ends: queue.ends,
    waits: queue.waits,
    checks: queue.checks,
    again: left || (queue.start !== undefined && choice.more) || queue.ends.length > 0,
    hasNew: choice.firsts.size > 0 && !takesAll(queue.start),
    notTriggered: notTriggered(job, takesAll(queue.start) ? { ...choice, firsts: new Set() } : choice),
  }
}

/** A build that starts takes what is new; a rerun takes what is old, and one with versions that a person chose takes these. */
const takesAll = (start: Starting | undefined): boolean => start !== undefined && start.cause.kind !== 'rerun' && !start.requested
const takesNewest = ({ cause, chosen }: PendingBuild): boolean => cause.kind !== 'rerun' && chosen === undefined

/** B1, B2: a trigger has a version that no build had, and no build that waits is going to take it. */
function isDue({ inputs, pending }: JobSnapshot, choice: Choice): boolean {
  if (choice.missing.length > 0) return false
  const taken = pending.some(takesNewest)
  return !taken && inputs.some(({ name, trigger }) => trigger && choice.firsts.has(name))
}

/** `choice`: as it is when the pass is over. */
function notTriggered({ inputs, pending }: JobSnapshot, choice: Choice): NotTriggered {
  const triggers = inputs.filter(({ trigger }) => trigger).map(({ name }) => name)
  if (inputs.length === 0) return { kind: 'no-get' }
  if (triggers.length === 0) return { kind: 'no-trigger' }
  if (choice.missing.length > 0) return { kind: 'inputs', missing: choice.missing }
  const waiting = pending.find(takesNewest)
  if (waiting !== undefined && triggers.some((name) => choice.firsts.has(name))) return { kind: 'pending', build: waiting.name }
  return { kind: 'nothing-new', triggers }
}

type Queued = Pick<PendingBuild, 'cause' | 'createdAt' | 'name' | 'order' | 'build' | 'chosen'>

/** Looks at pending builds in order: the first that can starts, and one that waits blocks those behind it (B6). */
class Queue {
  start: Decision['start']
  readonly ends: EndedBuild[] = []
  readonly waits: WaitingBuild[] = []
  readonly checks: WantedCheck[] = []
  readonly #job: JobSnapshot
  readonly #choice: Choice
  readonly #requested: RequestedChoice | undefined
  #blockedBy: string | undefined

  constructor(job: JobSnapshot, choice: Choice, requested: RequestedChoice | undefined) {
    this.#job = job
    this.#choice = choice
    this.#requested = requested
  }

  next(build: BuildId | 'created', queued: Queued): void {
    const { cause, name, chosen } = queued
    if (cause.kind === 'rerun' && cause.gone !== undefined && build !== 'created') {
      this.ends.push({ build, status: 'aborted', message: `the version of input ${cause.gone} that the original had is not there any more` })
      return
    }
    if (chosen?.gone !== undefined && build !== 'created') {
      this.ends.push({ build, status: 'aborted', message: `the version that was chosen for input ${chosen.gone} is not there any more` })
      return
    }
    // One start a pass: what the next one takes depends on what this one took.
    if (this.start !== undefined) return this.#wait(build, false, { kind: 'queued', behind: this.#blockedBy ?? '' })
    if (this.#blockedBy !== undefined) return this.#wait(build, false, { kind: 'queued', behind: this.#blockedBy })
    const lacking = cause.kind === 'rerun' ? undefined : this.#lacking(queued)
    const reason = lacking ?? this.#noSlot(queued)
    this.#blockedBy = name
    if (reason === undefined) this.start = { build, order: build === 'created' ? 'created' : queued.order, name, cause, requested: chosen !== undefined }
    else this.#wait(build, lacking === undefined, reason)
  }

  #wait(build: BuildId | 'created', ready: boolean, reason: PendingReason): void {
    this.waits.push({ build, ready, reason })
  }

  /** Checks come first (B3, B4), then all inputs need a version. */
  #lacking(queued: Queued): PendingReason | undefined {
    const { inputs } = this.#job
    const { chosen, build } = queued
    const awaited = checksAwaited(inputs.filter(({ name }) => chosen?.versions.has(name) !== true), queued)
    if (awaited.length > 0) {
      for (const { resource } of awaited) this.checks.push({ resource, after: queued.createdAt })
      return { kind: 'checking', inputs: awaited.map(({ name }) => name) }
    }
    const { missing } = this.#requested?.build === build ? this.#requested.choice : this.#choice
    if (missing.length === 0) return undefined
    const without = new Set(missing.map(({ input }) => input))
    return { kind: 'inputs', missing, resolved: inputs.map(({ name }) => name).filter((name) => !without.has(name)) }
  }

  #noSlot(queued: Queued): PendingReason | undefined {
    const { slots } = this.#job
    return slots && noSlot(slots, queued)
  }
}
