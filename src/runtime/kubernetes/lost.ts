import type { Clock } from '../../lib/clock.ts'
import type { ContainerLost, SupervisorSession } from '../contract.ts'
import { endingOf, nodeNotReady } from './endings.ts'
import type { Pod } from './client/objects.ts'
import type { Pods } from './pods.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import { statusOf } from './step-status.ts'

const deliveryMs = 2_000
const silenceMs = 45_000
const nodeGraceMs = 20_000
const crashesAllowed = 3

interface Watched {
  readonly pods: Pods
  readonly session: SupervisorSession
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Tells when a container that had reported in is lost: its pod is over or gone, or its node is NotReady, *and* its supervisor
 * is silent. Anything else is undecided and waits. Never resolves after `signal`.
 */
export async function lossOf(uid: string, { pods, session, clock, signal }: Watched): Promise<ContainerLost> {
  const wakeup = new Wakeup()
  const unfollow = pods.follow(uid, () => wakeup.wake())
  let suspicious: { readonly kind: string; readonly since: number } | undefined
  try {
    while (!signal.aborted) {
      const ghost = pods.ghost(uid)
      const pod = ghost ?? pods.byUid(uid)
      const suspicion = pod === undefined ? undefined : suspect(pod, ghost !== undefined)
      const silent = !session.connected || session.silentFor() > silenceMs
      if (suspicion === undefined || !silent) suspicious = undefined
      else if (suspicious?.kind !== suspicion.kind) suspicious = { kind: suspicion.kind, since: clock.now() }
      if (suspicion !== undefined && suspicious !== undefined && clock.now() - suspicious.since >= suspicion.graceMs) return suspicion.lost
      // Polls only while the pod looks unhealthy.
      await wakeup.wait(clock, suspicion === undefined ? undefined : 500, signal)
    }
  } finally {
    unfollow()
  }
  return new Promise(() => {})
}

function suspect(pod: Pod, gone: boolean): { readonly kind: string; readonly graceMs: number; readonly lost: ContainerLost } | undefined {
  const phase = pod.status?.phase
  // Records that were on their way when the pod ended are still taken.
  if (gone || phase === 'Failed' || phase === 'Succeeded') return { kind: 'over', graceMs: deliveryMs, lost: endingOf(pod) }
  if (nodeNotReady(pod)) {
    const message = `node ${pod.spec?.nodeName ?? ''} is not ready and the supervisor is silent`
    return { kind: 'node', graceMs: nodeGraceMs, lost: { kind: 'lost', message, mayStillRun: true } }
  }
  const step = statusOf(pod)
  if ((step?.restartCount ?? 0) >= crashesAllowed && step?.state?.waiting?.reason === 'CrashLoopBackOff') {
    const ended = step.lastState?.terminated
    const message = ended?.reason === 'OOMKilled' ? 'the container ran out of memory again and again' : `the supervisor ended again and again, with status ${ended?.exitCode ?? '?'}`
    return { kind: 'crashes', graceMs: deliveryMs, lost: { kind: 'lost', message, mayStillRun: false } }
  }
  return undefined
}
