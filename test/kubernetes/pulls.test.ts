import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageSource } from '../../src/model/image.ts'
import { createKit } from '../../src/runtime/conformance/kit.ts'
import { busyboxImage } from '../services/images.ts'
import { deleteBlob, pushImage } from '../services/push-image.ts'
import { startRegistry, type Registry } from '../services/registry.ts'
import { until } from '../services/wait.ts'
import { kubernetesHarness, type KubernetesHarness } from './harness.ts'
import { readySandboxes } from './ready-sandboxes.ts'

let harness: KubernetesHarness
let kit: ReturnType<typeof createKit>
beforeAll(async () => {
  harness = await kubernetesHarness()
  kit = createKit(harness)
})
afterAll(async () => {
  await kit.clean()
  await harness.stop()
})

const fresh = () => busyboxImage([{ path: 'fresh', content: randomBytes(16) }])
async function imageOf(registry: Pick<Registry, 'url' | 'host'>, image: Awaited<ReturnType<typeof fresh>>): Promise<ImageSource> {
  const { digest } = await pushImage(registry, 'tools/busybox', '1', image)
  return { kind: 'registry', reference: `${registry.host}/tools/busybox:1@${digest}`, host: registry.host }
}

/** Prepares, and tells with the outcome which failed pulls were waited for: of what no further pull can better, the first one must be the last. */
async function prepared(of: typeof kit, spec: ReturnType<typeof kit.spec>) {
  const waitedFor: string[] = []
  const outcome = await of.tryPrepare(spec, { onReason: (reason) => reason.kind === 'pull-error' && waitedFor.push(reason.message) })
  return { outcome, waitedFor }
}

describe('a pull that cannot succeed is told when it has failed once', () => {
  it('says that the manifest is gone, in the kubelet’s words', async () => {
    const spec = kit.spec({ image: harness.images.missing })
    expect(await prepared(kit, spec)).toMatchObject({ waitedFor: [], outcome: { ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/missing(?::1)?@sha256:0+.*not found/) as string } } })
    expect(await harness.exists(spec.handle)).toBe(false)
  })

  it('says that a layer is gone', async () => {
    const image = await fresh()
    const source = await imageOf(harness.cluster.registry, image)
    const layer = image.blobs.find(({ mediaType, digest }) => mediaType.includes('layer') && JSON.parse(Buffer.from(image.manifest.bytes).toString()).layers.at(-1).digest === digest)
    await deleteBlob(harness.cluster.registry, 'tools/busybox', layer?.digest ?? '')
    expect(await prepared(kit, kit.spec({ image: source }))).toMatchObject({ waitedFor: [], outcome: { ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/not found/) as string } } })
  })

  it('says what to set on a node that insists on TLS', async () => {
    const registry = await startRegistry({ address: harness.cluster.hostAddress })
    await harness.cluster.trust(registry.host, { kind: 'default' })
    try {
      const image = await imageOf(registry, await fresh())
      expect(await prepared(kit, kit.spec({ image }))).toMatchObject({
        waitedFor: [],
        outcome: { ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/HTTP response to HTTPS client.*hosts\.toml/) as string } },
      })
    } finally {
      await registry.stop()
    }
  })

  it('names both commands when it is the supervisor’s image', async () => {
    const other = await kubernetesHarness({ options: { supervisorImage: `${harness.cluster.registry.host}/nobody/supervisor:1` } })
    try {
      const refused = await other.runtime.prepare(kit.spec(), { signal: new AbortController().signal, onReason: () => {} })
      expect(refused).toMatchObject({ ok: false, error: { kind: 'image-pull', image: `${harness.cluster.registry.host}/nobody/supervisor:1` } })
      expect(!refused.ok && 'message' in refused.error && refused.error.message).toMatch(/airside supervisor push REF.*--supervisor-image REF/)
    } finally {
      await other.stop()
    }
  })
})

describe('a pull that fails in a warm sandbox', () => {
  let other: KubernetesHarness
  let tools: ReturnType<typeof createKit>
  beforeAll(async () => {
    const { log, ready } = readySandboxes()
    other = await kubernetesHarness({ options: { warmSandboxes: 1, log } })
    tools = createKit(other)
    await tools.prepare()
    await until('a warm sandbox', () => Promise.resolve(ready.size > 0))
  })
  afterAll(async () => {
    await tools.clean()
    await other.stop()
  })

  it('is told when it has failed once, and nothing is left', async () => {
    const [name = ''] = (await other.cluster.kubectl(['get', 'pods', '-n', other.namespace.name, '-l', 'airside.dev/sandbox=warm', '-o', 'name'])).trim().split('\n')
    const spec = tools.spec({ image: other.images.missing })
    expect(await prepared(tools, spec)).toMatchObject({ waitedFor: [], outcome: { ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/missing(?::1)?@sha256:0+.*not found/) as string } } })
    expect(await other.exists(spec.handle)).toBe(false)
    expect(await other.cluster.kubectl(['get', 'pods', '-n', other.namespace.name, '-o', 'name'])).not.toContain(name)
  })
})

it('a pull is tried with the credentials that a step’s pod would have, and nothing is left of it', async () => {
  const { signal } = new AbortController()
  harness.releasePrivateImage()
  const { private: own, privateDenied, missing } = harness.images
  const tried = async (image: ImageSource) => (image.kind === 'registry' ? harness.runtime.probePull(image, signal, () => undefined) : undefined)
  expect(await tried(own)).toEqual({ ok: true, value: undefined })
  expect(await tried(privateDenied)).toEqual({ ok: false, error: expect.stringMatching(/unauthorized|authorization failed|401|no basic auth/i) as string })
  expect(await tried(missing)).toEqual({ ok: false, error: expect.stringContaining('not found') as string })
  const left = await harness.cluster.kubectl(['get', 'pods', '-n', harness.namespace.name, '-l', 'airside.dev/probe=true', '-o', 'name'])
  expect(left).toBe('')
})
