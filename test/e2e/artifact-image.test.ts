import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { startRegistryFront, type RegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { artifactFormats, writeArtifactImages } from '../services/artifact-images.ts'
import { busyboxImage } from '../services/images.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { pushImage } from '../services/push-image.ts'
import { registryImageResource } from '../services/registry-image-resource.ts'
import { airside } from './airside.ts'

describe('images that are artifacts, on a container engine', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry
  /** The registry as containers reach it, for resources that fetch images themselves. */
  let inside: RegistryFront

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-artifact-image-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    inside = await startRegistryFront({ target: registry.url, address: machineAddress() })
    await pushImage(registry, 'registry-image-resource', '1', await registryImageResource())
    await pushImage(registry, 'tools', '1', await busyboxImage())
    await pushImage(registry, 'task', '1.2', await busyboxImage([{ path: 'unique', content: randomBytes(8).toString('hex') }]))
  })

  afterAll(async () => {
    await inside.stop()
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (data: string, ...args: string[]) =>
    airside(['run', ...args, '--data', join(folder, data), '--base-resource-type', `registry-image=${registry.host}/registry-image-resource:1`], { DOCKER_HOST: podman.dockerHost })

  test('what a task makes runs as an image in all four formats, with its variables and its user', async () => {
    const images = join(folder, 'images')
    await writeArtifactImages(images, 'on docker')
    const file = join(folder, 'formats.yml')
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
      image_resource: {type: registry-image, source: {repository: ${registry.host}/tools, tag: 1, insecure: true}}
      inputs: [{name: images}]
      outputs: [${artifactFormats.map((format) => `{name: ${format}}`).join(', ')}]
      run: {path: sh, args: [-ec, '${artifactFormats.map((format) => `cp -a images/${format}/. ${format}/`).join('; ')}; chown 1000:1000 rootfs/rootfs/home/app']}
${artifactFormats.map((format) => `  - task: run-${format}\n    image: ${format}\n    config: {platform: linux, run: {path: sh, args: [-ec, 'echo "$MARK: $(cat /made) by $(id -un), $(stat -c %U /home/app)"']}}\n`).join('')}
`,
    )
    const ended = await run('formats', file, '--input', `images=${images}`).ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    for (const format of artifactFormats) expect(ended.stdout).toContain(`${format}: made on docker by app, app`)
  })

  test('with native image fetch off, get steps fetch images in every format that the resource has', async () => {
    const file = join(folder, 'off.yml')
    const source = `{repository: ${inside.host}/task, tag: 1.2, insecure: true}`
    const formats = ['rootfs', 'oci', 'oci-layout']
    await writeFile(
      file,
      `
resource_types:
- {name: fetched, type: registry-image, source: {repository: ${inside.host}/registry-image-resource, tag: 1, insecure: true}}
resources:
- {name: app, type: registry-image, source: ${source}}
- {name: pushed, type: fetched, source: {repository: ${inside.host}/pushed, insecure: true}}
jobs:
- name: job
  plan:
${formats.map((format) => `  - {get: ${format}, resource: app, params: {format: ${format}}}\n  - {task: run-${format}, image: ${format}, config: {platform: linux, run: {path: sh, args: [-c, 'echo "${format} is $(cat /unique)"']}}}\n`).join('')}
  - {task: resource, config: {platform: linux, image_resource: {type: registry-image, source: ${source}}, run: {path: sh, args: [-c, 'echo "fetched is $(cat /unique)"']}}}
  - {put: pushed, params: {image: oci/image.tar}}
`,
    )
    const ended = await run('off', file, '--no-native-image-fetch').ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    for (const format of [...formats, 'fetched']) expect(ended.stdout).toMatch(new RegExp(`^${format} is [0-9a-f]{16}\\r?$`, 'm'))
    expect((await fetch(`${registry.url}/v2/pushed/tags/list`)).status).toBe(200)
  })

  test('an artifact that is no image, or a bad one, is told so', async () => {
    const bad = join(folder, 'bad')
    const file = join(folder, 'bad.yml')
    await writeFile(file, `resources:\n- {name: bad, type: mock, source: {}}\njobs:\n- name: job\n  plan:\n  - get: bad\n  - {task: t, image: bad, config: {platform: linux, run: {path: sh}}}\n`)
    await mkdir(join(bad, 'none'), { recursive: true })
    await writeFile(join(bad, 'none', 'README.md'), 'no image')
    const none = await run('bad', file, '--input', `bad=${join(bad, 'none')}`).ended
    expect({ status: none.status, words: none.stdout.includes('artifact bad is no image: it has neither rootfs/, image.tar nor an OCI layout') }, none.stdout).toEqual({ status: 2, words: true })
    await mkdir(join(bad, 'metadata', 'rootfs'), { recursive: true })
    await writeFile(join(bad, 'metadata', 'metadata.json'), '{"user": 7}')
    const metadata = await run('bad', file, '--input', `bad=${join(bad, 'metadata')}`).ended
    expect({ status: metadata.status, words: metadata.stdout.includes('artifact bad cannot be used as an image: its metadata.json is not') }, metadata.stdout).toEqual({ status: 2, words: true })
  })
})

/** An address of this machine that containers reach too. */
function machineAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.filter(({ family, internal }) => family === 'IPv4' && !internal))
  const [first] = found
  if (first === undefined) throw new Error('this machine has no address but its own loopback')
  return first.address
}
