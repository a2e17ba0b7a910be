import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerSpec, PrepareError, PrepareOptions } from '../contract.ts'
import { isTransient, mayHaveHappened } from './client/api-error.ts'
import type { Pod } from './client/objects.ts'
import { readCreateError } from './create-errors.ts'
import { annotationKeys, labelKeys, podName } from './names.ts'
import type { OwnPod, Parts } from './parts.ts'
import { ensureHermeticPolicy, policyProblem } from './network-policy.ts'
import { nodeLabels } from './node-tags.ts'
import { podSpec, specHash, type PodContext, type StepPod } from './pod-spec.ts'
import { secretProblem } from './pull-secret.ts'
import { Wakeup } from '../../lib/wakeup.ts'

const quotaRetryMs = 10_000
/** So long after a pod has gone a quota may still count it: another program of the cluster counts. */
const stillCountedMs = 10_000
const stillCountedRetryMs = 250

type Created = { readonly pod: OwnPod; readonly made: StepPod | undefined }

/** Makes the pod of a container, or adopts the one that has its name. When it fails, or is aborted, nothing is left. */
export async function createPod(parts: Parts, spec: ContainerSpec, options: PrepareOptions): Promise<Result<Created, PrepareError>> {
  const attempt = { ambiguous: false }
  const result = await tryCreate(parts, spec, options, attempt)
  if (!result.ok) {
    const name = podName(spec, parts.settings.installation)
    // The pod may have been created although the answer was lost.
    if (attempt.ambiguous) void parts.remover.request(name, undefined, 0).catch(() => {})
    if (hasCredentials(spec)) void parts.secrets.drop(name).catch(() => {})
  }
  return result
}

const hasCredentials = (spec: ContainerSpec): boolean => spec.image.kind === 'registry' && spec.image.credentials !== undefined

async function tryCreate(
  parts: Parts,
  spec: ContainerSpec,
  options: PrepareOptions,
  /** Whether an earlier call of ours may have made it after all. */
  attempt: { ambiguous: boolean },
): Promise<Result<Created, PrepareError>> {
  const { api, clock, secrets, pods, abilities } = { ...parts, clock: parts.settings.clock }
  const { signal, onReason } = options
  const name = podName(spec, parts.settings.installation)
  const aborted = fail<PrepareError>({ kind: 'aborted' })
  const tagLabels = nodeLabels(spec.tags ?? [], parts.settings.tagLabel)
  if (!tagLabels.ok) return fail({ kind: 'rejected', message: tagLabels.error })
  const giveUpAt = clock.now() + parts.settings.apiPatienceMs
  let gaveWayAt = Number.NEGATIVE_INFINITY
  const wakeup = new Wakeup()
  const stopListening = pods.onGone(() => wakeup.wake())

  try {
    for (let delay = 100; ; delay = Math.min(delay * 2, 5_000)) {
      if (signal.aborted) return aborted
      const sandbox = pods.byHandle(spec.handle).find(isSandbox)
      if (sandbox !== undefined) {
        const adopted = await adopt(parts, spec, sandbox.metadata?.name ?? '', signal)
        if (adopted !== undefined) return ok({ pod: ownPod(adopted, adopted.metadata?.name ?? ''), made: undefined })
        if (clock.now() > giveUpAt) return fail({ kind: 'unavailable', message: 'the sandbox that the step had taken can be neither read nor removed' })
        await clock.sleep(delay, signal).catch(() => {})
        continue
      }
      const secretNames = await secrets.ensure(spec, name, signal)
      if (signal.aborted) return aborted
      if (!secretNames.ok) return fail({ kind: secretNames.error.status === 0 ? 'unavailable' : 'rejected', message: secretProblem(secretNames.error) })

      const body = bodyOf(parts, spec, { pullSecrets: secretNames.value, tagLabels: tagLabels.value })
      const cutOff = spec.hermetic === true ? await ensureHermeticPolicy(api, parts.settings) : ok(undefined)
      if (!cutOff.ok && !isTransient(cutOff.error)) return fail({ kind: 'rejected', message: policyProblem(cutOff.error) })
      // Not aborted: a pod that was created must be known, to be removed.
      const answer = cutOff.ok ? await api.createPod(body) : cutOff
      if (answer.ok) {
        const made = ownPod(answer.value, name)
        record(parts, spec)
        pods.created(answer.value)
        if (secretNames.value.length > 0) void secrets.own(answer.value)
        return ok({ pod: made, made: body })
      }
      const problem = readCreateError(answer.error)
      switch (problem.kind) {
        case 'exists': {
          const adopted = await adopt(parts, spec, name, signal)
          if (adopted === undefined) {
            await clock.sleep(delay, signal).catch(() => {})
            break
          }
          if (attempt.ambiguous) record(parts, spec)
          if (secretNames.value.length > 0) void secrets.own(adopted)
          return ok({ pod: ownPod(adopted, name), made: undefined })
        }
        case 'quota':
          // Sandboxes that nobody has taken give way first.
          if (await parts.sandboxes.giveWay()) {
            gaveWayAt = clock.now()
            break
          }
          if (clock.now() - gaveWayAt < stillCountedMs) {
            await wakeup.wait(clock, stillCountedRetryMs, signal)
            break
          }
          if (spec.guess) return fail({ kind: 'no-room', message: problem.message })
          onReason({ kind: 'quota', message: problem.message })
          await wakeup.wait(clock, quotaRetryMs, signal)
          break
        case 'transient':
          attempt.ambiguous ||= mayHaveHappened(answer.error)
          if (spec.guess && !attempt.ambiguous) return fail({ kind: 'unavailable', message: problem.message })
          if (clock.now() > giveUpAt) return fail({ kind: 'unavailable', message: problem.message })
          onReason({ kind: 'starting', message: problem.message })
          await clock.sleep(answer.error.retryAfterMs ?? delay * (0.75 + Math.random() / 2), signal).catch(() => {})
          break
        case 'no-image-volumes':
          if (body.metadata.annotations[annotationKeys.delivery] !== 'image-volume' || parts.settings.delivery !== 'auto') {
            return fail({ kind: 'rejected', message: problem.message })
          }
          abilities.lacksImageVolumes('')
          break
        case 'rejected':
          return fail({ kind: 'rejected', message: problem.message })
      }
    }
  } finally {
    stopListening()
  }
}

