import type { Duplex } from 'node:stream'
import type { ArtifactStore } from '../artifacts/store.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { ExpectOptions, Expectation } from '../runtime/contract.ts'
import { serveArtifacts } from './artifact-channel.ts'
import type { Channel } from './channel.ts'
import type { Door, Visitor } from './door.ts'
import type { Hello } from './messages.ts'
import { sameKey, sessionKey } from './proofs.ts'
import { Session } from './session.ts'

/** Hellos of one container that wait for its create call to return. */
const heldAllowed = 8
/** Hellos of one container whose proofs are being checked: a token is checked by the cluster's API. */
const decidingAllowed = 8
/** A supervisor opens 4 for an assignment and 2 for guesses; as many again may be left of a connection that broke. */
const artifactChannelsAllowed = 16
const redialFirstMs = 100
const redialLongestMs = 5_000

export interface ExpectationContext {
  readonly clock: Clock
  readonly log: Log
  readonly secret: Buffer
  readonly store: ArtifactStore
  readonly door: Door
  readonly gatherMs: number
  readonly onCancelled: () => void
  readonly onLeft: () => void
}

type Identity = Parameters<Expectation['identify']>[0]
interface Refusal {
  readonly reason: string
  readonly final: boolean
}

/** One container that may report in: holds its hellos, checks their proofs, and owns its session, channels and sockets. */
export class ContainerExpectation implements Expectation {
  readonly reported: Promise<Session>
  readonly #handle: string
  readonly #options: ExpectOptions
  readonly #context: ExpectationContext
  readonly #session: Session
  readonly #report: (session: Session) => void
  readonly #channels = new Set<Channel>()
  readonly #streams = new Set<Duplex>()
  readonly #sockets: (() => Promise<void>)[] = []
  readonly #cancelled = new AbortController()
  readonly #dialledControls = new WeakSet<Channel>()
  #held: Visitor[] = []
  #identity: Identity | undefined
  #want: ((channels: number) => void) | undefined
  #redialMs = redialFirstMs
  readonly #artifactChannels = new Set<Channel>()
  #deciding = 0
  /** Dialled streams that have not said hello yet. */
  #dialling = 0
  /** Streams that the runtime was asked for and has not dialled yet. */
  #wanted = 0
  #dialSoon = false

