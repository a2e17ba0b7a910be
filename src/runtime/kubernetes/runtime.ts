import { pushNewest } from '../../lib/newest.ts'
import { periodic } from '../../lib/service.ts'
import type { ImageSource } from '../../model/image.ts'
import { fail, type Result } from '../../model/result.ts'
import { mostCreations, type AttachError, type Container, type ContainerCreation, type ContainerInfo, type ContainerSpec, type PrepareError, type PrepareOptions, type Runtime } from '../contract.ts'
import { createAccountConfigs } from './account-configs.ts'
import { createAbilities } from './abilities.ts'
import { attachPod } from './attach.ts'
import { createApi } from './client/api.ts'
import type { Pod } from './client/objects.ts'
import { createDialPod } from './client/port-forward.ts'
import { createRequests } from './client/requests.ts'
import { retrying } from './client/retry.ts'
import { neverStarted } from './endings.ts'
import { containerSelector, describePod, labelValue } from './names.ts'
import { specHash } from './pod-spec.ts'
import { keptPod } from './kept-pod.ts'
import { noArtifactImages, withDefaults, type KubernetesOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { createPods } from './pods.ts'
import { preflight, type Preflight } from './preflight.ts'
import { prepare, type Prepared } from './prepare.ts'
import { probePull, sweepProbes } from './probe-pull.ts'
import { createPullSecrets } from './pull-secret.ts'
import { createRemover } from './remover.ts'
import { createSandboxes } from './sandboxes/pool.ts'
import { sweepSandboxes } from './sandboxes/sweep.ts'
import { statusOf } from './step-status.ts'
import { createTokenVerifier } from './token.ts'

const sweepMs = 3_600_000
const startPatienceMs = 60_000

interface Active {
  readonly hash: string
  readonly work: Promise<Result<Prepared, PrepareError>>
  /** Ends a preparation that is under way. */
  readonly removed: AbortController
}

export interface KubernetesRuntime extends Runtime {
  /** What is missing for steps to run, as sentences. Creates nothing, and may be called before `start`. */
  preflight(): Promise<Preflight>
  /** Docker configs of the pull secrets that the steps' account has, as JSON texts; none where they may not be read. */
  accountConfigs(): Promise<readonly string[]>
  /** Has a node pull and run an image, and leaves nothing of that. The error is what the node says; an abort is thrown. */
  probePull(image: ImageSource & { readonly kind: 'registry' }, signal: AbortSignal, onReason: (line: string) => void): Promise<Result<void, string>>
}

/** Every container is a pod of one namespace. */
export function createKubernetesRuntime(options: KubernetesOptions): KubernetesRuntime {
  const settings = withDefaults(options)
  const { access, namespace, installation, clock, log } = settings
  if (installation === '' || labelValue(installation) !== installation) throw new Error(`installation ${JSON.stringify(installation)} must be a valid label value`)
  const requests = createRequests(access)
  const api = createApi(requests, namespace)
  const pods = createPods(api, requests, { installation, supervisorImage: settings.supervisorImage, clock, log })
  const creations: ContainerCreation[] = []
  const stopped = new AbortController()
  const rest: Omit<Parts, 'sandboxes'> = {
    settings,
    api,
    pods,
    dial: createDialPod(access, namespace),
    remover: createRemover(api, pods, clock, log),
    secrets: createPullSecrets(api, installation, settings.serviceAccount, clock),
    abilities: createAbilities(clock, settings.delivery, settings.userNamespaces),
    verifyToken: createTokenVerifier(api, clock),
    stopped: stopped.signal,
    created: (creation) => pushNewest(creations, creation, mostCreations),
  }
  const parts: Parts = { ...rest, sandboxes: createSandboxes(rest) }
  const active = new Map<string, Active>()
  const ready = new Map<string, Prepared>()

  async function prepareOnce(spec: ContainerSpec, prepareOptions: PrepareOptions): Promise<Result<Container, PrepareError>> {
    const hash = specHash(spec, settings.isolation)
    for (let known = active.get(spec.handle); known !== undefined; known = active.get(spec.handle)) {
      if (known.hash === hash || prepareOptions.adopting === true) return known.work
      await remove(spec.handle)
    }
    const removed = new AbortController()
    const signal = AbortSignal.any([prepareOptions.signal, removed.signal])
    const forget = (): void => {
      if (active.get(spec.handle)?.work !== work) return
      active.delete(spec.handle)
      ready.delete(spec.handle)
    }
    const work = prepare(parts, spec, { ...prepareOptions, signal }, forget).then(
      (result) => {
        if (result.ok && active.get(spec.handle)?.work === work) ready.set(spec.handle, result.value)
        else forget()
        return result
      },
      (error: unknown) => {
        forget()
        throw error
      },
    )
    active.set(spec.handle, { hash, work, removed })
    return work
  }

  async function attach(handle: string, signal: AbortSignal): Promise<Result<Container, AttachError>> {
    const pod = pods.byHandle(handle).find(({ metadata }) => metadata?.deletionTimestamp === undefined)
    if (pod === undefined) return fail({ kind: 'ended', message: 'its pod is gone' })
    if (stateOf(pod) === 'ended') return fail({ kind: 'ended', message: 'its pod has ended' })
    const known = await active.get(handle)?.work
    if (known !== undefined) return known.ok ? known : fail({ kind: 'ended', message: 'it could not be made ready' })
    const removed = new AbortController()
    const forget = (): void => {
      if (active.get(handle)?.work !== work) return
      active.delete(handle)
      ready.delete(handle)
    }
    const attached = attachPod(parts, pod, { handle, signal: AbortSignal.any([signal, removed.signal]), onReleased: forget })
    const work = attached.then((result): Result<Prepared, PrepareError> => {
      if (result.ok) {
        ready.set(handle, result.value)
        return result
      }
      forget()
      return fail({ kind: 'unavailable', message: result.error.message })
    })
    active.set(handle, { hash: '', work, removed })
    await work
    return attached
  }

  async function remove(handle: string): Promise<void> {
    const known = active.get(handle)
    known?.removed.abort()
    await known?.work.catch(() => {})
    const container = ready.get(handle)
    ready.delete(handle)
    active.delete(handle)
    await container?.forget()
    const found = new Map(pods.byHandle(handle).map((pod) => [pod.metadata?.uid, pod]))
    const listed = await retrying({ clock, signal: stopped.signal, patienceMs: settings.apiPatienceMs }, () =>
      api.listPods(containerSelector(installation, handle)),
    )
    if (!listed.ok) throw new Error(`pods of ${handle} could not be listed: ${listed.error.message}`)
    for (const pod of listed.value.items ?? []) found.set(pod.metadata?.uid, pod)
    // A container that never ran needs no grace period: a kubelet in the middle of a pull would delay the deletion.
    const removals = [...found.values()].map((pod) => parts.remover.remove(pod.metadata?.name ?? '', pod.metadata?.uid ?? '', neverStarted(keptPod(pod)) ? 0 : undefined))
    await Promise.all(removals)
  }

  const sweep = periodic({
    name: 'sweep of pull secrets, probe pods and sandboxes', clock, log, everyMs: sweepMs, stopMs: 0,
    async run() {
      await parts.secrets.sweep()
      await sweepProbes(parts)
      await sweepSandboxes(parts)
    },
  })

  return {
    name: 'kubernetes',
    capabilities: { nativeImageFetch: true, ...(settings.publishImage === undefined && { noArtifactImages }) },
    creations,
    prepare: prepareOnce,
    attach,
    remove,
    async list() {
      return pods.all().flatMap((pod): ContainerInfo[] => {
        const about = describePod(pod)
        return about === undefined ? [] : [{ ...about, state: ready.has(about.handle) ? readyState(pod) : stateOf(pod) }]
      })
    },
    async start() {
      const version = await retrying({ clock, signal: stopped.signal, patienceMs: startPatienceMs }, () => api.version())
      if (!version.ok) throw new Error(`Kubernetes at ${access.server}: ${version.error.message}`)
      // Hosted clusters write `33+`.
      parts.abilities.setVersion(Number.parseInt(version.value.minor ?? '', 10) || 0)
      await pods.start()
      void sweep.start()
      parts.sandboxes.start()
      if (settings.transport !== 'tunnel' && settings.rendezvous.homeAddress !== undefined) void api.jwks()
    },
    async stop() {
      stopped.abort()
      await Promise.all([sweep.stop(), parts.sandboxes.stop()])
      parts.remover.stop()
      for (const container of ready.values()) container.leave()
      await pods.stop()
      await access.close()
    },
    probePull: (image, signal, onReason) => probePull(parts, image, signal, onReason),
    accountConfigs: createAccountConfigs(api, settings.serviceAccount, clock),
    preflight: () =>
      preflight(api, {
        context: access.context,
        server: access.server,
        serviceAccount: settings.serviceAccount,
        needsKeys: settings.transport !== 'tunnel' && settings.rendezvous.homeAddress !== undefined,
      }),
  }
}

function stateOf(pod: Pod): ContainerInfo['state'] {
  const { metadata, status } = pod
  if (metadata?.deletionTimestamp !== undefined) return 'terminating'
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return 'ended'
  const step = statusOf(pod)?.state
  // Its supervisor has ended of its own accord; a helper beside it may take a minute longer.
  if (step?.terminated?.exitCode === 0) return 'ended'
  return step?.running === undefined ? 'preparing' : 'ready'
}

/** Whether its supervisor has reported in, also when the pod's status does not show it yet. */
function readyState(pod: Pod): ContainerInfo['state'] {
  const state = stateOf(pod)
  return state === 'preparing' ? 'ready' : state
}
