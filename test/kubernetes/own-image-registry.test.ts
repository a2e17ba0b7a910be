import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { airside } from '../e2e/airside.ts'
import { writeArtifactImages } from '../services/artifact-images.ts'
import { busyboxImage } from '../services/images.ts'
import { freePort } from '../services/ports.ts'
import { pushImage } from '../services/push-image.ts'
import { tlsFront } from '../services/tls-front.ts'
import { until } from '../services/wait.ts'
import { openAirsidePlace, type AirsidePlace } from './airside-place.ts'
import { watchPods } from './watch-pods.ts'

describe('the registry of airside web on Kubernetes', () => {
  const prefix = `own-${randomBytes(4).toString('hex')}`
  let place: AirsidePlace

  beforeAll(async () => {
    place = await openAirsidePlace('own-registry', 'privileged')
    await pushImage(place.cluster.registry, `${prefix}/tools`, '1', await busyboxImage())
  })
  afterAll(() => place.close())

  test('airside web with an https URL serves such images itself, each to its own pod only', async () => {
    const { folder, cluster, namespace, flags } = place
    const data = ['--data', join(folder, 'own')]
    const images = join(folder, 'own-images')
    await writeArtifactImages(images, `own ${prefix}`)
    const file = join(folder, 'own.yml')
    await writeFile(
      file,
      `
resources:
- {name: images, type: mock, source: {}}
jobs:
- name: job
  plan:
  - get: images
  - task: make
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${cluster.registry.host}/${prefix}/tools, tag: 1, insecure: true}}
      inputs: [{name: images}]
      outputs: [{name: layout}]
      run: {path: sh, args: [-ec, 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "line $i"; sleep 0.3; done; cp -a images/layout/. layout/']}
  - {task: run-layout, image: layout, config: {platform: linux, run: {path: cat, args: [/made]}}}
`,
    )
    const port = await freePort()
    const front = await tlsFront(join(folder, 'certificates'), cluster.hostAddress, port)
    const pods = watchPods(cluster, namespace)
    const first = airside(['run', file, '--input', `images=${images}`, '--image-registry', `${cluster.registry.host}/${prefix}`, ...data, ...flags])
    await first.until(/line 3\b/)
    first.child.kill('SIGKILL')
    await first.ended
    await cluster.trust(front.host, { kind: 'https', caFile: front.caFile })
    const web = airside(['web', '--port', String(port), '--external-url', `https://${front.host}`, ...data, ...flags])
    try {
      await until('a node has pulled from the server', () => Promise.resolve(front.log.some((line) => /^GET 200 .*\/blobs\//.test(line))))
      await until('the build is over', async () => (await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-o', 'name'])) === '')
    } finally {
      web.child.kill('SIGTERM')
      await web.ended
      await front.stop()
    }
    expect(web.stderr()).toContain('nodes can pull images that are artifacts')
    expect((await airside(['run', '--resume', ...data, ...flags]).ended).stderr).toContain('there is no unfinished build')
    const [own] = pods().filter(({ step }) => step === 'run-layout')
    expect(own?.image).toMatch(new RegExp(`^${front.host}/airside-artifact/[0-9a-f]{40}:sha256-[0-9a-f]{64}@sha256:[0-9a-f]{64}$`))
    // Of a pod that ends at once the kubelet may never report it.
    if (own?.imageId !== '') expect(own?.imageId).toContain(own?.image.split('@')[1])
    // Asked without a password first, then with the one of the pod's own secret.
    const answers = front.log.filter((line) => line.includes('/v2/')).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(answers[0]).toMatch(/^(GET|HEAD) 401$/)
    expect(answers.filter((answer) => !/^(GET|HEAD) (200|401)$/.test(answer))).toEqual([])
  })
})
