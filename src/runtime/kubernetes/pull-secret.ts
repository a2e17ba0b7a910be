import type { Clock } from '../../lib/clock.ts'
import { parseReference } from '../../images/reference/reference.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ContainerSpec } from '../contract.ts'
import type { KubernetesApi } from './client/api.ts'
import { describeApiError, type ApiError } from './client/api-error.ts'
import { retrying } from './client/retry.ts'
import type { Pod } from './client/objects.ts'
import { installationSelector, labelKeys } from './names.ts'

const hourMs = 3_600_000
const accountFreshMs = 60_000

/** Credentials of one step's image, as a secret that its pod owns: made before the pod, so that nothing waits for it. */
export interface PullSecrets {
  /** Names for the pod to list: the source's own secret first, then the account's. Empty without credentials. */
  ensure(spec: Pick<ContainerSpec, 'handle' | 'image'>, podName: string, signal: AbortSignal): Promise<Result<readonly string[], ApiError>>
  /** What a pod lists that may get a step with credentials later: the secret's name, which does not exist yet, and the account's. */
  names(podName: string): Promise<readonly string[]>
  /** Makes the pod the secret's owner, so that both are deleted together. Never fails: `sweep` removes what is left. */
  own(pod: Pod): Promise<void>
  /** Deletes the secret of a pod that was not created. */
  drop(podName: string): Promise<void>
  /** Removes what was left without an owner by a server that was killed in between. */
  sweep(): Promise<void>
}

export function createPullSecrets(api: KubernetesApi, installation: string, serviceAccount: string, clock: Clock): PullSecrets {
  let account: { readonly names: readonly string[]; readonly at: number } | undefined
  const secretName = (podName: string): string => `${podName}-pull`
  const hour = (offset = 0): string => String(Math.floor(clock.now() / hourMs) + offset)

  /** Admission adds the account's secrets only to a pod that lists none. */
  async function accountSecrets(): Promise<readonly string[]> {
    if (account !== undefined && clock.now() - account.at < accountFreshMs) return account.names
    const answer = await api.getServiceAccount(serviceAccount)
    if (!answer.ok) return account?.names ?? []
    const names = (answer.value.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]))
    account = { names, at: clock.now() }
    return names
  }

  return {
    async names(podName) {
      return [secretName(podName), ...(await accountSecrets())]
    },
    async ensure(spec, podName, signal) {
      if (spec.image.kind !== 'registry' || spec.image.credentials === undefined) return ok([])
      const name = secretName(podName)
      const metadata = {
        name,
        labels: {
          'app.kubernetes.io/managed-by': 'airside',
          [labelKeys.installation]: installation,
          [labelKeys.container]: spec.handle,
          [labelKeys.unowned]: hour(),
        },
      }
      const data = { '.dockerconfigjson': dockerConfig(spec.image.reference, spec.image.credentials) }
      const write = async () => {
        const created = await api.createSecret({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata, data })
        // Made by an earlier attempt, perhaps with older credentials.
        return !created.ok && created.error.reason === 'AlreadyExists' ? api.patchSecret(name, { metadata, data }) : created
      }
      const [written, others] = await Promise.all([
        retrying({ clock, signal, patienceMs: 30_000 }, write),
        accountSecrets(),
      ])
      return written.ok ? ok([name, ...others.filter((other) => other !== name)]) : fail(written.error)
    },
    async own(pod) {
      const { name = '', uid = '' } = pod.metadata ?? {}
      const patch = {
        metadata: {
          labels: { [labelKeys.unowned]: null },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: false, blockOwnerDeletion: false }],
        },
      }
      await retrying({ clock, patienceMs: 300_000 }, () => api.patchSecret(secretName(name), patch))
    },
    async drop(podName) {
      await retrying({ clock, patienceMs: 60_000 }, () => api.deleteSecret(secretName(podName)))
    },
    async sweep() {
      // By labels alone, so that no right to read secrets is needed. Hours: younger ones may be on their way to an owner.
      const selector = `${installationSelector(installation)},${labelKeys.unowned},${labelKeys.unowned} notin (${hour(-1)},${hour()},${hour(1)})`
      await api.deleteSecrets(selector)
    },
  }
}

/** Why the secret could not be made, for a user: it names no credentials. */
export const secretProblem = (error: ApiError): string => `the pull secret of the step's image could not be made: ${describeApiError(error)}`

function dockerConfig(reference: string, credentials: { readonly username: string; readonly password: string }): string {
  const parsed = parseReference(reference)
  const registry = parsed.ok ? parsed.value.registry : ''
  // Docker Hub's credentials go by an old name.
  const key = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
  const { username, password } = credentials
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  return Buffer.from(JSON.stringify({ auths: { [key]: { username, password, auth } } })).toString('base64')
}
