import type { Result } from '../../../model/result.ts'
import type { ApiError } from './api-error.ts'
import type { NetworkPolicy, Pod, Status } from './objects.ts'
import type { Requests } from './requests.ts'

/** The calls of the Kubernetes API that are used; each is one request. Callers make the bodies. */
export interface KubernetesApi {
  readonly namespace: string
  readonly podsPath: string
  readonly eventsPath: string
  version(): Promise<Answer<{ readonly major?: string; readonly minor?: string; readonly gitVersion?: string }>>
  createPod(pod: object): Promise<Answer<Pod>>
  getPod(name: string): Promise<Answer<Pod>>
  listPods(labelSelector: string): Promise<Answer<{ readonly items?: readonly Pod[] }>>
  /** `uid`: only that very pod. `graceSeconds` absent: the pod's own. */
  deletePod(name: string, options: { readonly uid?: string; readonly graceSeconds?: number }): Promise<Answer<Pod | Status>>
  /** Strategic merge patch; refused as a conflict where its `metadata.resourceVersion` is not the newest. */
  patchPod(name: string, patch: object): Promise<Answer<Pod>>
  /** The same, of containers' resources. */
  resizePod(name: string, patch: object): Promise<Answer<Pod>>
  createSecret(secret: object): Promise<Answer<unknown>>
  /** Only of pull secrets that the account of steps has. */
  getSecret(name: string): Promise<Answer<{ readonly data?: Readonly<Record<string, string>> }>>
  /** JSON merge patch. */
  patchSecret(name: string, patch: object): Promise<Answer<unknown>>
  deleteSecret(name: string): Promise<Answer<unknown>>
  deleteSecrets(labelSelector: string): Promise<Answer<unknown>>
  getNetworkPolicy(name: string): Promise<Answer<NetworkPolicy>>
  createNetworkPolicy(policy: object): Promise<Answer<unknown>>
  /** Refused as a conflict where `metadata.resourceVersion` is not the newest. */
  replaceNetworkPolicy(name: string, policy: object): Promise<Answer<unknown>>
  getServiceAccount(name: string): Promise<Answer<{ readonly imagePullSecrets?: readonly { readonly name?: string }[] }>>
  /** The public keys that the cluster signs service account tokens with. */
  jwks(): Promise<Answer<{ readonly keys?: readonly unknown[] }>>
  mayI(attributes: AccessAttributes): Promise<Answer<{ readonly status?: { readonly allowed?: boolean } }>>
}

export type Answer<T> = Result<T, ApiError>

export interface AccessAttributes {
  /** Absent: the core group. */
  readonly group?: string
  readonly verb: string
  readonly resource: string
  readonly subresource?: string
  readonly name?: string
}

const strategicMerge = 'application/strategic-merge-patch+json'

export function createApi(requests: Requests, namespace: string): KubernetesApi {
  const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const policies = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`
  const pod = (name: string): string => `${core}/pods/${encodeURIComponent(name)}`
  const secret = (name: string): string => `${core}/secrets/${encodeURIComponent(name)}`
  const selected = (selector: string): string => `?${new URLSearchParams({ labelSelector: selector }).toString()}`
  return {
    namespace,
    podsPath: `${core}/pods`,
    eventsPath: `${core}/events`,
    version: () => requests.json({ method: 'GET', path: '/version' }),
    createPod: (body) => requests.json({ method: 'POST', path: `${core}/pods`, body, timeoutMs: 60_000 }),
    getPod: (name) => requests.json({ method: 'GET', path: pod(name) }),
    listPods: (selector) => requests.json({ method: 'GET', path: `${core}/pods${selected(selector)}` }),
    deletePod: (name, { uid, graceSeconds }) =>
      requests.json({
        method: 'DELETE',
        path: pod(name),
        body: {
          ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
          ...(uid === undefined ? {} : { preconditions: { uid } }),
        },
      }),
    patchPod: (name, body) => requests.json({ method: 'PATCH', path: pod(name), body, contentType: strategicMerge }),
    resizePod: (name, body) => requests.json({ method: 'PATCH', path: `${pod(name)}/resize`, body, contentType: strategicMerge }),
    createSecret: (body) => requests.json({ method: 'POST', path: `${core}/secrets`, body }),
    getSecret: (name) => requests.json({ method: 'GET', path: secret(name) }),
    patchSecret: (name, body) => requests.json({ method: 'PATCH', path: secret(name), body }),
    deleteSecret: (name) => requests.json({ method: 'DELETE', path: secret(name) }),
    deleteSecrets: (selector) => requests.json({ method: 'DELETE', path: `${core}/secrets${selected(selector)}` }),
    getNetworkPolicy: (name) => requests.json({ method: 'GET', path: `${policies}/${encodeURIComponent(name)}` }),
    createNetworkPolicy: (body) => requests.json({ method: 'POST', path: policies, body }),
    replaceNetworkPolicy: (name, body) => requests.json({ method: 'PUT', path: `${policies}/${encodeURIComponent(name)}`, body }),
    getServiceAccount: (name) => requests.json({ method: 'GET', path: `${core}/serviceaccounts/${encodeURIComponent(name)}` }),
    jwks: () => requests.json({ method: 'GET', path: '/openid/v1/jwks' }),
    mayI: (attributes) =>
      requests.json({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { namespace, ...attributes } },
        },
      }),
  }
}
