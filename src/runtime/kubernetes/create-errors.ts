import { describeApiError, isTransient, type ApiError } from './client/api-error.ts'

/** What it means that a pod could not be created. */
export type CreateProblem =
  | { readonly kind: 'exists' }
  | { readonly kind: 'quota'; readonly message: string }
  | { readonly kind: 'transient'; readonly message: string }
  /** This cluster's API knows no image volumes. */
  | { readonly kind: 'no-image-volumes'; readonly message: string }
  | { readonly kind: 'rejected'; readonly message: string }

export function readCreateError(error: ApiError): CreateProblem {
  const message = describeApiError(error)
  if (error.status === 409 && error.reason === 'AlreadyExists') return { kind: 'exists' }
  if (error.status === 403 && /exceeded quota|insufficient quota/.test(message)) return { kind: 'quota', message: quotaWords(message) }
  // The account's controllers are a moment behind in a young namespace; a quota's status may be unknown as yet.
  if (error.status === 403 && /status unknown for quota|error looking up service account|no API token found/.test(message)) {
    return /error looking up service account/.test(message)
      ? { kind: 'rejected', message: `${message} — it is made by deploy/rbac.yaml` }
      : { kind: 'transient', message }
  }
  if (error.status === 403 && /violates PodSecurity/.test(message)) {
    return { kind: 'rejected', message: `the namespace's Pod Security refuses the step's pod: ${message.replace(/^.*?violates/, 'it violates')}` }
  }
  if (error.status === 422 && /volumes\[\d+\]\.image|must specify a volume type/.test(message)) return { kind: 'no-image-volumes', message }
  if (isTransient(error) || error.status === 401) return { kind: 'transient', message }
  return { kind: 'rejected', message: `the Kubernetes API refuses the step's pod: ${message}` }
}

/** `pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2` without the pod's name. */
const quotaWords = (message: string): string => message.replace(/^pods "[^"]*" is forbidden: /, '')
