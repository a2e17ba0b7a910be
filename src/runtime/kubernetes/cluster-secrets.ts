import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { loadAccess } from './client/access.ts'
import { isTransient } from './client/api-error.ts'
import { createRequests } from './client/requests.ts'

interface ReadFault {
  readonly message: string
  readonly retryable: boolean
}

/** Reads secrets in any namespace that this process may read. Without a kubeconfig: of the cluster that its pod is in. Throws when there is no such configuration. */
export function clusterSecrets({ kubeconfig }: { readonly kubeconfig?: string }) {
  const access = loadAccess(kubeconfig === undefined ? { inCluster: true } : { kubeconfig })
  const requests = createRequests(access)
  return {
    /** The keys of a secret with their values in base64; undefined: there is no such secret. */
    async read(namespace: string, name: string): Promise<Result<Json | undefined, ReadFault>> {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
      const answer = await requests.json<{ readonly data?: Json }>({ method: 'GET', path })
      if (answer.ok) return ok(answer.value.data ?? {})
      if (answer.error.status === 404) return ok(undefined)
      return fail({ message: answer.error.message, retryable: isTransient(answer.error) })
    },
    close: () => access.close(),
  }
}