  constructor(handle: string, options: ExpectOptions, context: ExpectationContext) {
    this.#handle = handle
    this.#options = options
    this.#context = context
    const { promise, resolve } = Promise.withResolvers<Session>()
    this.reported = promise
    this.#report = resolve
    this.#session = new Session({
      ...context,
      assigned: options.assigned,
      acked: options.acked,
      over: options.over,
      onWant: (channels) => this.#dialMore(channels),
      onControlLost: (channel) => {
        if (this.#dialledControls.has(channel)) this.#dialAgain()
      },
    })
  }

  identify(identity: Identity): void {
    this.#identity = identity
    const held = this.#held
    this.#held = []
    for (const visitor of held) void this.#decide(visitor)
  }

  async listenUnix(dir: string): Promise<void> {
    const close = await this.#context.door.listenUnix(dir, this.#handle)
    if (this.#cancelled.signal.aborted) await close()
    else this.#sockets.push(close)
  }

  dialled(stream: Duplex): void {
    if (this.#wanted > 0) this.#wanted--
    if (this.#cancelled.signal.aborted) return void stream.on('error', () => {}).destroy()
    this.#streams.add(stream)
    stream.once('close', () => {
      this.#streams.delete(stream)
      // If it came to nothing, nobody else will notice.
      if (!this.#session.connected) this.#dialAgain()
    })
    this.#dialling++
    void this.#context.door.welcome(stream, { tls: true, handle: this.#handle, dialled: true }).finally(() => this.#dialling--)
  }

  onWant(callback: (channels: number) => void): void {
    this.#want = callback
  }

  async cancel(): Promise<void> {
    if (this.#cancelled.signal.aborted) return
    this.#cancelled.abort()
    this.#context.onCancelled()
    // Who was dialled would not hear of it by coming again.
    await this.#session.dismiss({ type: 'refused', ...notWanted })
    await this.#close(notWanted)
  }

  async leave(): Promise<void> {
    if (this.#cancelled.signal.aborted) return
    this.#cancelled.abort()
    this.#context.onLeft()
    await this.#close({ reason: 'the server stops', final: false })
  }

  async #close(why: Parameters<typeof refuse>[1]): Promise<void> {
    for (const { channel } of this.#held) refuse(channel, why)
    this.#held = []
    this.#session.close()
    for (const channel of this.#channels) channel.destroy('not expected any more')
    for (const stream of this.#streams) stream.destroy()
    await Promise.all(this.#sockets.map((close) => close()))
  }

  /** Takes someone who says that they are this container. */
  visit(visitor: Visitor): void {
    const { channel } = visitor
    this.#channels.add(channel)
    void channel.closed.then(() => {
      this.#channels.delete(channel)
      this.#held = this.#held.filter((held) => held.channel !== channel)
    })
    if (this.#identity !== undefined) return void this.#decide(visitor)
    this.#held.push(visitor)
    if (this.#held.length > heldAllowed) this.#held.shift()?.channel.destroy('too many wait')
  }

  async #decide({ channel, hello, dialled }: Visitor): Promise<void> {
    if (this.#deciding >= decidingAllowed) return channel.destroy('too many hellos of this container are being checked')
    this.#deciding++
    const refusal = await this.#check(hello).finally(() => this.#deciding--)
    if (this.#cancelled.signal.aborted) return refuse(channel, notWanted)
    if (refusal !== undefined) {
      this.#context.log.info({ container: this.#handle, reason: refusal.reason }, 'a supervisor was refused')
      return refuse(channel, refusal)
    }
    channel.trust()
    if ('session' in hello.proof) this.#session.confirm()
    const key = sessionKey(this.#context.secret, this.#handle, hello.uid)
    if (hello.purpose === 'artifact') {
      this.#artifactChannels.add(channel)
      void channel.closed.then(() => this.#artifactChannels.delete(channel))
      channel.send({ type: 'welcome', session: key, acked: 0 })
      channel.onHeard = (now) => this.#session.heard(now)
      return await serveArtifacts(channel, { ...this.#context, mayRead: (digest) => this.#session.mayRead(digest) })
    }
    if (dialled) this.#dialledControls.add(channel)
    await this.#session.attach(channel, hello, key)
    this.#redialMs = redialFirstMs
    this.#report(this.#session)
  }

  async #check({ protocol, uid, proof, purpose }: Hello): Promise<Refusal | undefined> {
    const { uid: expected, verifyToken } = this.#identity ?? {}
    if (protocol !== 1) return { reason: `protocol ${protocol} is not spoken here`, final: true }
    if (expected !== undefined && uid !== expected) return { reason: 'another container of this name is expected', final: true }
    if ('session' in proof) {
      if (!sameKey(proof.session, sessionKey(this.#context.secret, this.#handle, uid))) return { reason: 'not the session of this container', final: false }
      return purpose === 'artifact' && this.#artifactChannels.size >= artifactChannelsAllowed ? tooManyChannels : undefined
    }
    const spent: Refusal = { reason: 'the session key is needed: this container has reported in before', final: false }
    if (purpose !== 'control' || this.#spent) return spent
    if ('first' in proof) return verifyToken === undefined ? undefined : { reason: 'a token is needed', final: false }
    if (verifyToken === undefined) return { reason: 'no token is expected', final: false }
    const verdict = await verifyToken(proof.token)
    if (!verdict.ok) return { reason: `the token is not good: ${verdict.error}`, final: false }
    return this.#spent ? spent : undefined
  }

  get #spent(): boolean {
    return this.#options.assigned || this.#session.sealed
  }

  /** Asks the runtime for streams, as many as this container may still have. */
  #dialMore(channels: number): void {
    const free = artifactChannelsAllowed - this.#streams.size - this.#wanted
    if (this.#want === undefined || free <= 0) return
    const asked = Math.min(channels, free)
    this.#wanted += asked
    this.#want(asked)
  }

  /** Asks the runtime for a control stream; a stream that comes to nothing is followed by another, later each time. */
  #dialAgain(): void {
    if (this.#want === undefined || this.#dialSoon || this.#cancelled.signal.aborted) return
    this.#dialSoon = true
    const wait = this.#redialMs
    this.#redialMs = Math.min(2 * wait, redialLongestMs)
    void this.#context.clock.sleep(wait, this.#cancelled.signal).then(
      () => {
        this.#dialSoon = false
        if (this.#session.connected || this.#dialling > 0) return
        this.#wanted++
        this.#want?.(1)
      },
      () => {},
    )
  }
}

const tooManyChannels: Refusal = { reason: `this container has ${artifactChannelsAllowed} artifact channels, which is the most it may have`, final: false }

export const notWanted: Refusal = { reason: 'this container is not wanted any more', final: true }

export function refuse(channel: Channel, refusal: Refusal): void {
  channel.send({ type: 'refused', ...refusal })
  channel.close()
}
