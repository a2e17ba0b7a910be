import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { KubernetesApi } from './client/api.ts'
import { listWatch } from './client/list-watch.ts'
import type { Event, Pod } from './client/objects.ts'
import type { Requests } from './client/requests.ts'
import { readPulled } from './pulled-event.ts'
import type { ImagePull } from '../contract.ts'
import { keptPod } from './kept-pod.ts'
import { installationSelector, labelKeys } from './names.ts'
import type { Warning } from './situation.ts'

const warningsKept = 8
/** Events of every healthy pod, which say nothing that matters here: left are warnings, and that a pull has begun and ended. */
const dull = ['Scheduled', 'Created', 'Started', 'Killing']

/** The installation's pods, from one watch, and events about them, from another. */
export interface Pods {
  start(): Promise<void>
  stop(): Promise<void>
  all(): readonly Pod[]
  byUid(uid: string): Pod | undefined
  byHandle(handle: string): readonly Pod[]
  /** Newest first. They are shown as reasons; outcomes are read from the pod's status. */
  warnings(uid: string): readonly Warning[]
  /** How the step's image came to the node, once an event has said so. */
  imagePull(uid: string): ImagePull | undefined
  /** The answer to a create call, which may be ahead of the watch. */
  created(pod: Pod): void
  /** A step has taken this sandbox: what was said of it before is not about the step. */
  taken(uid: string): void
  /** As the pod was last seen, when it is gone. */
  ghost(uid: string): Pod | undefined
  /** Called at every change of a pod and at every warning about it; returns what ends that. */
  follow(uid: string, listener: () => void): () => void
  /** Called whenever a pod is gone, since there may be capacity now. */
  onGone(listener: () => void): () => void
}

export interface PodsOptions {
  readonly installation: string
  /** Of containers that wait in sandboxes. */
  readonly supervisorImage: string
  readonly clock: Clock
  readonly log: Log
}

export function createPods(api: KubernetesApi, requests: Requests, { installation, supervisorImage, clock, log }: PodsOptions): Pods {
  const listeners = new Map<string, Set<() => void>>()
  const goneListeners = new Set<() => void>()
  const warnings = new Map<string, Warning[]>()
  const pulls = new Map<string, ImagePull>()
  const ghosts = new Map<string, Pod>()
  const tell = (uid: string): void => listeners.get(uid)?.forEach((listener) => listener())

  const pods = listWatch<Pod>({
    requests,
    clock,
    path: api.podsPath,
    query: { labelSelector: installationSelector(installation) },
    keep: keptPod,
    onTrouble: (message) => log.debug({ component: 'kubernetes', message }, 'watch of pods failed; starting it again'),
    onChange: (change) => {
      const uid = change.object.metadata?.uid ?? ''
      if (change.kind === 'gone') {
        warnings.delete(uid)
        pulls.delete(uid)
        ghosts.set(uid, change.object)
        if (ghosts.size > 1024) for (const oldest of ghosts.keys()) if (ghosts.delete(oldest)) break
        goneListeners.forEach((listener) => listener())
      }
      tell(uid)
    },
  })
  const events = listWatch<Event>({
    requests,
    clock,
    path: api.eventsPath,
    query: { fieldSelector: ['involvedObject.kind=Pod', ...dull.map((reason) => `reason!=${reason}`)].join(',') },
    onTrouble: (message) => log.debug({ component: 'kubernetes', message }, 'watch of events failed; starting it again'),
    keep: ({ metadata, reason, message, involvedObject }) => ({
      metadata: { name: metadata?.name ?? '', uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' },
      reason: reason ?? '',
      message: (message ?? '').slice(0, 2000),
      involvedObject: { uid: involvedObject?.uid ?? '', fieldPath: (involvedObject?.fieldPath ?? '').slice(0, 100) },
    }),
    onChange: (change) => {
      const uid = change.object.involvedObject?.uid ?? ''
      if (change.kind === 'gone' || uid === '' || ghosts.has(uid)) return
      // Events of pods that are not followed are not kept.
      if (!listeners.has(uid) && !pods.store.objects.has(uid)) return
      const { reason = '', message = '' } = change.object
      if (reason === 'Pulled') {
        // It may come when a step has the sandbox.
        if (message.includes(`"${supervisorImage}"`)) return
        const pull = readPulled(change.object, clock.now())
        // The first: a container that is started again has its image.
        if (pull !== undefined && !pulls.has(uid)) pulls.set(uid, pull)
        return
      }
      const others = (warnings.get(uid) ?? []).filter((one) => one.reason !== reason || one.message !== message)
      warnings.set(uid, [{ reason, message }, ...others].slice(0, warningsKept))
      tell(uid)
    },
  })

  return {
    async start() {
      await pods.synced
      // Without the right to read events the reasons are less detailed.
      await events.synced.catch((error: Error) => log.warn({ err: error, component: 'kubernetes' }, 'reading events of pods failed; reasons of waits are not shown'))
    },
    async stop() {
      await Promise.all([pods.stop(), events.stop()])
    },
    all: () => [...pods.store.objects.values()],
    byUid: (uid) => pods.store.objects.get(uid),
    byHandle: (handle) => [...pods.store.objects.values()].filter((pod) => pod.metadata?.labels?.[labelKeys.container] === handle),
    warnings: (uid) => warnings.get(uid) ?? [],
    imagePull: (uid) => pulls.get(uid),
    created: (pod) => pods.store.apply('ADDED', keptPod(pod)),
    taken(uid) {
      warnings.delete(uid)
      pulls.delete(uid)
    },
    ghost: (uid) => ghosts.get(uid),
    follow(uid, listener) {
      const set = listeners.get(uid) ?? new Set()
      listeners.set(uid, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(uid) === set) listeners.delete(uid)
      }
    },
    onGone(listener) {
      goneListeners.add(listener)
      return () => void goneListeners.delete(listener)
    },
  }
}
