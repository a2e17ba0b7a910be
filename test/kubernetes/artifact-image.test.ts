import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushSupervisor } from '../../src/cli/push/supervisor-image.ts'
import { writeProbeImage } from '../../src/images/artifact/probe-image.ts'
import { memoryBlobStore } from '../../src/images/oci/blob-store.ts'
import { startRegistryFront, type RegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { artifactFormats, writeArtifactImages } from '../services/artifact-images.ts'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { freePort } from '../services/ports.ts'
import { registryImageResource } from '../services/registry-image-resource.ts'
import { tlsFront } from '../services/tls-front.ts'
import { until } from '../services/wait.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'
import { resourceFiles } from './resource-files.ts'
import { watchPods } from './watch-pods.ts'

/**
 * Images that are artifacts on a real cluster: what steps make and what get steps fetch is put into a registry once, by content, and pulled
 * from there; the registry's access log and all pods ever created say how.
 */
describe('images that are artifacts on Kubernetes', () => {
  let folder: string
  let cluster: Cluster
  let namespace: TestNamespace
  let supervisorImage: string
  /** The registry as pods reach it, for resources that fetch images themselves. */
  let inside: RegistryFront
  let closed: RegistryFront
  const credentials = { username: 'airside', password: randomBytes(8).toString('hex') }
  const probes = new Set<string>()
  const prefix = `artifacts-${randomBytes(4).toString('hex')}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-artifact-image-'))
    cluster = await startCluster()
    namespace = await makeNamespace(cluster, 'privileged')
    inside = await startRegistryFront({ target: cluster.registry.url, address: cluster.hostAddress })
    closed = await startRegistryFront({ target: cluster.registry.url, credentials })
    await cluster.trust(closed.host, { kind: 'http' })
    supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
    await pushImage(cluster.registry, `${prefix}/registry-image-resource`, '1', await registryImageResource())
    await pushImage(cluster.registry, `${prefix}/tools`, '1', await busyboxImage())
    const probe = memoryBlobStore()
    const index = JSON.parse(Buffer.from(await probe.read((await writeProbeImage(probe)).descriptor.digest)).toString()) as { manifests: { digest: string }[] }
    for (const { digest } of index.manifests) probes.add(digest)
    await mkdir(join(folder, 'docker'))
    await writeFile(join(folder, 'docker', 'config.json'), JSON.stringify({ auths: { [closed.host]: { auth: btoa(`${credentials.username}:${credentials.password}`) } } }))
  })

  afterAll(async () => {
    await namespace.remove()
    await inside.stop()
    await closed.stop()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (data: string, ...args: string[]) => runWith({}, data, ...args)
  const runWith = (env: NodeJS.ProcessEnv, data: string, ...args: string[]) =>
    airside(
      [
        'run', ...args, '--data', join(folder, data), '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name,
        '--supervisor-image', supervisorImage, '--home-address', cluster.hostAddress,
        '--base-resource-type', `registry-image=${cluster.registry.host}/${prefix}/registry-image-resource:1`,
        '--base-resource-type', `mock=${cluster.registry.host}/${prefix}/base-resource:2`,
      ],
      { DOCKER_CONFIG: join(folder, 'docker'), ...env },
    )
  const withRegistry = (host = cluster.registry.host) => ['--image-registry', `${host}/${prefix}`]

  /** The image that proves that nodes can pull: its tag, and what its index points at. */
  const isProbe = (reference = ''): boolean => reference.startsWith('probe-') || probes.has(reference)
  /** What was written into the repository of artifacts' images. */
  async function writes(work: () => Promise<void>, host = 'airside-artifact'): Promise<{ uploads: number; manifests: string[] }> {
    const before = (await cluster.registry.accessLog()).length
    await work()
    const log = (await cluster.registry.accessLog()).slice(before).filter(({ repository, method, reference }) => repository === `${prefix}/${host}` && method !== 'GET' && method !== 'HEAD' && !isProbe(reference))
    return { uploads: log.filter(({ kind }) => kind === 'upload').length, manifests: log.filter(({ kind, method }) => kind === 'manifest' && method === 'PUT').map(({ reference = '' }) => reference) }
  }

  test('with native image fetch off, a pipeline’s images pass through get steps: types, tasks, puts; once for each content', async () => {
    const { registry } = cluster
    await pushImage(registry, `${prefix}/custom-resource`, 'latest', await busyboxImage(resourceFiles()))
    await pushImage(registry, `${prefix}/base-resource`, '2', await busyboxImage(resourceFiles()))
    await pushImage(registry, `${prefix}/task`, '1.2', await busyboxImage([{ path: 'unique', content: randomBytes(64).toString('hex') }]))
    const file = join(folder, 'pipeline.yml')
    await writeFile(
      file,
      `
resource_types:
- {name: custom, type: registry-image, source: {repository: ${inside.host}/${prefix}/custom-resource, insecure: true}}
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
      image_resource: {type: registry-image, source: {repository: ${inside.host}/${prefix}/task, tag: 1.2, insecure: true}}
      inputs: [{name: source}, {name: basic}]
      outputs: [{name: made}]
      run: {path: sh, args: [-ec, 'cat source/file basic/file > made/file; cat /unique']}
  - put: target
    params: {made: made/file}
`,
    )
    const pods = watchPods(cluster, namespace)
    const first = await writes(async () => {
      const ended = await run('off', file, '--no-native-image-fetch', ...withRegistry()).ended
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toContain(`pushing image image to ${registry.host}/${prefix}/airside-artifact`)
    })
    const created = pods()
    // The images of the custom type and of the task were gotten by pods, and ran from where they were put.
    const gets = created.filter(({ type, image }) => type === 'get' && image.includes('registry-image-resource'))
    expect(gets.map(({ step }) => step).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['custom', 'image'])
    const own = created.filter(({ image }) => image.includes('/airside-artifact:sha256-'))
    expect(own.map(({ type, step }) => `${type} ${step}`)).toEqual(expect.arrayContaining(['check source', 'get source', 'task make', 'put target', 'get target']))
    for (const { image } of own) expect(image).toMatch(/\/airside-artifact:sha256-[0-9a-f]{64}@sha256:[0-9a-f]{64}$/)
    expect(new Set(first.manifests).size).toBe(2)
    expect(first.manifests.length).toBe(2)

    const again = await writes(async () => {
      const ended = await run('off', file, '--no-native-image-fetch', ...withRegistry()).ended
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).not.toContain('pushing image')
    })
    expect(again).toEqual({ uploads: 0, manifests: [] })
  })

  async function formats(name: string, more = ''): Promise<{ file: string; images: string }> {
    const images = join(folder, `${name}-images`)
    await writeArtifactImages(images, `${name} ${prefix}`)
    const file = join(folder, `${name}.yml`)
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
      outputs: [${artifactFormats.map((format) => `{name: ${format}}`).join(', ')}]
      run: {path: sh, args: [-ec, '${artifactFormats.map((format) => `cp -a images/${format}/. ${format}/`).join('; ')}; chown 1000:1000 rootfs/rootfs/home/app']}
${artifactFormats
  .map(
    (format) => `
  - task: run-${format}
    image: ${format}
    ${more}
    config:
      platform: linux
      run: {path: sh, args: [-ec, 'echo "$MARK: $(cat /made) by $(id -un), $(stat -c %U /home/app)"; grep CapBnd /proc/self/status']}`,
  )
  .join('')}
`,
    )
    return { file, images }
  }

  /** Whether all of the image tasks could have become root of the machine. */
  const mayMount = (stdout: string): boolean[] => [...stdout.matchAll(/CapBnd:\s*([0-9a-f]+)/g)].map(([, mask]) => ((BigInt(`0x${mask}`) >> 21n) & 1n) === 1n)

  const said = (format: string, name: string) => `${format}: made ${name} ${prefix} by app, app`

  test('what a task makes runs as an image in all four formats, with its variables and its user', async () => {
    const { file, images } = await formats('formats')
    const wrote = await writes(async () => {
      const ended = await run('formats', file, '--input', `images=${images}`, ...withRegistry()).ended
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      for (const format of artifactFormats) expect(ended.stdout).toContain(said(format, 'formats'))
      expect(mayMount(ended.stdout)).toEqual([false, false, false, false])
    })
    expect(wrote.manifests.length).toBe(4)
    // The same content in another data folder; but busybox gives symlinks new times, so rootfs/ is not the same.
    const again = await run('other-data', file, '--input', `images=${images}`, ...withRegistry()).ended
    expect(again.status, again.stdout + again.stderr).toBe(0)
    for (const format of artifactFormats) {
      expect(again.stdout).toContain(said(format, 'formats'))
      expect({ format, pushed: again.stdout.includes(`pushing image ${format} `) }).toEqual({ format, pushed: format === 'rootfs' })
    }
  })

  test('privileged applies to an image that a step made; a registry that wants credentials is pushed to and pulled from', async () => {
    const { file, images } = await formats('privileged', 'privileged: true')
    const ended = await run('privileged', file, '--allow-privileged', '--input', `images=${images}`, ...withRegistry(closed.host)).ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    for (const format of artifactFormats) expect(ended.stdout).toContain(said(format, 'privileged'))
    expect(mayMount(ended.stdout)).toEqual([true, true, true, true])
    expect(ended.stdout + ended.stderr).not.toContain(credentials.password)
    // They go with their pods, a moment later.
    await until('no pull secret is left', async () => (await cluster.kubectl(['get', 'secrets', '-n', namespace.name, '-l', 'app.kubernetes.io/managed-by=airside', '-o', 'name'])) === '')
  })

  test('without a registry a job with such an image does not begin, and is told what is missing', async () => {
    const { file, images } = await formats('refused')
    const pods = watchPods(cluster, namespace)
    const ended = await run('refused', file, '--input', `images=${images}`).ended
    expect(ended.status).toBe(2)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).toContain('--image-registry HOST/PREFIX')
    for (const format of artifactFormats) expect(ended.stderr).toContain(`task run-${format}: its image is artifact ${format}`)
    const off = await run('refused', join(folder, 'pipeline.yml'), '--no-native-image-fetch').ended
    expect(off.status).toBe(2)
    expect(off.stderr).toContain('get source: the image of type custom is fetched by a get step')
    expect(pods()).toEqual([])
  })

  test('with a registry that nodes do not trust a job with such an image does not begin either; one without is not held up', async () => {
    const front = await tlsFront(join(folder, 'untrusted'), cluster.hostAddress, Number(cluster.registry.host.split(':')[1]))
    const { file, images } = await formats('untrusted')
    const plain = join(folder, 'plain.yml')
    await writeFile(plain, `jobs: [{name: job, plan: [{task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ${cluster.registry.host}/${prefix}/tools, tag: 1, insecure: true}}, run: {path: 'true'}}}]}]`)
    const pods = watchPods(cluster, namespace)
    const ours = { NODE_EXTRA_CA_CERTS: front.caFile }
    try {
      const registry = ['--image-registry', `${front.host}/untrusted-${prefix}`]
      const ended = await runWith(ours, 'untrusted', file, '--input', `images=${images}`, ...registry).ended
      expect(ended.status).toBe(2)
      expect(ended.stdout).toBe('')
      expect(ended.stderr).toContain(`trying whether nodes can pull from ${front.host}/untrusted-${prefix}/airside-artifact`)
      expect(ended.stderr).toMatch(/a node could not pull .*airside-artifact:probe-sha256-[0-9a-f]+: .*x509: .*name its CA on every node/)
      expect(ended.stderr).toContain('--image-registry HOST/PREFIX must name a registry')
      for (const format of artifactFormats) expect(ended.stderr).toContain(`task run-${format}: its image is artifact ${format}`)
      expect((await runWith(ours, 'untrusted', plain, ...registry).ended).status).toBe(0)
      expect(front.log.filter((line) => line.includes('/manifests/probe-')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['HEAD 404', 'GET 404', 'PUT 201'])

      const web = airside([
        'web', '--data', join(folder, 'untrusted-web'), '--port', String(await freePort()), '--external-url', `https://${front.host}`, '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig,
        '--namespace', namespace.name, '--supervisor-image', supervisorImage,
      ])
      await until('the server says so', () => Promise.resolve(web.stderr().includes('until then jobs with an image that is an artifact are refused')))
      expect(web.stderr()).toMatch(/nodes cannot run images that this server serves as [0-9.:]+\/airside-artifact: .*x509: /)
      web.child.kill('SIGTERM')
      expect((await web.ended).status).toBe(0)
    } finally {
      await front.stop()
    }
    expect(pods().map(({ type, step }) => `${type}${step}`).toSorted()).toEqual(['', '', 'taskt'])
    await expect.poll(() => cluster.kubectl(['get', 'pods', '-n', namespace.name, '-l', 'airside.dev/probe=true', '-o', 'name'])).toBe('')
  })

  test('an artifact that is no image is told so; airside clean deletes what was put into the registry', async () => {
    const { file, images } = await formats('broken')
    await writeFile(join(images, 'docker', 'image.tar'), 'no tar at all')
    const ended = await run('broken', file, '--input', `images=${images}`, ...withRegistry()).ended
    expect(ended.status).toBe(2)
    expect(ended.stdout).toMatch(/artifact docker cannot be used as an image: image\.tar is no whole tar archive/)
    const clean = (...args: string[]) => airside(['clean', '--data', join(folder, 'broken'), ...args]).ended
    expect((await clean()).stdout).toContain(`images of artifacts that steps ran in are in ${cluster.registry.host}/${prefix}/airside-artifact (1)`)
    expect((await clean('--all')).stdout).toContain('deleted 1 image of artifacts from its registry')
    const log = await cluster.registry.accessLog()
    expect(log.filter(({ method, repository }) => method === 'DELETE' && repository === `${prefix}/airside-artifact`).map(({ status }) => status)).toEqual([202])
  })
})
