import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { KubernetesApi } from './client/api.ts'
import { describeApiError } from './client/api-error.ts'
import { retrying } from './client/retry.ts'
import type { Pods } from './pods.ts'
import { Wakeup } from '../../lib/wakeup.ts'

/** Removes pods, and retries as long as the API cannot be reached. */
export interface Remover {
  /** Resolves when the call was accepted, or the pod is not there. */
  request(name: string, uid: string | undefined, graceSeconds?: number): Promise<void>
  /** Resolves when the pod is confirmed gone. */
  remove(name: string, uid: string, graceSeconds?: number): Promise<void>
  stop(): void
}

export function createRemover(api: KubernetesApi, pods: Pods, clock: Clock, log: Log): Remover {
  const stopped = new AbortController()
  const { signal } = stopped

  async function request(name: string, uid: string | undefined, graceSeconds?: number): Promise<void> {
    const call = () => api.deletePod(name, { ...(uid === undefined ? {} : { uid }), ...(graceSeconds === undefined ? {} : { graceSeconds }) })
    const answer = await retrying({ clock, signal, patienceMs: Number.POSITIVE_INFINITY }, call)
    if (answer.ok || answer.error.status === 404 || signal.aborted) return
    // Another pod has the name by now, so the intended one is gone.
    if (answer.error.status === 409) return
    log.warn({ component: 'kubernetes', pod: name, error: describeApiError(answer.error) }, 'removing a pod failed')
    throw new Error(`pod ${name} could not be removed: ${describeApiError(answer.error)}`)
  }

  return {
    request,
    async remove(name, uid, graceSeconds) {
      const wakeup = new Wakeup()
      const unfollow = pods.follow(uid, () => wakeup.wake())
      try {
        await request(name, uid, graceSeconds)
        while (!signal.aborted && (await present(name, uid))) await wakeup.wait(clock, 5_000, signal)
      } finally {
        unfollow()
      }
    },
    stop: () => stopped.abort(),
  }

  /** Read from the watch; a pod that it has not shown (yet) is requested. */
  async function present(name: string, uid: string): Promise<boolean> {
    if (pods.ghost(uid) !== undefined) return false
    if (pods.byUid(uid) !== undefined) return true
    const answer = await api.getPod(name)
    if (answer.ok) return answer.value.metadata?.uid === uid
    return answer.error.status !== 404
  }
}
