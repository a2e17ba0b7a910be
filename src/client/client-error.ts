/** Why a request got no answer that can be used. */
export type ClientError =
  | { readonly kind: 'unreachable'; readonly message: string }
  /** The token is unknown, expired or revoked, or none was sent. */
  | { readonly kind: 'unauthorized' }
  /** `message` is the server's, when it sent one. */
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** The answer is not what the API answers: a proxy's page, another program. */
  | { readonly kind: 'unexpected'; readonly message: string }
