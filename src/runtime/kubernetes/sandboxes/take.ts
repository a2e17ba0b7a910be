import type { ContainerSpec } from '../../contract.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { describeApiError, isTransient, type ApiError } from '../client/api-error.ts'
import type { Pod } from '../client/objects.ts'
import { labelKeys } from '../names.ts'
import type { Parts } from '../parts.ts'
import { secretProblem } from '../pull-secret.ts'
import { statusOf } from '../step-status.ts'
import { fitting } from './kind.ts'
import { claimPatch, takePatch, type Taker } from './sandbox-pod.ts'

/** How often a sandbox that its kubelet has just written to is read again. */
const attempts = 4

export type TakeProblem =
  /** It cannot be given this step's resources. */
  | { readonly kind: 'no-resize'; readonly message: string }
  /** The cluster does not let its image be changed. */
  | { readonly kind: 'refused'; readonly message: string }
  /** It is gone, or another server has taken it. */
  | { readonly kind: 'gone' }
  /** It is of no use any more, and to be removed. */
  | { readonly kind: 'spoiled'; readonly message: string }

/** Makes a waiting sandbox the pod of a step. */
export async function takeSandbox(parts: Omit<Parts, 'sandboxes'>, uid: string, spec: ContainerSpec): Promise<Result<Pod, TakeProblem>> {
  const { api, pods, secrets, settings } = parts
  const seen = pods.byUid(uid)
  const waited = statusOf(seen)?.containerID
  if (seen === undefined || waited === undefined) return fail({ kind: 'gone' })
  const name = seen.metadata?.name ?? ''
  const taker: Taker = { spec, installation: settings.installation, isolation: settings.isolation, waited }
  let at: Pod = seen
  const change = async (wanted: 'warm' | 'claimed', write: (resourceVersion: string) => Promise<Result<Pod, ApiError>>): Promise<Result<Pod, ApiError | undefined>> => {
    const changed = await changePod(parts, at, wanted, write)
    if (changed.ok) at = changed.value
    return changed
  }

  const size = fitting(spec, settings)
  if (size.kind === 'too-large') return fail({ kind: 'no-resize', message: 'the step asks for more' })
  if (size.kind === 'resize') {
    const resized = await change('warm', (resourceVersion) => api.resizePod(name, { metadata: { resourceVersion }, spec: { containers: [{ name: 'step', resources: size.resources }] } }))
    if (!resized.ok) return problemOf(resized.error, 'no-resize')
  }
  const secret = spec.image.kind === 'registry' && spec.image.credentials !== undefined
  if (secret) {
    const claimed = await change('warm', (resourceVersion) => api.patchPod(name, { ...claimPatch(taker), metadata: { ...claimPatch(taker).metadata, resourceVersion } }))
    if (!claimed.ok) return problemOf(claimed.error, 'refused')
    const made = await secrets.ensure(spec, name, parts.stopped)
    if (!made.ok) return spoiled(secretProblem(made.error))
    void secrets.own(at)
  }
  const body = takePatch(taker)
  const taken = await change(secret ? 'claimed' : 'warm', (resourceVersion) => api.patchPod(name, { ...body, metadata: { ...body.metadata, resourceVersion } }))
  return taken.ok ? ok(taken.value) : problemOf(taken.error, 'refused')
}

/** One write that counts only if nobody else has taken the pod since it was seen. The error undefined: somebody has, or it is gone. */
async function changePod({ api }: Pick<Parts, 'api'>, seen: Pod, wanted: 'warm' | 'claimed', write: (resourceVersion: string) => Promise<Result<Pod, ApiError>>): Promise<Result<Pod, ApiError | undefined>> {
  const { name = '', uid } = seen.metadata ?? {}
  let version = seen.metadata?.resourceVersion ?? ''
  for (let attempt = 1; ; attempt++) {
    const written = await write(version)
    if (written.ok) return written
    if (written.error.status === 404) return fail(undefined)
    if (written.error.status !== 409 || attempt >= attempts) return written
    const now = await api.getPod(name)
    if (!now.ok) return fail(now.error.status === 404 ? undefined : now.error)
    const { labels = {}, deletionTimestamp, resourceVersion = '' } = now.value.metadata ?? {}
    if (now.value.metadata?.uid !== uid || labels[labelKeys.sandbox] !== wanted || deletionTimestamp !== undefined) return fail(undefined)
    version = resourceVersion
  }
}

const spoiled = (message: string): Result<never, TakeProblem> => fail({ kind: 'spoiled', message })

function problemOf(error: ApiError | undefined, refused: 'no-resize' | 'refused'): Result<never, TakeProblem> {
  if (error === undefined) return fail({ kind: 'gone' })
  return fail({ kind: isTransient(error) ? 'spoiled' : refused, message: describeApiError(error) })
}