type OfStep = Pick<PodContext, 'pullSecrets' | 'tagLabels'>

function bodyOf(parts: Parts, spec: ContainerSpec, of: OfStep): StepPod {
  const context = podContext(parts, of)
  // Nothing leaves a hermetic pod: it is dialled.
  return podSpec(spec, spec.hermetic === true ? { ...context, homeAddress: undefined } : context)
}

/** What pods are made of as the cluster is now. */
export function podContext({ settings, abilities }: Pick<Parts, 'settings' | 'abilities'>, of: OfStep): PodContext {
  return {
    ...settings,
    delivery: abilities.delivery,
    userNamespace: abilities.userNamespaces,
    serverKey: settings.rendezvous.serverKey,
    homeAddress: settings.transport === 'tunnel' ? undefined : settings.rendezvous.homeAddress,
    ...of,
  }
}

/** The pod that has the name, if it is this very container; undefined: it is gone (or made to go), try again. */
async function adopt(parts: Parts, spec: ContainerSpec, name: string, signal: AbortSignal): Promise<Pod | undefined> {
  const { api, pods, remover, settings } = parts
  const found = await api.getPod(name)
  if (!found.ok) return undefined
  const pod = found.value
  const { labels = {}, annotations = {}, uid = '', deletionTimestamp } = pod.metadata ?? {}
  const same =
    // It has the step's labels, and never had its image.
    labels[labelKeys.sandbox] !== 'claimed' &&
    labels[labelKeys.installation] === settings.installation &&
    labels[labelKeys.container] === spec.handle &&
    annotations[annotationKeys.hash] === specHash(spec, settings.isolation)
  const over = deletionTimestamp !== undefined || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
  if (same && !over) {
    pods.created(pod)
    return pod
  }
  // The name is unique to this container: another pod of that name is an earlier one of it.
  await Promise.race([remover.remove(name, uid), abortOf(signal)])
  return undefined
}

/** Whether a pod was made ahead for any step, and this one has it. */
export const isSandbox = (pod: Pod | undefined): boolean => pod?.metadata?.labels?.[labelKeys.sandbox] !== undefined

const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const ownPod = (pod: Pod, name: string): OwnPod => ({ name, uid: pod.metadata?.uid ?? '' })

export function record(parts: Pick<Parts, 'created'>, spec: ContainerSpec): void {
  const image = spec.image.kind === 'registry' ? spec.image.reference : spec.image.artifact.digest
  parts.created({ handle: spec.handle, type: spec.type, stepName: spec.metadata.stepName, image })
}
