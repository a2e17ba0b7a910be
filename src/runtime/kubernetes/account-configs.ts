import type { Clock } from '../../lib/clock.ts'
import type { KubernetesApi } from './client/api.ts'

const freshMs = 60_000
/** How long a refusal is remembered, so that not every step asks again. */
const refusedMs = 600_000

/**
 * Docker configs (JSON text) of the pull secrets that the account of steps has: what nodes can pull with. None where this server may
 * not read them, which deploy/rbac.yaml leaves to the operator.
 */
export function createAccountConfigs(api: KubernetesApi, serviceAccount: string, clock: Clock): () => Promise<readonly string[]> {
  let kept: { readonly configs: Promise<readonly string[]>; until: number } | undefined

  async function read(): Promise<readonly string[]> {
    const account = await api.getServiceAccount(serviceAccount)
    if (!account.ok) return []
    const names = (account.value.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]))
    const secrets = await Promise.all(names.map((name) => api.getSecret(name)))
    if (secrets.some((secret) => !secret.ok && secret.error.status === 403) && kept !== undefined) kept.until = clock.now() + refusedMs
    return secrets.flatMap((secret) => (secret.ok ? configsOf(secret.value.data ?? {}) : []))
  }

  return () => {
    if (kept === undefined || kept.until <= clock.now()) kept = { configs: read(), until: clock.now() + freshMs }
    return kept.configs
  }
}

/** Secrets of the two types that kubelets know: the older one is the inside of the newer one's `auths`. */
function configsOf(data: Readonly<Record<string, string>>): string[] {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8')
  if (data['.dockerconfigjson'] !== undefined) return [text('.dockerconfigjson')]
  return data['.dockercfg'] === undefined ? [] : [`{"auths":${text('.dockercfg')}}`]
}
