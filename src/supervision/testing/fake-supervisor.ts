import type { Duplex } from 'node:stream'
import { systemClock, type Clock } from '../../lib/clock.ts'
import type { ProcessOutcome, SupervisorEvent } from '../../runtime/contract.ts'
import { Channel } from '../channel.ts'
import { encodeRecord, RecordKind, type Message, type WireRecord } from '../frames.ts'
import { sealOf } from '../sealed-result.ts'
import { FakeArtifactChannels } from './fake-artifact-channels.ts'

const outputBytes = 64 * 1024

/** The supervisor's side of the protocol without processes: a script says what an assignment does. */
export interface FakeSupervisorOptions {
  readonly container: string
  readonly uid?: string
  readonly token?: string
  /** A new stream to the server, TLS included. */
  readonly connect: () => Promise<Duplex>
  readonly script: (job: FakeJob) => Promise<ProcessOutcome>
  readonly clock?: Clock
  /** Between attempts to dial, ms. */
  readonly redialMs?: number
}

interface FakeJob {
  /** The assign message, as it came. */
  readonly assign: Message
  /** Aborted by the server's abort. */
  readonly signal: AbortSignal
  stdout(data: string | Uint8Array): void
  stderr(data: string | Uint8Array): void
  event(event: SupervisorEvent): void
  get(digest: string): Promise<Buffer>
  /** Stores it, and puts it into the result. */
  put(name: string, data: Uint8Array): Promise<{ digest: string; size: number; receipt: string }>
  /** Into the result as it is. */
  claim(output: object): void
  /** What the server wrote to an interactive session's stdin so far. */
  readonly input: Buffer
  /** Into the result. */
  respond(data: string): void
}

export class FakeSupervisor {
  /** Every message from the server on control channels. */
  readonly messages: Message[] = []
  readonly refusals: Message[] = []
  /** Assignments that were run, by id: never one twice. */
  readonly ran: string[] = []
  session: string | undefined
  /** The server has taken it for one that has started again without its key. */
  resumed = false
  control: Channel | undefined
  acked = 0
  readonly artifacts: FakeArtifactChannels
  readonly #options: FakeSupervisorOptions
  readonly #clock: Clock
  readonly #states = new Map<string, 'running' | 'finished'>()
  readonly #aborts = new Map<string, AbortController>()
  readonly #stopped = new AbortController()
  readonly #watchers = new Set<() => void>()
  #spool: WireRecord[] = []
  #nextSeq = 1
  #stream: Duplex | undefined

  constructor(options: FakeSupervisorOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.artifacts = new FakeArtifactChannels(async () => {
      const channel = new Channel(await options.connect(), this.#clock)
      channel.send(this.hello('artifact'))
      return channel
    })
  }

  /** Dials and serves until `stop`, a final refusal, or `end`. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const stream = await this.#options.connect().catch(() => undefined)
      if (stream !== undefined) await this.serve(stream)
      if (!this.#stopped.signal.aborted) await this.#clock.sleep(this.#options.redialMs ?? 1, this.#stopped.signal).catch(() => {})
    }
  }

  /** One control channel, to its end. */
  async serve(stream: Duplex): Promise<void> {
    this.#stream = stream
    const channel = new Channel(stream, this.#clock)
    onAbort(this.#stopped.signal, () => channel.destroy())
    channel.send(this.hello('control'))
    for (let frames = await channel.read(); frames !== undefined; frames = await channel.read()) {
      for (const frame of frames) if (frame.kind === 'message') this.#take(channel, frame.message)
      this.#changed()
    }
    if (this.control === channel) this.control = undefined
    this.#changed()
  }

  stop(): void {
    this.#stopped.abort()
  }

  /** Says nothing more on its control channel, and leaves it open. */
  silence(): void {
    this.#stream?.pause()
    this.#stream?.removeAllListeners('data')
  }

  /** Cuts the control channel. */
  cut(): void {
    this.control?.destroy()
  }

  /** Resolves when something of it satisfies the condition. */
  async until(condition: (supervisor: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve)
      })
    }
  }

