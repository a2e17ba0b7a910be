import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startRegistry, type RunningRegistry } from '../../../src/images/server/start-registry.ts'
import { pushSample } from '../../../src/images/testing/sample-image.ts'
import type { World } from './world.ts'

/** A registry for all tests of a file, with the image that steps of `task` run in. */
export function sampleImage() {
  let folder: string
  let registry: RunningRegistry
  let digest: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-web-registry-'))
    registry = await startRegistry({ dir: folder })
    digest = await pushSample({ registry: registry.host, repository: 'tools' }, '1')
  })
  afterAll(async () => {
    await registry.stop()
    await rm(folder, { recursive: true })
  })
  return {
    digest: () => digest,
    host: () => registry.host,
    task: (name: string, params: Readonly<Record<string, string>> = {}) => ({
      task: name,
      params,
      config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: `${registry.host}/tools`, tag: '1' } }, run: { path: 'sh', args: ['-c', 'make it'] } },
    }),
  }
}

/** Sets a pipeline, runs one of its jobs and says how that ended. */
export async function built(world: World, name: string, yaml: string, job = 'unit'): Promise<{ readonly id: number; readonly status: string }> {
  const api = await world.server.as('ana')
  await api.setPipeline(name, yaml)
  const id = await api.trigger(name, job)
  return { id, status: await api.ended(id) }
}
