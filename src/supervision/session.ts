import { atMost } from '../lib/at-most.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type {
  Assignment, AssignmentResult, ContainerLost, InterceptedProcess, Interception, InterceptOptions, RecordSink, SupervisorSession,
} from '../runtime/contract.ts'
import type { Channel } from './channel.ts'
import { ProtocolError, type Message } from './frames.ts'
import { Intake } from './intake.ts'
import { intercept, sessionPrefix, type InteractiveSession, type Work } from './intercept.ts'
import { assignMessage, failedResult, wantSchema, type Hello } from './messages.ts'
import { Pings } from './pings.ts'
import type { Proofs } from './proofs.ts'
import { killedResult, openResult } from './sealed-result.ts'
import { neverStarted, unnumbered, type SentAssignment } from './sent-assignment.ts'

export interface SessionOptions {
  readonly clock: Clock
  readonly log: Log
  /** An assignment was sent before this process started. */
  readonly assigned: boolean
  readonly acked: number | undefined
  readonly over?: boolean | undefined
  readonly gatherMs: number
  readonly outputLimit: number
  /** Called when a supervisor of this container has reported in. */
  readonly proofs: () => Proofs
  readonly onWant: (channels: number) => void
  readonly onControlLost: (channel: Channel) => void
}

/** A supervisor that has reported in; its control channels come and go. */
export class Session implements SupervisorSession, InteractiveSession {
  readonly #options: SessionOptions
  readonly #intake: Intake
  architecture: string | undefined
  readonly #current = new Map<string, SentAssignment>()
  readonly #readable = new Set<string>()
  /** Ids that the supervisor had when it last reported in. */
  #known = new Set<string>()
  /** Of these it said that they have finished: id → its last record then. */
  #finished = new Map<string, number>()
  /** The control channel is that of a supervisor that has started again without the session key. */
  #resumed = false
  /** When such a one may be taken at the earliest, unless the other one comes back. */
  #keyedUntil: number
  #control: Channel | undefined
  #lastHeard: number
  #ackSent = 0
  #assignSent: boolean
  #ending = false
  /** Unix ms until which the supervisor is to stay. */
  #keptUntil: number | undefined
  readonly #pings: Pings

