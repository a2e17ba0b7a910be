import type { Clock } from '../../../lib/clock.ts'
import type { Result } from '../../../model/result.ts'
import { isTransient, type ApiError } from './api-error.ts'

export interface RetryOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** How long a call is retried; Infinity: until the signal aborts. */
  readonly patienceMs: number
  readonly onRetry?: (error: ApiError) => void
}

/** Repeats a call while its error is transient: 0.1 s doubling to 5 s with jitter, or what Retry-After asks for. */
export async function retrying<T>(options: RetryOptions, call: () => Promise<Result<T, ApiError>>): Promise<Result<T, ApiError>> {
  const { clock, signal } = options
  const end = clock.now() + options.patienceMs
  for (let delay = 100; ; delay = Math.min(delay * 2, 5_000)) {
    const result = await call()
    if (result.ok || !isTransient(result.error) || signal?.aborted === true) return result
    const pause = result.error.retryAfterMs ?? delay * (0.75 + Math.random() / 2)
    if (clock.now() + pause > end) return result
    options.onRetry?.(result.error)
    try {
      await clock.sleep(pause, signal)
    } catch {
      return result
    }
  }
}
