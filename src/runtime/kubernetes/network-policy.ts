import { createHash } from 'node:crypto'
import { canonicalJson } from '../../lib/canonical-json.ts'
import type { Json } from '../../model/json.ts'
import { ok, type Result } from '../../model/result.ts'
import type { KubernetesApi } from './client/api.ts'
import { describeApiError, type ApiError } from './client/api-error.ts'
import { labelKeys } from './names.ts'
import type { Settings } from './options.ts'

/**
 * Keeps the hermetic pods of an installation from any network: nothing comes in or out. The supervisor is reached all the same, through
 * the API server: the kubelet connects to it inside the pod, where policies do not reach. Whether a cluster keeps to policies depends
 * on its network plugin; some ignore them.
 */
export function hermeticPolicy(namespace: string, installation: string) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: `airside-hermetic-${createHash('sha256').update(installation).digest('hex').slice(0, 8)}`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'airside', [labelKeys.installation]: installation },
    },
    spec: {
      podSelector: { matchLabels: { [labelKeys.installation]: installation, [labelKeys.hermetic]: 'true' } },
      policyTypes: ['Ingress', 'Egress'],
    },
  }
}

/** How often servers of one installation may meet while they make the policy. */
const attempts = 5

/** Makes sure that the policy is there as it must be, before each pod that needs it: somebody may have changed it. */
export async function ensureHermeticPolicy(api: KubernetesApi, { installation, log }: Pick<Settings, 'installation' | 'log'>): Promise<Result<void, ApiError>> {
  const policy = hermeticPolicy(api.namespace, installation)
  const { name } = policy.metadata
  for (let attempt = 1; ; attempt++) {
    const found = await api.getNetworkPolicy(name)
    if (!found.ok && found.error.status !== 404) return found
    if (found.ok && sameSpec(found.value.spec, policy.spec)) return ok(undefined)
    const metadata = { ...policy.metadata, resourceVersion: found.ok ? found.value.metadata?.resourceVersion : undefined }
    const made = await (found.ok ? api.replaceNetworkPolicy(name, { ...policy, metadata }) : api.createNetworkPolicy(policy))
    if (made.ok) {
      log.warn({ component: 'kubernetes', policy: name, namespace: api.namespace }, "made the network policy of hermetic steps; only a cluster whose network plugin enforces policies keeps them from the network")
      return ok(undefined)
    }
    if (made.error.status !== 409 || attempt >= attempts) return made
  }
}

export const policyProblem = (error: ApiError): string =>
  `a hermetic step needs a network policy, which could not be made: ${describeApiError(error)}${error.status === 403 ? ' — deploy/rbac.yaml grants it' : ''}`

/** The API server adds nothing to such a spec. */
const sameSpec = (found: Json | undefined, wanted: object): boolean => canonicalJson(found ?? null) === canonicalJson(JSON.parse(JSON.stringify(wanted)) as Json)
