import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { openAirsidePlace, type AirsidePlace } from './airside-place.ts'
import { watchPods } from './watch-pods.ts'

const script = (answer: string) => `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`

/** Nobody here reaches Docker Hub: what runs comes from the mirror and from below the prefix, to server and node alike. */
describe('an air gap', () => {
  let place: AirsidePlace

  beforeAll(async () => {
    place = await openAirsidePlace('air-gap', 'baseline')
  })
  afterAll(() => place.close())

  test('images of Docker Hub come from the mirror, those of base types from below the prefix', async () => {
    const { folder, cluster, namespace } = place
    const { registry } = cluster
    // What the node has from an earlier run would not be pulled.
    const unique = () => ({ path: 'unique', content: randomBytes(16).toString('hex') })
    const resource = () => busyboxImage([
      unique(),
      { path: 'opt/resource/check', content: script('[{"n":"1"}]'), mode: 0o755 },
      { path: 'opt/resource/in', content: script('{"version":{"n":"1"}}'), mode: 0o755 },
    ])
    const pushed = {
      base: await pushImage(registry, 'inside/concourse/mock-resource', 'latest', await resource()),
      type: await pushImage(registry, 'air/custom-resource', 'latest', await resource()),
      tools: await pushImage(registry, 'library/air-tools', '1', await busyboxImage([unique(), { path: 'word', content: 'mirrored\n' }])),
    }
    const file = join(folder, 'pipeline.yml')
    await writeFile(
      file,
      `
resource_types:
- {name: custom, type: registry-image, source: {repository: air/custom-resource}}
resources:
- {name: basic, type: mock, source: {}}
- {name: special, type: custom, source: {}}
jobs:
- name: job
  plan:
  - get: basic
  - get: special
  - task: say
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: air-tools, tag: 1}}
      run: {path: cat, args: [/word]}
`,
    )
    const before = (await registry.accessLog()).length
    const pods = watchPods(cluster, namespace)
    const ended = await place.run(file, '--registry-mirror', registry.host, '--base-resource-type-prefix', `${registry.host}/inside`).ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout).toMatch(/^mirrored$/m)

    const name = (repository: string, tag: string, { digest }: { digest: string }) => `${registry.host}/${repository}:${tag}@${digest}`
    const expected = [name('air/custom-resource', 'latest', pushed.type), name('inside/concourse/mock-resource', 'latest', pushed.base), name('library/air-tools', '1', pushed.tools)]
    expect([...new Set(pods().map(({ image }) => image))].toSorted((a, b) => a.localeCompare(b))).toEqual(expected)

    const log = (await registry.accessLog()).slice(before)
    for (const repository of ['air/custom-resource', 'inside/concourse/mock-resource', 'library/air-tools']) {
      const asked = log.filter((access) => access.repository === repository)
      expect(asked.some(({ userAgent, method }) => userAgent.startsWith('airside') && method === 'HEAD'), `${repository}: checked`).toBe(true)
      expect(asked.some(({ userAgent }) => userAgent.includes('containerd')), `${repository}: pulled`).toBe(true)
    }
  })
})
