import type { Duplex } from 'node:stream'
import type { ArtifactStore } from '../artifacts/store.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { ExpectOptions, Expectation } from '../runtime/contract.ts'
import { serveArtifacts } from './artifact-channel.ts'
import type { Channel } from './channel.ts'
import type { Listener, Peer } from './listener.ts'
import { Introduction, type Refusal } from './introduction.ts'
import { Session } from './session.ts'

/** Hellos of one container that wait for its create call to return. */
const heldAllowed = 8
/** A supervisor opens 4 for an assignment and 2 for guesses; as many again may be left of a connection that broke. */
const artifactChannelsAllowed = 16
const redialFirstMs = 100
const redialLongestMs = 5_000

export interface ExpectationContext {
  readonly clock: Clock
  readonly log: Log
  readonly secret: Buffer
  readonly store: ArtifactStore
  readonly listener: Listener
  readonly gatherMs: number
  readonly outputLimit: number
  readonly onCancelled: () => void
  readonly onLeft: () => void
}

type Identity = Parameters<Expectation['identify']>[0]

/** One container that may report in: holds its hellos, checks their proofs, and owns its session, channels and sockets. */
export class ContainerExpectation implements Expectation {
  readonly reported: Promise<Session>
  readonly #handle: string
  readonly #context: ExpectationContext
  readonly #session: Session
  readonly #introduction: Introduction
  readonly #report: (session: Session) => void
  readonly #channels = new Set<Channel>()
  readonly #streams = new Set<Duplex>()
  readonly #sockets: (() => Promise<void>)[] = []
  readonly #cancelled = new AbortController()
  readonly #dialledControls = new WeakSet<Channel>()
  #held: Peer[] = []
  #identified = false
  #want: ((channels: number) => void) | undefined
  #redialMs = redialFirstMs
  readonly #artifactChannels = new Map<Channel, 'keyed' | 'resumed'>()
  /** Dialled streams that have not said hello yet. */
  #dialling = 0
  /** Streams that the runtime was asked for and has not dialled yet. */
  #wanted = 0
  #dialSoon = false

  constructor(handle: string, options: ExpectOptions, context: ExpectationContext) {
    this.#handle = handle
    this.#context = context
    const { promise, resolve } = Promise.withResolvers<Session>()
    this.reported = promise
    this.#report = resolve
    this.#introduction = new Introduction(handle, context, () => this.#session, this.#cancelled.signal)
    this.#session = new Session({
      ...context,
      proofs: () => this.#introduction.proofs,
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
    this.#introduction.identify(identity)
    this.#identified = true
    const held = this.#held
    this.#held = []
    for (const peer of held) void this.#decide(peer)
  }

  async listenUnix(dir: string): Promise<void> {
    const close = await this.#context.listener.listenUnix(dir, this.#handle)
    if (this.#cancelled.signal.aborted) await close()
    else this.#sockets.push(close)
  }

  dialled(stream: Duplex): void {
    if (this.#wanted > 0) this.#wanted--
    if (this.#cancelled.signal.aborted) return void stream.on('error', () => {}).destroy()
    this.#streams.add(stream)
    stream.once('close', () => {
      this.#streams.delete(stream)
      // A failed dial is noticed here only.
      if (!this.#session.connected) this.#dialAgain()
    })
    this.#dialling++
    void this.#context.listener.welcome(stream, { tls: true, handle: this.#handle, dialled: true }).finally(() => this.#dialling--)
  }

  onWant(callback: (channels: number) => void): void {
    this.#want = callback
  }

  async cancel(): Promise<void> {
    if (this.#cancelled.signal.aborted) return
    this.#cancelled.abort()
    this.#context.onCancelled()
    // A supervisor that was dialled does not reconnect by itself.
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

  /** Takes a peer that claims to be this container. */
  introduce(peer: Peer): void {
    const { channel } = peer
    this.#channels.add(channel)
    void channel.closed.then(() => {
      this.#channels.delete(channel)
      this.#held = this.#held.filter((held) => held.channel !== channel)
    })
    if (this.#identified) return void this.#decide(peer)
    this.#held.push(peer)
    if (this.#held.length > heldAllowed) this.#held.shift()?.channel.destroy('too many wait')
  }

  async #decide({ channel, hello, dialled }: Peer): Promise<void> {
    const verdict = await this.#introduction.judge(channel, hello)
    if (this.#cancelled.signal.aborted) return refuse(channel, notWanted)
    if (verdict.kind === 'refused') {
      this.#context.log.info({ component: 'supervision', container: this.#handle, reason: verdict.reason }, 'refused a supervisor')
      return refuse(channel, verdict)
    }
    channel.trust()
    const resumed = verdict.kind === 'resumed'
    if (hello.purpose === 'artifact') {
      if (this.#artifactChannels.size >= artifactChannelsAllowed) return refuse(channel, tooManyChannels)
      this.#artifactChannels.set(channel, verdict.kind)
      void channel.closed.then(() => this.#artifactChannels.delete(channel))
      const { session, resumed: key, receipt } = this.#introduction.proofs
      channel.send({ type: 'welcome', session: resumed ? key : session, acked: 0, ...(resumed && { resumed }) })
      channel.onHeard = (now) => this.#session.heard(now)
      return await serveArtifacts(channel, { ...this.#context, receipt, mayRead: (digest) => this.#session.mayRead(digest) })
    }
    if (dialled) this.#dialledControls.add(channel)
    await this.#session.attach(channel, hello, resumed)
    if (!resumed) for (const [open, standing] of this.#artifactChannels) if (standing === 'resumed') open.destroy('the supervisor with the session key is back')
    this.#redialMs = redialFirstMs
    this.#report(this.#session)
  }

  /** Asks the runtime for streams, as many as this container may still have. */
  #dialMore(channels: number): void {
    const free = artifactChannelsAllowed - this.#streams.size - this.#wanted
    if (this.#want === undefined || free <= 0) return
    const asked = Math.min(channels, free)
    this.#wanted += asked
    this.#want(asked)
  }

  /** Asks the runtime for a control stream, and again with growing pauses while none succeeds. */
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

export function refuse(channel: Channel, { reason, final }: Refusal): void {
  channel.send({ type: 'refused', reason, final })
  channel.close()
}
