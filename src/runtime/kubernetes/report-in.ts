import type { Clock } from '../../lib/clock.ts'
import type { Expectation, PrepareError, SupervisorSession, WaitReason } from '../contract.ts'
import type { PodAssessor, Verdict } from './pod-assessor.ts'
import type { OwnPod } from './parts.ts'
import type { Pods } from './pods.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import type { Tunnel } from './tunnel.ts'

export type ReportIn =
  | { readonly kind: 'reported'; readonly session: SupervisorSession }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: PrepareError }
  | Extract<Verdict, { kind: 'again' }>

export interface ReportInOptions {
  readonly pod: OwnPod
  readonly expectation: Expectation
  readonly pods: Pods
  readonly assessor: PodAssessor
  readonly tunnel: Tunnel
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly stopped: AbortSignal
  readonly onReason: (reason: WaitReason) => void
}

/** Waits until a pod's supervisor reports in, or cannot any more, and reports the reason for waiting. Wakes on changes instead of polling. */
export async function awaitReport(options: ReportInOptions): Promise<ReportIn> {
  const { pod, expectation, pods, assessor, tunnel, clock, signal, stopped, onReason } = options
  const wakeup = new Wakeup()
  let session: SupervisorSession | undefined
  void expectation.reported.then((reported) => {
    session = reported
    wakeup.wake()
  })
  const unfollow = pods.follow(pod.uid, () => wakeup.wake())
  const said = new Set<string>()
  let last = ''
  try {
    // One turn, so that a supervisor that is there already is not assessed.
    await Promise.resolve()
    for (;;) {
      if (session !== undefined) return { kind: 'reported', session }
      if (stopped.aborted) return { kind: 'stopped' }
      if (signal.aborted) return { kind: 'aborted' }
      const ghost = pods.ghost(pod.uid)
      const verdict = assessor.assess(ghost ?? pods.byUid(pod.uid), ghost !== undefined, pods.warnings(pod.uid), clock.now())
      if (verdict.kind === 'fail') return { kind: 'failed', error: verdict.error }
      if (verdict.kind === 'again') return verdict
      if (verdict.dial) tunnel.open(pod.name)
      const { reason } = verdict
      const text = reason === undefined ? '' : `${reason.kind} ${reason.message}`
      // Back-offs make reasons alternate: each is reported once, until the situation changes.
      if (reason !== undefined && text !== last && !(reason.kind === 'pull-error' && said.has(text))) onReason(reason)
      if (reason !== undefined) {
        last = text
        said.add(text)
      }
      await wakeup.wait(clock, verdict.againMs, AbortSignal.any([signal, stopped]))
    }
  } finally {
    unfollow()
  }
}