  hello(purpose: 'control' | 'artifact'): Message {
    const { container, uid, token } = this.#options
    const proof = this.session !== undefined ? { session: this.session } : token !== undefined ? { token } : { first: true }
    return {
      type: 'hello',
      protocol: 1,
      purpose,
      container,
      ...(uid !== undefined && { uid }),
      proof,
      version: 'fake',
      arch: 'amd64',
      restarts: 0,
      ...(purpose === 'control' && {
        assignments: [...this.#states].map(([id, state]) => ({ id, state })),
        firstSeq: this.#spool[0]?.seq ?? this.#nextSeq,
        nextSeq: this.#nextSeq,
      }),
    }
  }

  #take(channel: Channel, message: Message): void {
    this.messages.push(message)
    switch (message.type) {
      case 'welcome':
        this.session = String(message['session'])
        this.resumed = message['resumed'] === true
        this.control = channel
        this.#acknowledged(Number(message['acked']))
        for (const record of this.#spool) channel.sendRaw(encodeRecord(record))
        break
      case 'refused':
        this.refusals.push(message)
        if (message['final'] === true) this.stop()
        break
      case 'ack':
        this.#acknowledged(Number(message['seq']))
        break
      case 'assign':
        if (!this.#states.has(String(message['id']))) void this.#run(message)
        break
      case 'abort':
        this.#abortOf(String(message['id'])).abort()
        break
      case 'end':
        this.stop()
        channel.close()
        break
    }
  }

  #acknowledged(seq: number): void {
    this.acked = Math.max(this.acked, seq)
    this.#spool = this.#spool.filter((record) => record.seq > seq)
  }

  async #run(assign: Message): Promise<void> {
    const id = String(assign['id'])
    this.#states.set(id, 'running')
    this.ran.push(id)
    const outputs: object[] = []
    let response: string | undefined
    const stdinOf = (wanted: string): Buffer =>
      Buffer.concat(this.messages.filter(({ type, id }) => type === 'stdin' && id === wanted).map(({ data }) => Buffer.from(String(data), 'base64')))
    const { signal } = this.#abortOf(id)
    const job: FakeJob = {
      assign,
      signal,
      stdout: (data) => this.#output(id, RecordKind.stdout, Buffer.from(data as string)),
      stderr: (data) => this.#output(id, RecordKind.stderr, Buffer.from(data as string)),
      event: (event) => this.#record(id, RecordKind.event, Buffer.from(JSON.stringify(event))),
      get: (digest) => this.artifacts.get(digest),
      put: async (name, data) => {
        const stored = await this.artifacts.put(name, data)
        outputs.push({ name, ...stored })
        return stored
      },
      claim: (output) => void outputs.push(output),
      get input() {
        return stdinOf(id)
      },
      respond: (data) => (response = Buffer.from(data).toString('base64')),
    }
    const outcome = signal.aborted ? { kind: 'never-started' as const } : await this.#options.script(job)
    this.#states.set(id, 'finished')
    const result = { outcome, aborted: signal.aborted, timedOut: false, startedAt: 1, exitedAt: 2, response, outputs }
    this.tellResult(id, result)
  }

  /** Records a result, sealed with the session key unless it is said otherwise. */
  tellResult(id: string, result: object, seal?: Buffer): void {
    const json = Buffer.from(JSON.stringify(result))
    this.#record(id, RecordKind.result, Buffer.concat([seal ?? sealOf(this.session ?? '', id, json), json]))
  }

  /** Says in its hello that it has, or had, an assignment. */
  remember(id: string, state: 'running' | 'finished'): void {
    this.#states.set(id, state)
  }

  #abortOf(id: string): AbortController {
    const existing = this.#aborts.get(id)
    if (existing !== undefined) return existing
    const made = new AbortController()
    this.#aborts.set(id, made)
    return made
  }

  #output(assignment: string, kind: number, data: Buffer): void {
    for (let at = 0; at < data.length; at += outputBytes) this.#record(assignment, kind, data.subarray(at, at + outputBytes))
  }

  #record(assignment: string, kind: number, data: Buffer): void {
    const record = { seq: this.#nextSeq++, time: this.#clock.now(), kind, assignment, data }
    this.#spool.push(record)
    this.control?.sendRaw(encodeRecord(record))
    this.#changed()
  }

  #changed(): void {
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const wake of watchers) wake()
  }
}

function onAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}
