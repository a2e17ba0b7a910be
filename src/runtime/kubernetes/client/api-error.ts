/** What went wrong with a call to the Kubernetes API. `status` 0: no answer came, so a write may have happened. */
export interface ApiError {
  readonly kind: 'api-error'
  readonly status: number
  /** Kubernetes' reason, such as `AlreadyExists`, `Forbidden`, `Invalid`, or Node's code, such as `ECONNREFUSED`. */
  readonly reason: string
  readonly message: string
  readonly retryAfterMs?: number
}

export const describeApiError = (error: ApiError): string =>
  error.status === 0 ? `the Kubernetes API cannot be reached: ${error.message}` : error.message

/** Whether the same call may succeed a little later. A 409 on a create is news, never noise. */
export function isTransient(error: ApiError): boolean {
  if (error.status === 0 || error.status === 429) return true
  if (error.status >= 500) return error.status !== 501
  // Updates that met another's, and a namespace's start, are told apart from names that are taken.
  return error.status === 409 && error.reason === 'Conflict'
}

/** Whether a call that failed so may nevertheless have been carried out. */
export const mayHaveHappened = (error: ApiError): boolean => error.status === 0 || error.status >= 500
