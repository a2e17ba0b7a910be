import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../../lib/clock.ts'
import { silentLog } from '../../../lib/log.ts'
import type { ContainerSpec, PrepareOptions, WaitReason } from '../../contract.ts'
import { createKubernetesRuntime, type KubernetesRuntime } from '../runtime.ts'
import { startFakeApi, type FakeApi } from '../testing/fake-api.ts'
import { fakeRendezvous, type FakeRendezvous } from '../testing/fake-rendezvous.ts'
import { condition, container } from '../testing/pods.ts'
import { someSpec } from '../testing/specs.ts'
import { lullMs } from './lull.ts'
import { needMs } from './plan.ts'

/** Moved by a test; pauses end at once, but those of a minute and more not until then. */
let ahead = 0
const clock: Clock = { now: () => Date.now() + ahead, sleep: (ms, signal) => systemClock.sleep(ms < 3_000 ? Math.min(ms, 5) : ms, signal) }

let api: FakeApi
let rendezvous: FakeRendezvous
let runtime: KubernetesRuntime
let said: string[]

function create(warmSandboxes: number): KubernetesRuntime {
  rendezvous = fakeRendezvous()
  const log = { ...silentLog, debug: (_about: object, message?: string) => void said.push(message ?? '') }
  return createKubernetesRuntime({ access: api.access, namespace: 'ci', installation: 'demo', rendezvous, supervisorImage: 'r.io/supervisor:1', warmSandboxes, clock, log: log as typeof silentLog })
}
beforeEach(async () => {
  ahead = 0
  said = []
  api = await startFakeApi()
  runtime = create(2)
  await runtime.start()
})
afterEach(async () => {
  await runtime.stop()
  await api.stop()
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
let handles = 0
const step = (changes: Partial<ContainerSpec> = {}): ContainerSpec => someSpec({ handle: `step-${++handles}`, limits: {}, ...changes })
const start = (spec: ContainerSpec, options: Partial<PrepareOptions> = {}) => runtime.prepare(spec, { signal: new AbortController().signal, onReason: () => undefined, ...options })
async function prepare(spec: ContainerSpec = step(), options: Partial<PrepareOptions> = {}) {
  const prepared = start(spec, options)
  await until(() => rendezvous.expected.get(spec.handle)?.uid() !== undefined)
  rendezvous.expected.get(spec.handle)?.report()
  return prepared
}
const label = (name: string, key: string): string | undefined => (api.objects.get(name)?.metadata['labels'] as Record<string, string> | undefined)?.[`airside.dev/${key}`]
const sandboxes = (): string[] => [...api.objects.keys()].filter((name) => label(name, 'sandbox') === 'warm')
const writes = (method: string, path: RegExp) => api.calls.filter((call) => call.method === method && path.test(call.path))
const resume = (name: string, status: object) => api.put(name, { ...api.objects.get(name), status })
const runs = (name: string) => resume(name, { phase: 'Running', conditions: [condition('PodScheduled', 'True')], containerStatuses: [container({ running: {} }, { containerID: `containerd://${name}` })] })

/** So many sandboxes run, and the runtime knows it. */
async function warmed(count = 1, of = step): Promise<readonly string[]> {
  for (let n = 0; n < count; n += 1) await prepare(of())
  await until(() => sandboxes().length === count)
  for (const name of sandboxes()) runs(name)
  // The watch is in order: what is put last comes last.
  const last = api.put('last', { metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/container': `last-${++handles}`, 'airside.dev/type': 'task' } } })
  await until(() => api.objects.has(last.metadata.name))
  const seen = `last-${handles}`
  for (;;) {
    if ((await runtime.list()).some(({ handle }) => handle === seen)) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  api.remove('last')
  return sandboxes()
}

describe('a sandbox', () => {
  it('is made after a step that needed one has reported in, and taken by one write', async () => {
    const [name = ''] = await warmed()
    const before = api.calls.length
    const spec = step()
    const prepared = await prepare(spec)
    expect(prepared).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(api.calls.slice(before).find(({ method }) => method !== 'GET')).toMatchObject({
      method: 'PATCH', path: `/api/v1/namespaces/ci/pods/${name}`,
      body: { metadata: { resourceVersion: expect.any(String) as string }, spec: { containers: [{ name: 'step', image: spec.image.kind === 'registry' && spec.image.reference }] } },
    })
    expect([label(name, 'sandbox'), label(name, 'container')]).toEqual(['taken', spec.handle])
    expect(runtime.creations.at(-1)?.handle).toBe(spec.handle)
    expect(await runtime.list()).toContainEqual(expect.objectContaining({ handle: spec.handle, metadata: spec.metadata }))
    await runtime.remove(spec.handle)
    expect(api.objects.has(name)).toBe(false)
  })

  it('is not made while a container is being made ready, and one after the other', async () => {
    const spec = step({ privileged: true })
    const slow = start(spec)
    await until(() => rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    await prepare()
    await prepare()
    await clock.sleep(4 * lullMs)
    expect(sandboxes()).toEqual([])
    rendezvous.expected.get(spec.handle)?.report()
    await slow
    await until(() => sandboxes().length === 1)
    await clock.sleep(4 * lullMs)
    expect(sandboxes()).toHaveLength(1)
    runs(sandboxes()[0] ?? '')
    await until(() => sandboxes().length === 2)
  })

  it('is not made where the setting is 0', async () => {
    await runtime.stop()
    runtime = create(0)
    await runtime.start()
    await prepare()
    await prepare()
    expect(sandboxes()).toEqual([])
    expect(writes('PATCH', /pods/)).toEqual([])
  })

  it('is taken by one of two steps that come at once', async () => {
    const [name = ''] = await warmed()
    const both = await Promise.all([prepare(), prepare()])
    expect(both.map((one) => one.ok && one.value.warmSandbox).toSorted()).toEqual([false, true])
    expect(label(name, 'sandbox')).toBe('taken')
  })

  it('that another server has taken meanwhile is left to it', async () => {
    const [name = ''] = await warmed()
    api.answer = (method, path) => {
      if (method !== 'PATCH' || !path.includes(name)) return undefined
      api.answer = undefined
      const found = api.objects.get(name)
      api.put(name, { ...found, metadata: { ...found?.metadata, labels: { ...(found?.metadata['labels'] as object), 'airside.dev/sandbox': 'taken', 'airside.dev/container': 'of-another' } } })
      return undefined
    }
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(label(name, 'container')).toBe('of-another')
    expect(api.objects.has(name)).toBe(true)
  })

  it('whose status was written meanwhile is read again and taken', async () => {
    const [name = ''] = await warmed()
    api.answer = (method, path) => {
      if (method !== 'PATCH' || !path.includes(name)) return undefined
      api.answer = undefined
      api.put(name, api.objects.get(name))
      return undefined
    }
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: true } })
  })

  it.each([['504', { status: 504, body: { kind: 'Status', message: 'took too long' } }], ['a cut connection', 'hang-up' as const]])('whose change answered %s is removed, and the step has a pod of its own', async (_name, answer) => {
    const [name = ''] = await warmed()
    api.answer = (method, path) => (method === 'PATCH' && path.includes(name) ? answer : undefined)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(api.objects.has(name)).toBe(false)
  })

  it('that was taken before a restart is adopted by its label, and none is made', async () => {
    const [name = ''] = await warmed()
    const spec = step()
    await prepare(spec)
    await runtime.stop()
    runtime = create(2)
    await runtime.start()
    const posts = writes('POST', /pods$/).length
    expect(await prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(rendezvous.expected.get(spec.handle)?.uid()).toBe(api.objects.get(name)?.metadata.uid)
    expect(writes('POST', /pods$/)).toHaveLength(posts)
  })

  it('that was claimed before a restart and never had its image is removed', async () => {
    const spec = step()
    api.put('claimed', { metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/container': spec.handle, 'airside.dev/sandbox': 'claimed' } } })
    await runtime.stop()
    runtime = create(2)
    await runtime.start()
    expect(await prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(api.objects.has('claimed')).toBe(false)
  })

  it('in which the step’s container does not start is removed, and the step has a pod of its own', async () => {
    const [name = ''] = await warmed()
    const spec = step()
    const reasons: WaitReason[] = []
    const prepared = start(spec, { onReason: (reason) => reasons.push(reason) })
    await until(() => label(name, 'sandbox') === 'taken')
    resume(name, { phase: 'Running', containerStatuses: [container({ terminated: { exitCode: 128, reason: 'StartError' } }, { containerID: 'containerd://new', restartCount: 3 })] })
    await until(() => !api.objects.has(name) && (rendezvous.expected.get(spec.handle)?.uid() ?? '') !== '')
    rendezvous.expected.get(spec.handle)?.report()
    expect(await prepared).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(reasons.map(({ kind }) => kind)).toEqual(['starting'])
  })

  it('whose step’s image cannot be pulled is removed, and the error is the step’s', async () => {
    const [name = ''] = await warmed()
    const prepared = start(step())
    await until(() => label(name, 'sandbox') === 'taken')
    resume(name, { phase: 'Running', containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message: 'not found' } }, { containerID: `containerd://${name}` })] })
    expect(await prepared).toMatchObject({ ok: false, error: { kind: 'image-pull' } })
    expect(api.objects.has(name)).toBe(false)
  })
})

it('credentials are written only when the sandbox is the step’s, and before its image changes', async () => {
  const own = (): ContainerSpec => step({ image: { kind: 'registry', reference: 'r.io/a:1', host: 'r.io', credentials: { username: 'u', password: 'canary' } } })
  const [name = ''] = await warmed(1, own)
  expect(writes('POST', /pods$/).at(-1)?.body).toMatchObject({ spec: { imagePullSecrets: [{ name: `${name}-pull` }, { name: 'account-pull' }] } })
  const before = api.calls.length
  expect(await prepare(own())).toMatchObject({ ok: true, value: { warmSandbox: true } })
  const wrote = api.calls.slice(before).filter(({ method, path, body }) => method !== 'GET' && JSON.stringify([path, body]).includes(name) && !JSON.stringify(body).includes('ownerReferences'))
  expect(wrote.map(({ method, path, body }) => `${method} ${path.includes('/pods/') ? 'pod' : 'secret'}${JSON.stringify(body).includes('"image"') ? ' with its image' : ''}`)).toEqual(['PATCH pod', 'POST secret', 'PATCH pod with its image'])
  expect(JSON.stringify(wrote.filter(({ path }) => path.includes('/pods/')))).not.toContain(Buffer.from('canary').toString('base64'))
})

describe('a limit on memory', () => {
  it('is given to the sandbox before the step has it', async () => {
    const [name = ''] = await warmed()
    expect(await prepare(step({ limits: { memory: 2 ** 28 } }))).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(api.calls.filter(({ method, path }) => method === 'PATCH' && path.includes(name)).map(({ path }) => path.split('/').at(-1))).toEqual(['resize', name])
  })

  it('has a pod of its own where the cluster refuses that, from then on without asking', async () => {
    await warmed(2)
    const limited = () => prepare(step({ limits: { memory: 2 ** 28 } }))
    api.answer = (_method, path) => (path.endsWith('/resize') ? { status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'resize is not supported' } } : undefined)
    expect(await limited()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(await limited()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(writes('PATCH', /resize$/)).toHaveLength(1)
    expect(said.filter((line) => line.includes('refuses to resize'))).toHaveLength(1)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: true } })
  })
})

it('a sandbox whose waiting container was started again is removed', async () => {
  const [name = ''] = await warmed()
  resume(name, { phase: 'Running', containerStatuses: [container({ running: {} }, { containerID: 'containerd://second', restartCount: 1 })] })
  await until(() => !api.objects.has(name))
  expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
})

describe('none are made', () => {
  it('where the server may not patch pods, which is said once', async () => {
    api.answer = (_method, path) => (path.endsWith('/selfsubjectaccessreviews') ? { status: 201, body: { status: { allowed: false } } } : undefined)
    for (let n = 0; n < 3; n += 1) await prepare()
    await until(() => said.some((line) => line.includes('may not patch pods')))
    expect(sandboxes()).toEqual([])
    expect(said.filter((line) => line.includes('may not patch pods'))).toHaveLength(1)
  })

  it('after admission refused the change of an image, and those that wait are removed', async () => {
    await warmed(2)
    api.answer = (method, path, body) => (method === 'PATCH' && path.includes('/pods/') && JSON.stringify(body).includes('image') ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'admission webhook denied the request' } } : undefined)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    await until(() => sandboxes().length === 0)
    await prepare()
    expect(sandboxes()).toEqual([])
    expect(said.filter((line) => line.includes('does not let the image'))).toHaveLength(1)
  })
})

