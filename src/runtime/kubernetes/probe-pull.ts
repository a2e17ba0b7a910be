import { randomUUID } from 'node:crypto'
import type { ImageSource } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { mayHaveHappened } from './client/api-error.ts'
import type { Pod } from './client/objects.ts'
import { retrying } from './client/retry.ts'
import { readCreateError } from './create-errors.ts'
import { endingOf } from './endings.ts'
import { isolationOf } from './isolation.ts'
import { stepContainer } from './layout.ts'
import { labelKeys } from './names.ts'
import type { Parts } from './parts.ts'
import { secretProblem } from './pull-secret.ts'
import { resourcesOf } from './resources.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import { situationOf } from './situation.ts'

type ProbeImage = ImageSource & { readonly kind: 'registry' }

/** How long the pod runs at most; later it counts as left by a killed server. */
const deadlineSeconds = 600
const leftoverAfterMs = 2 * deadlineSeconds * 1000
const quotaRetryMs = 10_000
const removalPatienceMs = 10_000
/** How often a pod is created again that was lost before a node had pulled the image. */
const attempts = 3

/**
 * Has a node pull an image and run it, as a pod without a supervisor that goes at once. The error is what the kubelet or the API says. As
 * long as no node takes the pod it waits, and says why. Throws on an abort.
 */
export async function probePull(parts: Parts, image: ProbeImage, signal: AbortSignal, onReason: (line: string) => void): Promise<Result<void, string>> {
  const { secrets, pods, api, settings } = parts
  for (let attempt = 1; ; attempt += 1) {
    const name = `airside-probe-${randomUUID().slice(0, 13)}`
    const created = await create(parts, { name, image }, signal, onReason)
    if (!created.ok) {
      await secrets.drop(name).catch(() => {})
      signal.throwIfAborted()
      return fail(created.error)
    }
    const uid = created.value.metadata?.uid ?? ''
    try {
      pods.created(created.value)
      if (image.credentials !== undefined) void secrets.own(created.value)
      const verdict = await follow(parts, uid, signal, onReason)
      if (verdict.kind === 'pulled') return ok(undefined)
      if (verdict.kind === 'failed' || attempt === attempts) return fail(verdict.message)
    } finally {
      await retrying({ clock: settings.clock, patienceMs: removalPatienceMs }, () => api.deletePod(name, { uid, graceSeconds: 0 }))
    }
  }
}

/** Removes probes of servers that were killed. Never fails: it is repeated. */
export async function sweepProbes({ api, pods, settings }: Parts): Promise<void> {
  for (const { metadata } of pods.all()) {
    if (metadata?.labels?.[labelKeys.probe] !== 'true') continue
    const made = Date.parse(metadata?.creationTimestamp ?? '')
    if (metadata.name !== undefined && made < settings.clock.now() - leftoverAfterMs) await api.deletePod(metadata.name, { ...(metadata.uid !== undefined && { uid: metadata.uid }) })
  }
}

async function create(parts: Parts, { name, image }: { readonly name: string; readonly image: ProbeImage }, signal: AbortSignal, onReason: (line: string) => void): Promise<Result<Pod, string>> {
  const { api, secrets, settings } = parts
  const giveUpAt = settings.clock.now() + settings.apiPatienceMs
  for (;;) {
    const pullSecrets = await secrets.ensure({ handle: name, image }, name, signal)
    if (signal.aborted) return fail('aborted')
    if (!pullSecrets.ok) return fail(secretProblem(pullSecrets.error))
    const answer = await api.createPod(probePod(parts, name, image, pullSecrets.value))
    if (answer.ok) return answer
    if (mayHaveHappened(answer.error)) await retrying({ clock: settings.clock, signal, patienceMs: removalPatienceMs }, () => api.deletePod(name, {}))
    const problem = readCreateError(answer.error)
    if (signal.aborted) return fail('aborted')
    if (problem.kind === 'exists') continue // a deletion that is under way
    if (problem.kind !== 'quota' && (problem.kind !== 'transient' || settings.clock.now() > giveUpAt)) return fail(problem.message)
    onReason(problem.message)
    await settings.clock.sleep(problem.kind === 'quota' ? quotaRetryMs : (answer.error.retryAfterMs ?? 1_000), signal).catch(() => {})
  }
}

type Verdict = { readonly kind: 'pulled' } | { readonly kind: 'failed' | 'lost'; readonly message: string }

/** Once a container has run, or was only kept from it by something else, its image is on the node. */
async function follow({ pods, settings }: Parts, uid: string, signal: AbortSignal, onReason: (line: string) => void): Promise<Verdict> {
  const { clock, pullGraceMs } = settings
  const wakeup = new Wakeup()
  const unfollow = pods.follow(uid, () => wakeup.wake())
  let failingSince: number | undefined
  let told = ''
  const tell = (line: string): void => {
    if (line !== told) onReason(line)
    told = line
  }
  try {
    for (;;) {
      signal.throwIfAborted()
      const gone = pods.ghost(uid)
      if (gone !== undefined) return ended(gone)
      const pod = pods.byUid(uid)
      const situation = situationOf(pod ?? {}, pods.warnings(uid), '')
      let againMs: number | undefined
      switch (situation.kind) {
        case 'running':
        case 'exited':
        case 'start-failing':
          return { kind: 'pulled' }
        case 'ending':
          if (pod !== undefined) return ended(pod)
          break
        case 'pull-failing': {
          failingSince ??= clock.now()
          againMs = failingSince + pullGraceMs - clock.now()
          if (situation.permanent || againMs <= 0) return { kind: 'failed', message: situation.message }
          tell(`${situation.message} (trying again for up to ${Math.round(pullGraceMs / 1000)} s)`)
          break
        }
        case 'unschedulable':
        case 'no-user-namespaces':
        case 'sandbox-failing':
          tell(situation.message)
          break
        case 'waiting':
          if (situation.reason.kind !== 'starting') tell(situation.reason.message)
          break
        default:
          situation satisfies never
      }
      await wakeup.wait(clock, againMs, signal)
    }
  } finally {
    unfollow()
  }
}

function ended(pod: Pod): Verdict {
  const ran = pod.status?.containerStatuses?.some(({ state, imageID }) => state?.terminated !== undefined && imageID !== undefined && imageID !== '')
  return ran === true ? { kind: 'pulled' } : { kind: 'lost', message: endingOf(pod).message }
}

function probePod({ settings, api }: Parts, name: string, image: ProbeImage, pullSecrets: readonly string[]): object {
  const { isolation, placement, installation } = settings
  const { pod, container } = isolationOf(isolation, false, false)
  const { nodeSelector, ...where } = placement
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: api.namespace,
      labels: { 'app.kubernetes.io/name': 'airside-probe', 'app.kubernetes.io/managed-by': 'airside', [labelKeys.installation]: installation, [labelKeys.probe]: 'true' },
    },
    spec: {
      serviceAccountName: settings.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      activeDeadlineSeconds: deadlineSeconds,
      ...pod,
      ...where,
      nodeSelector: { ...nodeSelector, 'kubernetes.io/os': 'linux' },
      ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) }),
      containers: [
        {
          name: stepContainer,
          image: image.reference,
          imagePullPolicy: 'Always',
          resources: resourcesOf({}, settings.requests, settings.cpuLimit),
          securityContext: container,
        },
      ],
    },
  }
}
