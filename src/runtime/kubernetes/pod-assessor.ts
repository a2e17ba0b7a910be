import type { PrepareError, WaitReason } from '../contract.ts'
import { endingOf, neverStarted, nodeNotReady } from './endings.ts'
import type { Pod } from './client/objects.ts'
import { situationOf, type Situation, type Warning } from './situation.ts'

/** What to do about a pod whose supervisor has not reported in yet. */
export type Verdict =
  | { readonly kind: 'wait'; readonly reason?: WaitReason; readonly dial: boolean; /** Look again after so long, if nothing happens before. */ readonly againMs?: number }
  | { readonly kind: 'fail'; readonly error: PrepareError }
  /** Make it anew: the infrastructure lost it before it did anything, or the node lacks an ability. */
  | { readonly kind: 'again'; readonly why: 'lost' | 'no-image-volumes' | 'no-user-namespaces'; readonly message: string }

export interface PodAssessorContext {
  readonly supervisorImage: string
  readonly stepImage: string
  readonly imageVolume: boolean
  /** Whether the delivery and isolation may be changed for this pod. */
  readonly flexible: boolean
  readonly guess: boolean
  readonly adopting: boolean
  /** A pod of this container was lost before. */
  readonly secondTry: boolean
  readonly pullGraceMs: number
  readonly tunnelAfterMs: number
  readonly forced: 'home' | 'tunnel' | undefined
}

const quietMs = 1_500
const startGraceMs = 8_000
const reportPatienceMs = 300_000
const nodeGraceMs = 30_000

/** Remembers since when a pod has been in its situation; time is a parameter. */
export class PodAssessor {
  readonly #context: PodAssessorContext
  readonly #since: number
  #kind: string | undefined
  #kindSince = 0

  constructor(context: PodAssessorContext, now: number) {
    this.#context = context
    this.#since = now
  }

