import { describe, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { describeRegistryError, type RegistryError } from './registry-error.ts'
import { defaultRetryPolicy, describeRetry, withRetries, type Retry } from './retry.ts'

const error = (more: Partial<RegistryError> = {}): RegistryError => ({
  kind: 'unavailable',
  image: 'h/a:1',
  registry: 'h',
  detail: 'it failed',
  retryable: true,
  ...more,
})

async function run(outcomes: Result<string, RegistryError>[], random = 0.5) {
  const slept: number[] = []
  const told: Retry[] = []
  let time = 0
  let tries = 0
  const clock: Clock = {
    now: () => time,
    sleep: (ms) => {
      slept.push(ms)
      time += ms
      return Promise.resolve()
    },
  }
  const next = (): Promise<Result<string, RegistryError>> => Promise.resolve(outcomes[Math.min(tries++, outcomes.length - 1)] ?? ok('none'))
  const result = await withRetries(next, { policy: defaultRetryPolicy, clock, random: () => random, onRetry: (retry) => told.push(retry) })
  return { result, slept, told, tries }
}

describe('withRetries', () => {
  it('returns a success', async () => {
    expect(await run([ok('x')])).toMatchObject({ result: ok('x'), slept: [], tries: 1 })
  })

  it('returns a permanent error at once', async () => {
    expect(await run([fail(error({ retryable: false }))])).toMatchObject({ slept: [], tries: 1 })
  })

  it.each([
    [0, [125, 250, 500, 1000, 2000, 4000, 4000, 4000]],
    [0.999999, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]],
  ])('waits longer each time, up to the limits; jitter %d', async (random, expected) => {
    const { slept, tries } = await run([fail(error())], random)
    expect(slept).toEqual(expected)
    expect(tries).toBe(9)
  })

  it('waits 20 s for a registry that restarts, whatever the jitter', async () => {
    const { slept } = await run([fail(error({ kind: 'unreachable' }))], 0)
    expect(slept.reduce((a, b) => a + b)).toBeLessThanOrEqual(45_000)
    expect((await run([fail(error({ kind: 'unreachable' }))], 0.5)).slept.reduce((a, b) => a + b)).toBeGreaterThan(20_000)
  })

  it('tries an unknown host name three times', async () => {
    expect(await run([fail(error({ kind: 'unknown-host' }))])).toMatchObject({ tries: 3, slept: [188, 375] })
  })

  it('Retry-After takes precedence over the backoff; one that is too long is final', async () => {
    expect((await run([fail(error({ retryAfterMs: 9000 })), ok('x')])).slept).toEqual([9000])
    expect((await run([fail(error({ retryAfterMs: 46_000 })), ok('x')])).result.ok).toBe(false)
  })

  it('says when a registry allows the next request', () => {
    const asked = (retryAfterMs: number) => describeRegistryError(error({ kind: 'rate-limited', status: 429, retryAfterMs })).replace(/^.*HTTP 429\)/, '')
    expect([0, 9000, 119_001, 3_600_000, 12_000_000, 86_400_000].map(asked)).toEqual([
      '',
      '; it allows the next request in 9 s',
      '; it allows the next request in 2 min',
      '; it allows the next request in 60 min',
      '; it allows the next request in 3 h 20 min',
      '; it allows the next request in 24 h',
    ])
  })

  it('says what it does in one line', async () => {
    const { told } = await run([fail(error({ status: 503 })), ok('x')])
    expect(told.map(describeRetry)).toEqual(['registry failed: h/a:1: it failed (HTTP 503); trying again in 0.2 s (after 1 try)'])
  })
})
