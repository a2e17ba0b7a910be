import { describe, expect, it } from 'vitest'
import { answer } from '../testing/fault-proxy.ts'
import { describeRegistryError } from './registry-error.ts'
import type { Retry } from './retry.ts'
import { client, digest, proxy, slept, target, useRegistry } from './testing/client-world.ts'

useRegistry()

describe('temporary failures are tried again', () => {
  it('500, 502, 503, then an answer', async () => {
    const statuses = [500, 502, 503]
    proxy.fault = (_request, response) => {
      const status = statuses.shift()
      return status !== undefined && answer(response, status)
    }
    const retries: Retry[] = []
    const result = await client.headManifest(target(), 'v1', { onRetry: (retry) => retries.push(retry) })
    expect(result).toEqual({ ok: true, value: { digest } })
    expect(slept).toEqual([188, 375, 750])
    expect(retries.map(({ attempt, error }) => [attempt, error.kind, error.status])).toEqual([
      [1, 'unavailable', 500],
      [2, 'unavailable', 502],
      [3, 'unavailable', 503],
    ])
  })

  it('429: waits as long as Retry-After says', async () => {
    let first = true
    proxy.fault = (_request, response) => {
      if (!first) return false
      first = false
      return answer(response, 429, { 'retry-after': '7' })
    }
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
    expect(slept).toEqual([7000])
  })

  it('429 with a longer Retry-After than allowed fails at once', async () => {
    proxy.fault = (_request, response) => answer(response, 429, { 'retry-after': '3600' })
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'rate-limited', retryAfterMs: 3_600_000, status: 429 } })
    expect(slept).toEqual([])
  })

  it('a reset connection', async () => {
    let resets = 2
    proxy.fault = (request) => {
      if (resets-- <= 0) return false
      request.socket.resetAndDestroy()
      return true
    }
    expect(await client.headManifest(target(), 'v1')).toEqual({ ok: true, value: { digest } })
  })

  it('a body that breaks off, and one that stops coming', async () => {
    const faults = ['cut', 'stall']
    proxy.fault = (_request, response) => {
      const fault = faults.shift()
      if (fault === undefined) return false
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"start":')
      if (fault === 'cut') response.destroy()
      return true
    }
    const result = await client.getManifest(target(), 'v1')
    expect(result).toMatchObject({ ok: true, value: { digest } })
    expect(slept).toHaveLength(2)
  })

  it('ends with the last error', async () => {
    proxy.fault = (_request, response) => answer(response, 503)
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'unavailable', status: 503 } })
    expect(proxy.calls()).toHaveLength(9)
    expect(slept.reduce((a, b) => a + b)).toBeLessThanOrEqual(45_000)
  })

  it('a registry that does not run', async () => {
    await proxy.stop()
    const result = await client.headManifest(target(), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unreachable', retryable: true } })
    if (!result.ok) expect(describeRegistryError(result.error)).toContain('connection refused')
    expect(slept).toHaveLength(8)
  })
})
