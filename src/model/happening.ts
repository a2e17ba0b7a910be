import type { FinalStatus } from './event.ts'

/** What a server counts. `check`: a build that checks a resource. */
export type Happening =
  | { readonly kind: 'build-started'; readonly check: boolean; /** Another server, or this one before a restart, ran it before. */ readonly resumed: boolean }
  | { readonly kind: 'build-left'; readonly check: boolean }
  | { readonly kind: 'build-ended'; readonly check: boolean; readonly status: FinalStatus; readonly team: string; readonly pipeline?: string; readonly job?: string; readonly ms: number }
  /** Of a step's container, until it is ready. */
  | { readonly kind: 'step-waits'; readonly team: string; readonly type: string; readonly tags: readonly string[] }
  | { readonly kind: 'step-waited'; readonly team: string; readonly type: string; readonly tags: readonly string[]; readonly ms: number }
  | { readonly kind: 'request'; readonly method: string; readonly route: string; readonly status: number; readonly ms: number }
  | { readonly kind: 'query' }
  | { readonly kind: 'error-logged'; readonly message: string }
  | { readonly kind: 'check-started' }
  | { readonly kind: 'check-ended'; readonly succeeded: boolean }
  | { readonly kind: 'job-scheduling' }
  | { readonly kind: 'job-scheduled' }
  | { readonly kind: 'get-cache-hit' }
  | { readonly kind: 'login'; readonly outcome: string }

export type Observe = (happening: Happening) => void
