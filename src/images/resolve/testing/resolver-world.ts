import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { JsonObject } from '../../../model/json.ts'
import type { Result } from '../../../model/result.ts'
import { RegistryClient } from '../../registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../server/start-registry.ts'
import { startFaultProxy, type FaultProxy } from '../../testing/fault-proxy.ts'
import { pushSample } from '../../testing/sample-image.ts'
import { describeImageError, type ImageError } from '../image-error.ts'
import { ImageResolver } from '../image-resolver.ts'

let dir: string
export let registry: RunningRegistry
export let proxy: FaultProxy
export let client: RegistryClient
export let resolver: ImageResolver
export let v1: string
export let multi: string

/** A registry with images behind a fault proxy, and a resolver, for the tests of a file. */
export function useRegistry(): void {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
    registry = await startRegistry({ dir })
    v1 = await pushSample({ registry: registry.host, repository: 'app' }, '1.2')
    multi = await pushSample({ registry: registry.host, repository: 'app' }, 'latest', { index: true })
  })
  afterAll(async () => {
    await registry.stop()
    await rm(dir, { recursive: true })
  })
  beforeEach(async () => {
    proxy = await startFaultProxy(registry.host)
    client = new RegistryClient({ retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } })
    resolver = new ImageResolver(client)
  })
  afterEach(async () => {
    await client.close()
    await proxy.stop()
  })
}

export const source = (more: JsonObject = {}): JsonObject => ({ repository: `${proxy.host}/app`, tag: 'latest', ...more })
export const value = <T>(result: Result<T, ImageError>): T => {
  if (!result.ok) throw new Error(describeImageError(result.error))
  return result.value
}
export const words = (result: Result<unknown, ImageError>): string => (result.ok ? 'ok' : describeImageError(result.error))