describe('sandboxes give way', () => {
  it('to a step that a quota refuses, which is not told of it', async () => {
    const [name = ''] = await warmed()
    const reasons: WaitReason[] = []
    // A guess takes no sandbox.
    const full = { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1' } }
    api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') && api.objects.has(name) ? full : undefined)
    expect(await prepare(step({ privileged: true }), { onReason: (reason) => reasons.push(reason) })).toMatchObject({ ok: true })
    expect(sandboxes()).toEqual([])
    expect(reasons).toEqual([])
  })

  it('to a step for which no node has room', async () => {
    await warmed()
    const spec = step({ privileged: true })
    const prepared = start(spec)
    await until(() => rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    const name = [...api.objects.keys()].find((pod) => label(pod, 'container') === spec.handle) ?? ''
    resume(name, { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes' })] })
    await until(() => sandboxes().length === 0)
    rendezvous.expected.get(spec.handle)?.report()
    expect((await prepared).ok).toBe(true)
  })

  it('at once, when no node has room for one', async () => {
    await prepare()
    await until(() => sandboxes().length === 1)
    resume(sandboxes()[0] ?? '', { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes' })] })
    await until(() => sandboxes().length === 0)
    await prepare()
    expect(sandboxes()).toEqual([])
  })
})

it('those that nobody has taken are removed when the server stops, and those of killed servers when they have ended', async () => {
  await warmed(2)
  await runtime.stop()
  expect(sandboxes()).toEqual([])
  const labels = { 'airside.dev/installation': 'demo', 'airside.dev/sandbox': 'warm' }
  api.put('ended', { metadata: { labels }, status: { phase: 'Succeeded' } })
  api.put('of-another', { metadata: { labels, creationTimestamp: new Date().toISOString() }, status: { phase: 'Running' } })
  api.put('taken', { metadata: { labels: { ...labels, 'airside.dev/sandbox': 'taken' } }, status: { phase: 'Succeeded' } })
  runtime = create(2)
  await runtime.start()
  await until(() => !api.objects.has('ended'))
  expect([api.objects.has('of-another'), api.objects.has('taken')]).toEqual([true, true])
})

it('one that will soon end by itself is not taken, and none is kept that no step has needed for ten minutes', async () => {
  const [name = ''] = await warmed()
  ahead = needMs
  expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
  await until(() => !api.objects.has(name))
})
