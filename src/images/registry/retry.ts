import type { Clock } from '../../lib/clock.ts'
import type { Result } from '../../model/result.ts'
import { describeRegistryError, type RegistryError } from './registry-error.ts'

export interface RetryPolicy {
  /** The number of tries, with the first. */
  readonly attempts: number
  /** The first pause in ms. Each further one is twice as long. */
  readonly baseMs: number
  readonly maxMs: number
  /** No try begins later than this after the first, in ms. */
  readonly totalMs: number
}

/** Long enough for a registry to restart (20 s). */
export const defaultRetryPolicy: RetryPolicy = { attempts: 9, baseMs: 250, maxMs: 8000, totalMs: 45_000 }

export interface Retry {
  readonly error: RegistryError
  /** Tries made so far. */
  readonly attempt: number
  readonly delayMs: number
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  readonly clock: Clock
  /** 0 ≤ x < 1. */
  readonly random: () => number
  readonly signal?: AbortSignal | undefined
  /** Called before each pause. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

/** Retries what failed with a temporary error. Other errors are returned at once, and so is one whose Retry-After is too long. */
export async function withRetries<T>(
  run: () => Promise<Result<T, RegistryError>>,
  options: RetryOptions,
): Promise<Result<T, RegistryError>> {
  const { policy, clock, signal } = options
  const started = clock.now()
  for (let attempt = 1; ; attempt++) {
    const result = await run()
    if (result.ok || !result.error.retryable || attempt >= triesFor(result.error, policy)) return result
    const delayMs = delayOf(result.error, attempt, policy, options.random)
    if (clock.now() - started + delayMs > policy.totalMs) return result
    options.onRetry?.({ error: result.error, attempt, delayMs })
    try {
      await clock.sleep(delayMs, signal)
    } catch {
      return { ok: false, error: { ...result.error, kind: 'aborted', retryable: false } }
    }
  }
}

/** One line for a log: what happened and when it is tried again. */
export const describeRetry = ({ error, attempt, delayMs }: Retry): string =>
  `${describeRegistryError(error)}; trying again in ${(delayMs / 1000).toFixed(1)} s (after ${attempt === 1 ? '1 try' : `${attempt} tries`})`

const unknownHostTries = 3

const triesFor = (error: RegistryError, policy: RetryPolicy): number =>
  error.kind === 'unknown-host' ? Math.min(unknownHostTries, policy.attempts) : policy.attempts

/** Half of the pause is random, so that requests that failed at the same time are not retried at the same time. */
function delayOf(error: RegistryError, attempt: number, policy: RetryPolicy, random: () => number): number {
  const backoff = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1))
  const jittered = Math.round(backoff / 2 + (random() * backoff) / 2)
  return Math.max(jittered, error.retryAfterMs ?? 0)
}
