import type { Clock } from '../lib/clock.ts'
import type { Expectation } from '../runtime/contract.ts'
import type { Channel } from './channel.ts'
import type { Hello } from './messages.ts'
import { proofsOf, sameKey, type Proofs } from './proofs.ts'
import type { Session } from './session.ts'

/** How long the present control channel has to answer a ping before a new one replaces it. */
const answerMs = 5_000
/**
 * How long a supervisor with the session key has been gone before one without it is taken. One that lives redials at the
 * latest after 6.25 s, so a process of the step that shows the container's token is not taken for it.
 */
const resumeAfterMs = 8_000
/** Most hellos without the session key that are checked, or wait for that, at a time: checking a token may need the cluster's API. */
const checksAllowed = 8

export interface Refusal {
  readonly reason: string
  readonly final: boolean
}

type Verdict =
  | { readonly kind: 'keyed' }
  /** A supervisor that was started again and has no session key, or a process of the step that pretends to be one. */
  | { readonly kind: 'resumed' }
  | ({ readonly kind: 'refused' } & Refusal)

const refused = (reason: string, final = false): Verdict => ({ kind: 'refused', reason, final })
const keyNeeded = refused('the session key is needed: this container has reported in before')

type Identity = Parameters<Expectation['identify']>[0]

/** Decides by a channel's hello whether it comes from the container's supervisor. */
export class Introduction {
  readonly #handle: string
  readonly #context: { readonly clock: Clock; readonly secret: Buffer }
  readonly #session: () => Session
  readonly #cancelled: AbortSignal
  #identity: Identity = {}
  #proofs: Proofs | undefined
  #checking = 0

  constructor(handle: string, context: { readonly clock: Clock; readonly secret: Buffer }, session: () => Session, cancelled: AbortSignal) {
    this.#handle = handle
    this.#context = context
    this.#session = session
    this.#cancelled = cancelled
  }

  identify(identity: Identity): void {
    this.#identity = identity
    this.#proofs = proofsOf(this.#context.secret, this.#handle, identity.uid)
  }

  get proofs(): Proofs {
    if (this.#proofs === undefined) throw new Error(`container ${this.#handle} has not been identified`)
    return this.#proofs
  }

  async judge(channel: Channel, hello: Hello): Promise<Verdict> {
    const { protocol, uid, proof, purpose } = hello
    if (protocol !== 1) return refused(`protocol ${protocol} is not spoken here`, true)
    if (this.#identity.uid !== undefined && uid !== this.#identity.uid) return refused('another container of this name is expected', true)
    if ('session' in proof && sameKey(proof.session, this.proofs.session)) return purpose === 'control' ? await this.#unlessAnother() : { kind: 'keyed' }
    if (this.#checking >= checksAllowed) return refused('too many hellos of this container are being checked')
    this.#checking++
    try {
      return await this.#withoutKey(channel, hello)
    } finally {
      this.#checking--
    }
  }

  async #withoutKey(channel: Channel, { proof, purpose }: Hello): Promise<Verdict> {
    const session = this.#session()
    if ('session' in proof) {
      if (!sameKey(proof.session, this.proofs.resumed)) return refused('not the session of this container')
      if (purpose === 'control') return await this.#resume(channel)
      return session.resumed ? { kind: 'resumed' } : refused('not the session of this container')
    }
    if (purpose === 'artifact') return keyNeeded
    const { verifyToken } = this.#identity
    if ('token' in proof) {
      if (verifyToken === undefined) return refused('no token is expected')
      const verdict = await verifyToken(proof.token)
      if (!verdict.ok) return refused(`the token is not good: ${verdict.error}`)
    } else if (verifyToken !== undefined) return refused('a token is needed')
    // Once a process of a step may have run, it has the token too.
    return session.assigned ? await this.#resume(channel) : await this.#unlessAnother()
  }

  /** One control channel at a time: a new one is refused while the present one answers. */
  async #unlessAnother(): Promise<Verdict> {
    const session = this.#session()
    const stays = session.connected && !session.resumed && (await session.answers(answerMs))
    return stays ? refused('its control channel answers') : { kind: 'keyed' }
  }

  async #resume(channel: Channel): Promise<Verdict> {
    const session = this.#session()
    if (await session.answers(answerMs)) return keyNeeded
    session.close() // if it lives, it dials again
    return (await this.#keyStaysAway(channel)) ? { kind: 'resumed' } : keyNeeded
  }

  /** Waits until no supervisor with the session key has been connected for long enough; false: one has connected. */
  async #keyStaysAway(channel: Channel): Promise<boolean> {
    const session = this.#session()
    const { clock } = this.#context
    for (;;) {
      if (this.#cancelled.aborted || !channel.open || (session.connected && !session.resumed)) return false
      const left = session.keyedUntil + resumeAfterMs - clock.now()
      if (left <= 0) return !session.connected
      await clock.sleep(left, this.#cancelled).catch(() => {})
    }
  }
}
