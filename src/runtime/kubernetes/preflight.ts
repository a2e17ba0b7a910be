import type { KubernetesApi, AccessAttributes } from './client/api.ts'
import { describeApiError } from './client/api-error.ts'

/** Every right that the server needs in the steps' namespace; deploy/rbac.yaml grants exactly these. */
const neededRights = (serviceAccount: string): readonly AccessAttributes[] => [
  ...['create', 'get', 'list', 'watch', 'delete'].map((verb) => ({ verb, resource: 'pods' })),
  ...['get', 'create'].map((verb) => ({ verb, resource: 'pods', subresource: 'portforward' })),
  ...['list', 'watch'].map((verb) => ({ verb, resource: 'events' })),
  ...['get', 'create', 'update'].map((verb) => ({ verb, group: 'networking.k8s.io', resource: 'networkpolicies' })),
  ...['create', 'patch', 'delete', 'deletecollection'].map((verb) => ({ verb, resource: 'secrets' })),
  { verb: 'get', resource: 'serviceaccounts', name: serviceAccount },
]

export interface Preflight {
  readonly context: string
  readonly server: string
  readonly namespace: string
  /** `v1.36.3`, or undefined when the server does not answer. */
  readonly version: string | undefined
  /** Sentences: what is missing, each with what to do about it. Empty: it can start. */
  readonly problems: readonly string[]
}

export async function preflight(
  api: KubernetesApi,
  about: { readonly context: string; readonly server: string; readonly serviceAccount: string; readonly needsKeys: boolean },
): Promise<Preflight> {
  const { context, server } = about
  const base = { context, server, namespace: api.namespace }
  const version = await api.version()
  if (!version.ok) return { ...base, version: undefined, problems: [describeApiError(version.error)] }
  const [rights, account, keys] = await Promise.all([
    Promise.all(neededRights(about.serviceAccount).map(async (right) => ({ right, answer: await api.mayI(right) }))),
    api.getServiceAccount(about.serviceAccount),
    about.needsKeys ? api.jwks() : undefined,
  ])
  const lacking = rights.filter(({ answer }) => answer.ok && answer.value.status?.allowed !== true).map(({ right }) => wordsOf(right))
  const asked = rights.find(({ answer }) => !answer.ok)
  return {
    ...base,
    version: version.value.gitVersion,
    problems: [
      ...(asked !== undefined && !asked.answer.ok ? [`rights cannot be asked for: ${describeApiError(asked.answer.error)}`] : []),
      ...(lacking.length === 0 ? [] : [`in namespace ${api.namespace} the account may not: ${lacking.join(', ')} — deploy/rbac.yaml grants it`]),
      ...(!account.ok && account.error.status === 404
        ? [`service account ${about.serviceAccount} is not in namespace ${api.namespace}: apply deploy/rbac.yaml, or name another one`]
        : []),
      ...(keys !== undefined && !keys.ok ? [`the cluster's token keys (/openid/v1/jwks) cannot be read: ${describeApiError(keys.error)}`] : []),
    ],
  }
}

const wordsOf = ({ verb, resource, subresource, name }: AccessAttributes): string =>
  `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`}`
