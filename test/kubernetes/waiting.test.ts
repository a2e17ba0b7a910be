import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { createKit } from '../../src/runtime/conformance/kit.ts'
import type { WaitReason } from '../../src/runtime/contract.ts'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { startRegistry } from '../services/registry.ts'
import { kubernetesHarness, type KubernetesHarness } from './harness.ts'

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

const huge = { cpu: 1024 * 5_000 }

it('says why no node takes a pod, and leaves nothing after an abort', async () => {
  const spec = kit.spec({ limits: huge })
  const abort = new AbortController()
  const { promise, resolve } = Promise.withResolvers<WaitReason>()
  const prepared = kit.tryPrepare(spec, { signal: abort.signal, onReason: resolve })
  expect(await promise).toEqual({ kind: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' })
  abort.abort()
  expect(await prepared).toEqual({ ok: false, error: { kind: 'aborted' } })
  expect(await harness.exists(spec.handle)).toBe(false)
})

it('drops a guess that no node takes', async () => {
  const spec = kit.spec({ limits: huge, guess: true })
  expect(await kit.tryPrepare(spec)).toEqual({ ok: false, error: { kind: 'no-room', message: '0/1 nodes are available: 1 Insufficient cpu.' } })
  expect(await harness.exists(spec.handle)).toBe(false)
})

it('waits for a node with the labels of the step’s tags, says so, and goes on when there is one', async () => {
  const tag = `t-${harness.namespace.name}`
  const node = (await harness.cluster.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])).trim()
  const label = (change: string) => harness.cluster.kubectl(['label', 'node', node, `tag.airside.dev/${tag}${change}`])
  const { promise, resolve } = Promise.withResolvers<WaitReason>()
  const prepared = kit.prepare(kit.spec({ tags: [tag] }), { onReason: resolve })
  expect(await promise).toMatchObject({ kind: 'unschedulable', message: expect.stringMatching(/didn't match Pod's node affinity\/selector/) as string })
  await label('=true')
  try {
    expect((await kit.start(await prepared, kit.assignment('exit 0')).result()).outcome).toEqual({ kind: 'exited', status: 0 })
  } finally {
    await label('-')
  }
})

it('waits while a quota is used up, says so, and goes on when it is raised', async () => {
  const quota = (pods: number) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: harness.namespace.name }, spec: { hard: { pods: String(pods) } } })
  const apply = (pods: number) => harness.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(quota(pods)) })
  await apply(0)
  try {
    // Its numbers are counted a moment later; until then admission refuses in other words.
    await harness.cluster.kubectl(['wait', '-n', harness.namespace.name, 'resourcequota/q', '--for=jsonpath={.status.hard.pods}=0', '--timeout=300s'])
    const { promise, resolve } = Promise.withResolvers<WaitReason>()
    const prepared = kit.prepare(kit.spec(), { onReason: resolve })
    expect(await promise).toMatchObject({ kind: 'quota', message: expect.stringMatching(/^exceeded quota: q, requested: pods=1/) as string })
    expect(await kit.tryPrepare(kit.spec({ guess: true }))).toMatchObject({ ok: false, error: { kind: 'no-room' } })
    await apply(5)
    expect((await kit.start(await prepared, kit.assignment('exit 0')).result()).outcome).toEqual({ kind: 'exited', status: 0 })
  } finally {
    await harness.cluster.kubectl(['delete', 'resourcequota', 'q', '-n', harness.namespace.name])
  }
})

it('lists every right that is lacking, and the account that is not there', async () => {
  expect((await harness.runtime.preflight()).problems).toEqual([])
  await harness.cluster.kubectl(['delete', 'rolebinding', 'airside-server', '-n', harness.namespace.name])
  try {
    const { problems, namespace, version } = await harness.runtime.preflight()
    expect({ namespace, version }).toEqual({ namespace: harness.namespace.name, version: 'v1.36.3' })
    expect(problems.join('\n')).toMatch(/may not: create pods, .*watch pods, .*create pods\/portforward, .*deletecollection secrets, get serviceaccounts airside-step — deploy\/rbac\.yaml grants it/)
  } finally {
    await harness.cluster.kubectl(['create', 'rolebinding', 'airside-server', '--role=airside-server', `--serviceaccount=${harness.namespace.name}:airside-server`, '-n', harness.namespace.name])
  }
})

it('starts a pod again that was deleted before it had done anything', async () => {
  const spec = kit.spec()
  const prepared = kit.prepare(spec)
  let first = await harness.pod(spec.handle)
  while (first === undefined) first = await harness.pod(spec.handle)
  await harness.cluster.kubectl(['delete', 'pod', '-n', harness.namespace.name, first.metadata.name, '--force', '--grace-period=0'])
  expect((await kit.start(await prepared, kit.assignment('exit 0')).result()).outcome).toEqual({ kind: 'exited', status: 0 })
})

it('waits for a registry that is down for 20 s, and says so', async () => {
  const registry = await startRegistry({ address: harness.cluster.hostAddress })
  await harness.cluster.trust(registry.host, { kind: 'http' })
  try {
    const { digest } = await pushImage(registry, 'tools/busybox', '1', await busyboxImage([{ path: 'fresh', content: randomBytes(16) }]))
    await registry.pause()
    const { promise, resolve } = Promise.withResolvers<string>()
    const image = { kind: 'registry', reference: `${registry.host}/tools/busybox:1@${digest}`, host: registry.host } as const
    const prepared = kit.prepare(kit.spec({ image }), { onReason: (reason) => reason.kind === 'pull-error' && resolve(reason.message) })
    // The outage itself, and longer where the node is busy: until a pull has failed.
    const [message] = await Promise.all([promise, systemClock.sleep(20_000)])
    expect(message).toMatch(/connection refused.*trying again for up to 180 s/)
    await registry.resume()
    expect((await kit.start(await prepared, kit.assignment('exit 3')).result()).outcome).toEqual({ kind: 'exited', status: 3 })
  } finally {
    await registry.stop()
  }
})