  constructor(options: SessionOptions) {
    this.#options = options
    this.#pings = new Pings(options.clock)
    this.#assignSent = options.assigned
    this.#lastHeard = this.#keyedUntil = options.clock.now()
    this.#intake = new Intake(options.clock, options)
    this.#intake.onDurable = () => {
      this.#acknowledge()
      this.#settleLost()
    }
    this.#intake.onRewind = () => this.#control?.destroy('records must come again')
  }

  get connected(): boolean {
    return this.#control !== undefined
  }

  silentFor(): number {
    return this.#options.clock.now() - this.#lastHeard
  }

  /** A process of a step may have run in the container, so the token or `first` proves nothing any more. */
  get assigned(): boolean {
    return this.#assignSent
  }

  /** The connected supervisor was started again and has no session key. */
  get resumed(): boolean {
    return this.#control !== undefined && this.#resumed
  }

  /** Unix ms until when a supervisor with the session key was last connected, or might have been. */
  get keyedUntil(): number {
    return this.#control !== undefined && !this.#resumed ? this.#options.clock.now() : this.#keyedUntil
  }

  /** Whether the control channel's other end answers within this time. */
  async answers(withinMs: number): Promise<boolean> {
    const channel = this.#control
    if (channel === undefined) return false
    return this.#pings.answered(() => channel.send({ type: 'ping' }), { withinMs, closed: channel.closed })
  }

  heard(now: number): void {
    this.#lastHeard = now
  }

  mayRead(digest: string): 'yes' | 'no' | 'not-known-yet' {
    if (this.#resumed) return 'no' // it runs nothing, so it needs no inputs
    if (this.#readable.has(digest)) return 'yes'
    return this.#options.assigned && !this.#intake.claimed ? 'not-known-yet' : 'no'
  }

  /**
   * Takes a control channel whose hello was accepted, in place of the one before. `resumed`: of a supervisor that has started
   * again without the session key, and gets no assignment.
   */
  async attach(channel: Channel, hello: Hello, resumed: boolean): Promise<void> {
    this.#intake.startAt(hello.firstSeq)
    // Its spool lost what we have (a node's power cut): everything is made durable, so that it counts on after that.
    if (hello.nextSeq <= this.#intake.received) await this.#intake.flush()
    if (!channel.open) return
    const before = this.#control
    this.#control = channel
    this.#resumed = resumed
    before?.destroy('a newer control channel has taken its place')
    this.architecture = hello.arch === 'unknown' ? undefined : hello.arch
    channel.onHeard = (now) => this.heard(now)
    this.heard(this.#options.clock.now())
    this.#known = new Set(hello.assignments.map(({ id }) => id))
    this.#finished = new Map(hello.assignments.filter(({ state }) => state === 'finished').map(({ id }) => [id, hello.nextSeq - 1]))
    this.#ackSent = this.#intake.acked
    const { session, resumed: key } = this.#options.proofs()
    channel.send({ type: 'welcome', session: resumed ? key : session, acked: this.#ackSent, ...(resumed && { resumed }) })
    for (const sent of this.#current.values()) this.#send(sent)
    for (const { id, state } of hello.assignments) {
      // Its user was connected through the previous server.
      if (state === 'running' && id.startsWith(sessionPrefix) && !this.#current.has(id)) channel.send({ type: 'abort', id })
    }
    this.#sendKeep()
    if (this.#ending) channel.send({ type: 'end' })
    void this.#serve(channel)
    this.#settleLost()
  }

  assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal, lost: Promise<ContainerLost>): Promise<Result<AssignmentResult, ContainerLost>> {
    return this.run({ assignment, sink, signal, lost, interactive: false })
  }

  /** Rejects when the sink does; run it again to go on. */
  async run({ assignment, sink, signal, lost, interactive }: Work): Promise<Result<AssignmentResult, ContainerLost>> {
    const { id } = assignment
    if (this.#current.has(id)) throw new Error(`assignment ${id} is being done already`)
    for (const { artifact } of [...assignment.inputs, ...assignment.caches]) if (artifact !== undefined) this.#readable.add(artifact.digest)
    if (signal.aborted && !this.#assignSent) return ok(neverStarted)
    const { promise, resolve, reject } = Promise.withResolvers<Result<AssignmentResult, ContainerLost>>()
    const sent: SentAssignment = { assignment, interactive, sent: false, aborted: signal.aborted, settle: resolve, reject }
    this.#current.set(id, sent)
    const abort = (): void => this.#abort(sent)
    signal.addEventListener('abort', abort, { once: true })
    void lost.then(async (reason) => {
      await this.#intake.flush()
      resolve(fail(reason))
    }, reject)
    try {
      const onResult = (data: Buffer, seq: number): void => resolve(ok({ ...openResult(data, id, this.#options.proofs()), seq, settled: () => this.#intake.settle(seq) }))
      this.#intake.attach(id, { sink, onResult, onSinkFailure: reject }, interactive)
      this.#send(sent)
      this.#settleLost()
      const outcome = await promise
      if (!outcome.ok) this.#intake.detach(id)
      return outcome
    } finally {
      signal.removeEventListener('abort', abort)
      this.#current.delete(id)
    }
  }

  intercept(process: InterceptedProcess, options: InterceptOptions, lost: Promise<ContainerLost>): Interception {
    return intercept(this, process, { ...options, lost, clock: this.#options.clock })
  }

  prefetch(artifacts: readonly ArtifactRef[]): void {
    for (const { digest } of artifacts) this.#readable.add(digest)
    this.tell({ type: 'prefetch', artifacts })
  }

  async keep(seconds: number, timeoutMs: number): Promise<void> {
    this.#keptUntil = this.#options.clock.now() + seconds * 1000
    // The supervisor answers a ping after it has taken what was sent before.
    await this.#pings.answered(() => this.#sendKeep(), { withinMs: timeoutMs })
  }

  async end(timeoutMs: number): Promise<void> {
    this.#ending = true
    const channel = this.#control
    if (channel === undefined) return
    channel.send({ type: 'end' })
    await atMost(this.#options.clock, timeoutMs, channel.closed)
  }

  /** Sends a message on the control channel; dropped when there is none. */
  tell(message: Message): void {
    this.#control?.send(message)
  }

  /** Resolves when the supervisor takes more. */
  async drained(): Promise<void> {
    await this.#control?.drain()
  }

  /** Closes the control channel. */
  close(): void {
    this.#control?.destroy('not expected any more, or silent')
  }

  /** Sends a final message, after which the supervisor does not reconnect. Resolves when the channel has closed. */
  async dismiss(message: Message): Promise<void> {
    const channel = this.#control
    channel?.send(message)
    channel?.close()
    await channel?.closed
  }

  #send(sent: SentAssignment): void {
    const { assignment, interactive } = sent
    if (this.#control === undefined) return
    if (!this.#known.has(assignment.id)) {
      if (this.#resumed) return sent.settle(ok(unnumbered(killedResult('the container\'s supervisor was killed and knows nothing of the step any more'))))
      try {
        this.#control.send(assignMessage(assignment, interactive, this.#options.outputLimit))
        this.#assignSent = sent.sent = true
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        return sent.settle(ok(unnumbered(failedResult('start-failed', `the step's request cannot be sent to its container: ${error.message}`))))
      }
    } else sent.sent = true
    if (sent.aborted) this.#control.send({ type: 'abort', id: assignment.id })
  }

  #abort(sent: SentAssignment): void {
    sent.aborted = true
    const { id } = sent.assignment
    if (sent.sent || this.#options.assigned) return this.tell({ type: 'abort', id })
    this.#intake.detach(id)
    sent.settle(ok(neverStarted))
  }

  async #serve(channel: Channel): Promise<void> {
    try {
      for (let frames = await channel.read(); frames !== undefined; frames = await channel.read()) {
        if (this.#control !== channel) return
        for (const frame of frames) {
          if (frame.kind === 'record') this.#intake.accept(frame.record)
          else if (frame.kind === 'message') this.#take(frame.message)
          else throw new ProtocolError('artifact data on a control channel')
        }
        await this.#intake.room()
      }
    } catch (error) {
      channel.destroy(messageOf(error))
      if (!(error instanceof ProtocolError)) this.#options.log.error({ err: error, component: 'supervision' }, 'control channel failed')
    } finally {
      if (this.#control === channel) {
        if (!this.#resumed) this.#keyedUntil = this.#options.clock.now()
        this.#control = undefined
        this.#options.onControlLost(channel)
      }
    }
  }

  /** Ends assignments that have finished for the supervisor and whose results it does not have any more: its spool was lost, or changed by the step. */
  #settleLost(): void {
    for (const [id, last] of this.#finished) {
      const sent = this.#current.get(id)
      if (sent !== undefined && this.#intake.isGiven(last)) sent.settle(ok(unnumbered(killedResult('the result of the step was lost in its container'))))
    }
  }

  #sendKeep(): void {
    if (this.#keptUntil === undefined) return
    const seconds = Math.max(1, Math.round((this.#keptUntil - this.#options.clock.now()) / 1000))
    this.tell({ type: 'keep', seconds })
    this.tell({ type: 'ping' })
  }

  #take(message: Message): void {
    if (message.type === 'pong') this.#pings.onPong()
    const want = wantSchema.safeParse(message)
    if (want.success) this.#options.onWant(want.data.channels)
  }

  #acknowledge(): void {
    const seq = this.#intake.acked
    const channel = this.#control
    if (channel === undefined || seq <= this.#ackSent) return
    // Acknowledgements to a supervisor that does not read would pile up: only the latest is sent.
    if (!channel.drained) return void channel.drain().then(() => this.#acknowledge())
    this.#ackSent = seq
    channel.send({ type: 'ack', seq })
  }
}
