import { randomBytes } from 'node:crypto'
import { describeApiError, isTransient, mayHaveHappened } from '../client/api-error.ts'
import { podContext } from '../create.ts'
import type { Parts } from '../parts.ts'
import { situationOf } from '../situation.ts'
import { statusOf } from '../step-status.ts'
import type { SandboxKind } from './kind.ts'
import type { Lull } from './lull.ts'
import { sandboxPod } from './sandbox-pod.ts'

export interface WaitingPod {
  readonly name: string
  readonly uid: string
  readonly kind: SandboxKind
  readonly madeAt: number
  readonly ready: boolean
}

interface Followed extends WaitingPod {
  ready: boolean
  readonly unfollow: () => void
  /** Says that it runs, or is of no use. */
  readonly started: () => void
}

/** How long none are made after capacity was lacking. */
export const capacityPauseMs = 120_000
/** After one did not start. A node fails once in about a thousand pods, so the first pause is short; each fault in a row doubles it. */
export const firstFaultPauseMs = 2_000
const longestFaultPauseMs = 600_000

export interface MakingRules {
  readonly lull: Lull
  /** None is made for so long. */
  pause(ms: number): void
  makes(): boolean
}

/** The pods that this process has made and no step has taken: makes them, follows them until they are ready, and drops those that are of no use. */
export class WaitingPods {
  readonly #parts: Omit<Parts, 'sandboxes'>
  readonly #rules: MakingRules
  readonly #waiting = new Map<string, Followed>()
  #faultsInARow = 0

  constructor(parts: Omit<Parts, 'sandboxes'>, rules: MakingRules) {
    this.#parts = parts
    this.#rules = rules
  }

  /** Oldest first. */
  all(): readonly WaitingPod[] {
    return [...this.#waiting.values()]
  }

  async make(kind: SandboxKind): Promise<void> {
    const { api, pods, remover, secrets, settings } = this.#parts
    const { lull, pause, makes } = this.#rules
    const name = `airside-sandbox-${randomBytes(6).toString('hex')}`
    const pullSecrets = kind.pullPolicy === 'Always' ? await secrets.names(name) : []
    const answer = await api.createPod(sandboxPod(name, kind, podContext(this.#parts, { pullSecrets, tagLabels: {} })))
    if (!answer.ok) {
      if (mayHaveHappened(answer.error)) await remover.request(name, undefined, 0).catch(() => {})
      pause(isTransient(answer.error) ? this.#faultPause() : capacityPauseMs)
      return this.#say('making a warm sandbox failed', describeApiError(answer.error))
    }
    const uid = answer.value.metadata?.uid ?? ''
    pods.created(answer.value)
    const one: Followed = { name, uid, kind, madeAt: settings.clock.now(), ready: false, started: lull.begin(), unfollow: pods.follow(uid, () => this.#look(uid)) }
    this.#waiting.set(uid, one)
    // Capacity was lacking, or the server was stopped, while it was being made.
    if (!makes()) await this.drop(one)
  }

  /** Leaves it to whoever asks: it is not waiting any more. */
  forget({ uid }: WaitingPod): void {
    const one = this.#waiting.get(uid)
    this.#waiting.delete(uid)
    one?.unfollow()
    one?.started()
  }

  async drop(one: WaitingPod): Promise<void> {
    this.forget(one)
    await this.#parts.remover.request(one.name, one.uid, 0).catch(() => {})
  }

  #faultPause(): number {
    return Math.min(firstFaultPauseMs * 2 ** this.#faultsInARow++, longestFaultPauseMs)
  }

  #say(message: string, why: string): void {
    this.#parts.settings.log.debug({ component: 'warm-sandboxes', why }, message)
  }

  #look(uid: string): void {
    const { pods, settings } = this.#parts
    const { pause } = this.#rules
    const one = this.#waiting.get(uid)
    if (one === undefined) return
    const pod = pods.byUid(uid)
    if (pod === undefined) {
      if (pods.ghost(uid) === undefined) return
      this.forget(one)
      return pause(capacityPauseMs)
    }
    const situation = situationOf(pod, pods.warnings(uid), settings.supervisorImage)
    switch (situation.kind) {
      case 'running': {
        const status = statusOf(pod)
        // Of one that was started again, as after a node's restart, it could not be told how often its step's container was.
        if ((status?.restartCount ?? 0) > 0) return void this.drop(one)
        if (one.ready || status?.containerID === undefined) return
        one.ready = true
        this.#faultsInARow = 0
        one.started()
        return settings.log.debug({ component: 'warm-sandboxes', pod: one.name }, 'a warm sandbox waits for a step')
      }
      case 'waiting':
        return
      case 'unschedulable':
        // No node is bought for a sandbox.
        pause(capacityPauseMs)
        break
      case 'ending':
        pause(capacityPauseMs)
        return void this.drop(one)
      case 'exited':
      case 'pull-failing':
      case 'start-failing':
      case 'sandbox-failing':
      case 'no-user-namespaces':
        pause(this.#faultPause())
    }
    this.#say('a warm sandbox could not be started', situation.message)
    void this.drop(one)
  }
}
