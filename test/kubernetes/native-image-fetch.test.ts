import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import type { RegistryAccess } from '../services/registry-access.ts'
import { resourceFiles } from './resource-files.ts'
import { openAirsidePlace, type AirsidePlace } from './airside-place.ts'
import { watchPods } from './watch-pods.ts'

/**
 * Phase 5 of native image fetch, proved on the wire: a custom registry-image type's check, get and put and a task's image_resource run
 * on a real cluster; the registry's access log, all pods ever created and their images' digests say how.
 */
describe('native image fetch on Kubernetes', () => {
  let place: AirsidePlace

  beforeAll(async () => {
    place = await openAirsidePlace('native', 'baseline')
  })
  afterAll(() => place.close())

  const server = ({ userAgent }: RegistryAccess) => userAgent.startsWith('airside')

  test('check, get, put and task use the digests that checks found; no pod fetches an image, no layer passes the server', async () => {
    const { folder, cluster, namespace } = place
    const { registry } = cluster
    const custom = await pushImage(registry, 'native/custom-resource', 'latest', await busyboxImage(resourceFiles()))
    const base = await pushImage(registry, 'native/base-resource', '2', await busyboxImage(resourceFiles()))
    const tools = await pushImage(registry, 'native/tools', '1.2', await busyboxImage([{ path: 'unique', content: randomBytes(64).toString('hex') }]))
    const file = join(folder, 'pipeline.yml')
    await writeFile(
      file,
      `
resource_types:
- {name: custom, type: registry-image, source: {repository: ${registry.host}/native/custom-resource, insecure: true}}
resources:
- {name: source, type: custom, source: {}}
- {name: target, type: custom, source: {other: true}}
- {name: basic, type: mock, source: {}}
jobs:
- name: job
  plan:
  - get: source
  - get: basic
  - task: make
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${registry.host}/native/tools, tag: 1.2, insecure: true}}
      inputs: [{name: source}, {name: basic}]
      outputs: [{name: made}]
      run: {path: sh, args: [-ec, 'cat source/file basic/file > made/file']}
  - put: target
    params: {made: made/file}
`,
    )
    const before = (await registry.accessLog()).length
    const pods = watchPods(cluster, namespace)
    const ended = await place.run(file, '--base-resource-type', `mock=${registry.host}/native/base-resource:2`).ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)

    const created = pods()
    const log = (await registry.accessLog()).slice(before).filter((access) => access.repository?.startsWith('native/'))
    const digestOf = (pushed: { pinned: string }) => pushed.pinned.split('@')[1] ?? ''
    const expected = { 'native/custom-resource': digestOf(custom), 'native/base-resource': digestOf(base), 'native/tools': digestOf(tools) }

    // Each pod asks for tag and digest, and runs that digest.
    for (const { image, imageId } of created) {
      const [, repository = '', digest = ''] = /^[^/]+\/([^:]+):[^@]+@(sha256:[0-9a-f]{64})$/.exec(image) ?? []
      expect(digest, image).toBe(expected[repository as keyof typeof expected])
      if (imageId !== '') expect(imageId).toContain(digest)
    }
    // The pods are the job's own steps: two checks, two gets, the task, the put and its get. None is there for an image.
    const count = (type: string) => created.filter((pod) => pod.type === type).length
    expect({ check: count('check'), get: count('get'), task: count('task'), put: count('put'), all: created.length }).toEqual({ check: 2, get: 3, task: 1, put: 1, all: 7 })

    for (const [repository, digest] of Object.entries(expected)) {
      const asked = log.filter((access) => access.repository === repository)
      const own = asked.filter(server)
      expect(own.filter(({ method, kind }) => method === 'HEAD' && kind === 'manifest').length, `${repository}: HEADs`).toBeGreaterThan(0)
      // Manifest and config once; nothing else is ever fetched.
      const gets = own.filter(({ method }) => method === 'GET')
      expect(gets.filter(({ kind }) => kind === 'manifest').map(({ reference }) => reference), `${repository}: manifests`).toEqual([digest])
      expect(gets.filter(({ kind }) => kind === 'blob').length, `${repository}: the config`).toBe(1)
      expect(gets.reduce((sum, { bytes }) => sum + bytes, 0), `${repository}: bytes through the server`).toBeLessThan(20_000)
      // The node pulled it itself, by digest.
      const node = asked.filter((access) => !server(access) && access.userAgent.includes('containerd'))
      expect(node.some(({ kind, reference }) => kind === 'manifest' && reference === digest), `${repository}: the node's pull`).toBe(true)
      expect(node.filter(({ kind, method }) => kind === 'blob' && method === 'GET').length, `${repository}: layers to the node`).toBeGreaterThan(0)
    }
  })
})
