import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Clock } from '../../../lib/clock.ts'
import { startRegistry, type RunningRegistry } from '../../server/start-registry.ts'
import { startFaultProxy, type FaultProxy } from '../../testing/fault-proxy.ts'
import { pushSample } from '../../testing/sample-image.ts'
import { RegistryClient } from '../registry-client.ts'
import type { RegistryTarget } from '../target.ts'

export const password = 'canary-s3cret/+="\\'
export const credentials = { username: 'someone', password }

let dir: string
export let registry: RunningRegistry
export let proxy: FaultProxy
export let client: RegistryClient
export let slept: number[]
let time: number
export let digest: string

/** Sleeping takes no time but is counted. */
export const clock: Clock = {
  now: () => time,
  sleep: (ms, signal) => {
    signal?.throwIfAborted()
    slept.push(ms)
    time += ms
    return Promise.resolve()
  },
}

/** A registry with an image behind a fault proxy, and a client, for the tests of a file. */
export function useRegistry(): void {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
    registry = await startRegistry({ dir })
    digest = await pushSample({ registry: registry.host, repository: 'team/app' }, 'v1')
  })
  afterAll(async () => {
    await registry.stop()
    await rm(dir, { recursive: true })
  })
  beforeEach(async () => {
    slept = []
    time = Date.UTC(2026, 0, 1)
    proxy = await startFaultProxy(registry.host)
    client = new RegistryClient({ clock, random: () => 0.5, timeouts: { connectMs: 2000, headersMs: 2000, bodyMs: 300 } })
  })
  afterEach(async () => {
    await client.close()
    await proxy.stop()
  })
}

/** Moves the client's clock. */
export function passTime(ms: number): void {
  time += ms
}

export const target = (more: Partial<RegistryTarget> = {}): RegistryTarget => ({ registry: proxy.host, repository: 'team/app', ...more })
