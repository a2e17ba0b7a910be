import { createHash } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { systemClock, type Clock } from '../../lib/clock.ts'
import type { ProcessOutcome, SupervisorEvent } from '../../runtime/contract.ts'
import { Channel } from '../channel.ts'
import { encodeRecord, RecordKind, type Frame, type Message, type WireRecord } from '../frames.ts'
import { sealOf } from '../sealed-result.ts'
import { alpn } from '../secure.ts'
import { pinOf } from '../server-key.ts'

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
      get: (digest) => this.get(digest),
      put: async (name, data) => {
        const stored = await this.put(name, data)
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

  async get(digest: string): Promise<Buffer> {
    return await this.#artifact(async (channel, next) => {
      channel.send({ type: 'get', digest })
      const pieces: Buffer[] = []
      for (;;) {
        const frame = await next()
        if (frame.kind === 'data') pieces.push(frame.data)
        else if (frame.kind === 'zeros') pieces.push(Buffer.alloc(frame.bytes))
        else if (frame.kind === 'message' && frame.message.type === 'failed') throw new Error(String(frame.message['message']))
        else if (frame.kind === 'message' && frame.message.type === 'done') return Buffer.concat(pieces)
      }
    })
  }

  async put(name: string, data: Uint8Array): Promise<{ digest: string; size: number; receipt: string }> {
    return await this.#artifact(async (channel, next) => {
      const ref = { digest: `sha256:${createHash('sha256').update(data).digest('hex')}`, size: data.length }
      channel.send({ type: 'put', name })
      await channel.sendData(data)
      channel.send({ type: 'done', ...ref })
      const frame = await next()
      if (frame.kind !== 'message' || frame.message.type !== 'stored') throw new Error(JSON.stringify(frame))
      return { ...ref, receipt: String(frame.message['receipt']) }
    })
  }

  /** Repeats `work` on new channels until one does not break. */
  async #artifact<T>(work: (channel: Channel, next: () => Promise<Frame>) => Promise<T>): Promise<T> {
    for (;;) {
      const channel = new Channel(await this.#options.connect(), this.#clock)
      const queue: Frame[] = []
      const next = async (): Promise<Frame> => {
        if (queue.length === 0) queue.push(...((await channel.read()) ?? []))
        const frame = queue.shift()
        if (frame === undefined) throw new BrokenChannel()
        return frame
      }
      try {
        channel.send(this.hello('artifact'))
        const answer = await next()
        if (answer.kind !== 'message' || answer.message.type !== 'welcome') throw new Error(JSON.stringify(answer))
        return await work(channel, next)
      } catch (error) {
        if (!(error instanceof BrokenChannel)) throw error
      } finally {
        channel.destroy()
      }
    }
  }

  #changed(): void {
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const wake of watchers) wake()
  }
}

class BrokenChannel extends Error {}

/** The TLS client that a supervisor is: any name, any chain, this key. */
export function secureClient(stream: Duplex, pin: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: stream, rejectUnauthorized: false, ALPNProtocols: [alpn], minVersion: 'TLSv1.3' }, () => {
      const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
      if (spki === undefined || pinOf(spki) !== pin) {
        socket.destroy()
        return reject(new Error('not the server of this pin'))
      }
      resolve(socket)
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed in the handshake')))
  })
}

/** Connects to `tcp://host:port` with TLS, or to a unix socket's path. */
export async function dialHome(address: string, pin: string): Promise<Duplex> {
  if (!address.startsWith('tcp://')) return await plain({ path: address })
  const { hostname, port } = new URL(address.replace('tcp:', 'http:'))
  return await secureClient(await plain({ host: hostname, port: Number(port) }), pin)
}

function plain(where: { path: string } | { host: string; port: number }): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(where as { path: string }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function onAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}