  /** `pod` undefined: the watch has not shown it yet. */
  assess(pod: Pod | undefined, gone: boolean, warnings: readonly Warning[], now: number): Verdict {
    if (pod === undefined) return this.#wait(undefined, now)
    const situation: Situation = gone ? { kind: 'ending' } : situationOf(pod, warnings, this.#context.supervisorImage)
    // Pull errors alternate with back-offs: both are one situation.
    if (this.#kind !== situation.kind) {
      this.#kind = situation.kind
      this.#kindSince = now
    }
    return this.#decide(situation, pod, gone, now)
  }

  #decide(situation: Situation, pod: Pod, gone: boolean, now: number): Verdict {
    const { guess, adopting, flexible, imageVolume, stepImage, supervisorImage } = this.#context
    const lasted = now - this.#kindSince
    switch (situation.kind) {
      case 'waiting':
        return this.#wait(situation.reason, now)
      case 'unschedulable': {
        if (guess) return { kind: 'fail', error: { kind: 'no-room', message: situation.message } }
        return { kind: 'wait', dial: false, reason: { kind: 'unschedulable', message: situation.message } }
      }
      case 'pull-failing': {
        const image = situation.whose === 'step' ? stepImage : supervisorImage
        const message = situation.whose === 'step' ? situation.message : supervisorAdvice(supervisorImage, situation.message)
        const left = this.#context.pullGraceMs - lasted
        if (situation.permanent || left <= 0) return { kind: 'fail', error: { kind: 'image-pull', message, image } }
        return { kind: 'wait', dial: false, reason: { kind: 'pull-error', message: `${message} (trying again for up to ${Math.round(this.#context.pullGraceMs / 1000)} s)` }, againMs: left }
      }
      case 'sandbox-failing':
        // Mostly transient, and a new pod starts sooner than the kubelet's next attempt.
        if (!adopting && !this.#context.secondTry) return { kind: 'again', why: 'lost', message: situation.message }
        return { kind: 'wait', dial: false, reason: { kind: 'network', message: situation.message } }
      case 'no-user-namespaces':
        // Only a definite refusal counts at once: isolation is not given up because of a transient failure.
        if (!adopting && !this.#context.secondTry && !situation.lasting) return { kind: 'again', why: 'lost', message: situation.message }
        if (flexible) return { kind: 'again', why: 'no-user-namespaces', message: situation.message }
        return { kind: 'wait', dial: false, reason: { kind: 'network', message: situation.message } }
      case 'start-failing': {
        if (imageVolume && flexible) return { kind: 'again', why: 'no-image-volumes', message: situation.message }
        const grace = /CreateContainerConfigError|exec format error/.test(situation.message) ? 2_000 : startGraceMs
        if (lasted < grace) return { kind: 'wait', dial: false, reason: { kind: 'starting', message: situation.message }, againMs: grace - lasted }
        return { kind: 'fail', error: { kind: situation.stage === 'CreateContainerConfigError' ? 'rejected' : 'died', message: startWords(situation.message) } }
      }
      case 'exited':
        if (adopting) return { kind: 'wait', dial: false, reason: { kind: 'starting', message: situation.message } }
        if (imageVolume && flexible && situation.restarts < 2 && /StartError|ContainerCannotRun|no such file/.test(situation.message)) {
          return { kind: 'again', why: 'no-image-volumes', message: situation.message }
        }
        if (situation.restarts < 2 && !/OOM|memory|StartError|Completed/.test(situation.message)) {
          return { kind: 'wait', dial: false, reason: { kind: 'starting', message: situation.message } }
        }
        return { kind: 'fail', error: { kind: 'died', message: startWords(situation.message) } }
      case 'running':
        return this.#running(pod, now)
      case 'ending': {
        const ending = endingOf(pod)
        const over = gone || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
        // Terminating with an assignment: the supervisor delivers what it has until the pod is over.
        if (adopting) return over ? { kind: 'fail', error: ending } : { kind: 'wait', dial: this.#context.forced === 'tunnel' }
        if (guess) return { kind: 'fail', error: { ...ending, mayStillRun: false } }
        const byItself = pod.status?.phase === 'Succeeded' && !neverStarted(pod)
        if (byItself) return { kind: 'fail', error: { kind: 'died', message: 'the supervisor ended before it reported in' } }
        // It never had an assignment, so it can be created again.
        return { kind: 'again', why: 'lost', message: ending.message }
      }
    }
  }

  #wait(reason: WaitReason | undefined, now: number): Verdict {
    const { forced } = this.#context
    const left = quietMs - (now - this.#since)
    // Short waits are not reported.
    if (left > 0 && reason?.kind === 'starting') return { kind: 'wait', dial: forced === 'tunnel', againMs: left }
    return { kind: 'wait', dial: forced === 'tunnel', ...(reason === undefined ? {} : { reason }) }
  }

  #running(pod: Pod, now: number): Verdict {
    const { adopting, forced, tunnelAfterMs } = this.#context
    const lasted = now - this.#kindSince
    const silentNode = nodeNotReady(pod)
    if (silentNode && lasted > nodeGraceMs) {
      const error: PrepareError = { kind: 'lost', message: `node ${pod.spec?.nodeName ?? ''} is not ready and the supervisor is silent`, mayStillRun: adopting }
      if (adopting) return { kind: 'fail', error }
      return { kind: 'again', why: 'lost', message: error.message }
    }
    if (!adopting && lasted > reportPatienceMs) {
      return { kind: 'fail', error: { kind: 'died', message: 'the container runs, but its supervisor could not report in, neither by the network nor through the Kubernetes API' } }
    }
    const dial = forced === 'tunnel' || (forced === undefined && lasted >= tunnelAfterMs)
    const next = [tunnelAfterMs, nodeGraceMs + 1, reportPatienceMs + 1].map((at) => at - lasted).filter((left) => left > 0)
    return {
      kind: 'wait',
      dial,
      ...(lasted < tunnelAfterMs ? {} : { reason: { kind: 'starting', message: 'the container runs; waiting for its supervisor to report in' } }),
      againMs: Math.min(...next, 60_000),
    }
  }
}

const startWords = (message: string): string =>
  /exec format error/.test(message) ? `the image is not made for the node's architecture: ${message}` : `the container could not be started: ${message}`

const supervisorAdvice = (image: string, message: string): string =>
  `the cluster cannot pull Airside's supervisor image ${image}: ${message}. Publish it with \`airside supervisor push REF\` and name it with \`--supervisor-image REF\``
