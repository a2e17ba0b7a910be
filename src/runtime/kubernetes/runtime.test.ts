import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../lib/clock.ts'
import type { ContainerSpec, PrepareOptions, WaitReason } from '../contract.ts'
import { podName } from './names.ts'
import { createKubernetesRuntime, type KubernetesRuntime } from './runtime.ts'
import { startFakeApi, type FakeApi } from './testing/fake-api.ts'
import { fakeRendezvous, type FakeRendezvous } from './testing/fake-rendezvous.ts'
import { condition } from './testing/pods.ts'
import { someSpec } from './testing/specs.ts'

/** Pauses are short, so that retries come at once; hours are as long as they are. */
const hasty: Clock = { now: () => Date.now(), sleep: (ms, signal) => systemClock.sleep(ms < 600_000 ? Math.min(ms, 5) : ms, signal) }

let api: FakeApi
let rendezvous: FakeRendezvous
let runtime: KubernetesRuntime
let reasons: WaitReason[]
const spec = someSpec()
const name = podName(spec, 'demo')

async function open(): Promise<void> {
  rendezvous = fakeRendezvous()
  runtime = createKubernetesRuntime({ access: api.access, namespace: 'ci', installation: 'demo', rendezvous, supervisorImage: 'r.io/supervisor:1', clock: hasty })
  await runtime.start()
}

beforeEach(async () => {
  api = await startFakeApi()
  reasons = []
  await open()
})
afterEach(async () => {
  await runtime.stop()
  await api.stop()
})

const prepare = (wanted: ContainerSpec = spec, options: Partial<PrepareOptions> = {}) =>
  runtime.prepare(wanted, { signal: new AbortController().signal, onReason: (reason) => reasons.push(reason), ...options })
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
/** Resolves when a call like this was seen. */
async function called(method: string, path: RegExp, times = 1): Promise<void> {
  await until(() => api.calls.filter((call) => call.method === method && path.test(call.path)).length >= times)
}
/** Its supervisor reports in as soon as it is known which pod that must be. */
async function report(handle = spec.handle): Promise<void> {
  await until(() => rendezvous.expected.get(handle)?.uid() !== undefined)
  rendezvous.expected.get(handle)?.report()
}
const creates = () => api.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/pods')).length

describe('a create call', () => {
  it('is the only call that a container needs', async () => {
    await Promise.all([called('GET', /pods$/, 2), called('GET', /events$/, 2), called('DELETE', /secrets$/), called('GET', /jwks$/)])
    const before = api.calls.length
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect(api.calls.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/namespaces/ci/pods'])
    expect(runtime.creations).toEqual([{ handle: spec.handle, type: 'task', stepName: 'run', image: spec.image.kind === 'registry' && spec.image.reference }])
  })

  it.each([
    ['504', { status: 504, body: { kind: 'Status', reason: 'Timeout', message: 'took too long' } }],
    ['500', { status: 500, body: { kind: 'Status', reason: 'InternalError', message: 'etcd' } }],
    ['a cut connection', 'hang-up' as const],
  ])('that happened and answered %s is adopted, not repeated', async (_name, answer) => {
    api.answer = (method, path, body) => {
      if (method !== 'POST' || !path.endsWith('/pods')) return undefined
      api.answer = undefined
      api.put(name, body as object)
      return answer
    }
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect(api.objects.size).toBe(1)
    expect(rendezvous.expected.get(spec.handle)?.uid()).toBe(api.objects.get(name)?.metadata.uid)
    expect(runtime.creations).toHaveLength(1)
  })

  it('is repeated after 429 and 503', async () => {
    let left = 3
    api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') && left-- > 0 ? { status: left % 2 === 0 ? 429 : 503, body: { kind: 'Status', message: 'later' } } : undefined)
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect(creates()).toBe(4)
  })

  it('waits for room in a quota, and says so', async () => {
    const quota = { kind: 'Status', reason: 'Forbidden', message: `pods "${name}" is forbidden: exceeded quota: q, requested: pods=1` }
    let left = 2
    api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') && left-- > 0 ? { status: 403, body: quota } : undefined)
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect(reasons[0]).toEqual({ kind: 'quota', message: 'exceeded quota: q, requested: pods=1' })
    left = 1
    expect(await prepare(someSpec({ handle: 'guess', guess: true }))).toEqual({ ok: false, error: { kind: 'no-room', message: 'exceeded quota: q, requested: pods=1' } })
  })

  it('that is refused says why', async () => {
    api.answer = (method, path) =>
      method === 'POST' && path.endsWith('/pods') ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"' } } : undefined
    expect(await prepare()).toMatchObject({ ok: false, error: { kind: 'rejected', message: expect.stringContaining('violates PodSecurity') as string } })
  })
})

describe('a pod that has the name', () => {
  it('is adopted when it is the same, after a restart', async () => {
    const prepared = prepare()
    await report()
    await prepared
    const uid = api.objects.get(name)?.metadata.uid
    await runtime.stop()
    await open()
    const again = prepare()
    await report()
    expect((await again).ok).toBe(true)
    expect(api.objects.get(name)?.metadata.uid).toBe(uid)
    expect(runtime.creations).toEqual([])
  })

  it.each([
    ['another spec', { metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/container': spec.handle }, annotations: { 'airside.dev/spec-hash': 'other' } } }],
    ['on its way out', undefined],
  ])('is replaced when it is %s', async (_name, old) => {
    if (old !== undefined) api.put(name, old)
    else {
      const prepared = prepare()
      await report()
      await prepared
      await runtime.stop()
      api.put(name, { ...api.objects.get(name), metadata: { ...api.objects.get(name)?.metadata, deletionTimestamp: 'now' } })
      await open()
    }
    const uid = api.objects.get(name)?.metadata.uid
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect(api.objects.get(name)?.metadata.uid).not.toBe(uid)
  })

  it('is found by its label and not by its name after a restart, once it was assigned', async () => {
    const labels = { 'airside.dev/installation': 'demo', 'airside.dev/container': spec.handle, 'airside.dev/type': 'task' }
    api.put('of-another', { metadata: { labels: { ...labels, 'airside.dev/container': 'other' } } })
    api.put('named-otherwise', { metadata: { labels } })
    const prepared = prepare(spec, { adopting: true })
    await report()
    expect((await prepared).ok).toBe(true)
    expect(rendezvous.expected.get(spec.handle)?.uid()).toBe(api.objects.get('named-otherwise')?.metadata.uid)
    expect(creates()).toBe(0)
  })

  it('is never made anew when an assignment was sent to it', async () => {
    expect(await prepare(spec, { adopting: true })).toMatchObject({ ok: false, error: { kind: 'lost', mayStillRun: false } })
    expect(creates()).toBe(0)
  })
})

describe('credentials', () => {
  const own = someSpec({ image: { kind: 'registry', reference: `docker.io/a/b:1@sha256:${'b'.repeat(64)}`, host: 'registry-1.docker.io', credentials: { username: 'u', password: 'canary' } } })

  it('come before the pod, which lists them and the account’s, and go with it', async () => {
    const prepared = prepare(own)
    await report()
    expect((await prepared).ok).toBe(true)
    await called('PATCH', /secrets/)
    const writes = api.calls.filter(({ method, path }) => method !== 'GET' && method !== 'DELETE' && /pods|secrets/.test(path))
    expect(writes.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual(['POST secrets', 'POST pods', `PATCH ${podName(own, 'demo')}-pull`])
    const secret = writes[0]?.body as { data: Record<string, string> }
    const config = JSON.parse(Buffer.from(secret.data['.dockerconfigjson'] ?? '', 'base64').toString()) as { auths: Record<string, unknown> }
    expect(config.auths['https://index.docker.io/v1/']).toMatchObject({ username: 'u', password: 'canary' })
    expect(writes[1]?.body).toMatchObject({ spec: { imagePullSecrets: [{ name: `${podName(own, 'demo')}-pull` }, { name: 'account-pull' }] } })
    expect(JSON.stringify(writes[1]?.body)).not.toContain('canary')
    expect(writes[2]?.body).toMatchObject({ metadata: { labels: { 'airside.dev/unowned-since': null }, ownerReferences: [{ kind: 'Pod', uid: api.objects.get(podName(own, 'demo'))?.metadata.uid }] } })
  })

  it('are dropped when the pod is not made', async () => {
    api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') ? { status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'no' } } : undefined)
    expect((await prepare(own)).ok).toBe(false)
    await called('DELETE', /secrets\/.*-pull$/)
  })
})

describe('while it waits', () => {
  it('leaves nothing after an abort, whenever it comes', async () => {
    const abort = new AbortController()
    const prepared = prepare(spec, { signal: abort.signal })
    await called('POST', /pods$/)
    abort.abort()
    expect(await prepared).toEqual({ ok: false, error: { kind: 'aborted' } })
    expect(api.objects.size).toBe(0)
    expect(rendezvous.expected.size).toBe(0)
  })

  it('a pod that is deleted before its assignment is created again', async () => {
    const prepared = prepare()
    await called('POST', /pods$/)
    await until(() => api.objects.has(name))
    const first = api.objects.get(name)?.metadata.uid
    api.remove(name)
    await called('POST', /pods$/, 2)
    await until(() => api.objects.get(name)?.metadata.uid !== first && rendezvous.expected.get(spec.handle)?.uid() !== first)
    await report()
    expect((await prepared).ok).toBe(true)
  })

  it('a hello of a deleted pod is not taken for that of its successor', async () => {
    const prepared = prepare()
    await until(() => rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    const first = rendezvous.expected.get(spec.handle)
    api.remove(name)
    await called('POST', /pods$/, 2)
    first?.report()
    await until(() => (rendezvous.expected.get(spec.handle)?.uid() ?? first?.uid()) !== first?.uid())
    let taken = false
    void prepared.then(() => (taken = true))
    for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBe(false)
    await report()
    expect((await prepared).ok).toBe(true)
  })

  it('drops a guess that has no room', async () => {
    const guess = someSpec({ handle: 'guess', guess: true })
    const prepared = prepare(guess)
    const pod = podName(guess, 'demo')
    await until(() => api.objects.has(pod))
    api.put(pod, { ...api.objects.get(pod), status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes' })] } })
    expect(await prepared).toEqual({ ok: false, error: { kind: 'no-room', message: '0/1 nodes' } })
    await until(() => api.objects.size === 0)
  })

  it('pods with broken labels or annotations do not stop the runtime', async () => {
    const labels = { 'airside.dev/installation': 'demo', 'airside.dev/container': 'x', 'airside.dev/type': 'task' }
    api.put('spoiled', { metadata: { labels, annotations: { 'airside.dev/metadata': '{"__proto__":1}' } }, status: { conditions: null, containerStatuses: [null] } })
    const prepared = prepare()
    await report()
    expect((await prepared).ok).toBe(true)
    expect((await runtime.list()).map(({ handle }) => handle)).toContain(spec.handle)
  })
})

describe('attaching', () => {
  const noAbort = new AbortController().signal

  /** A pod that an earlier server has made, and whose watch has come. */
  async function left(status: object): Promise<void> {
    const prepared = prepare()
    await report()
    await prepared
    await runtime.stop()
    api.put(name, { ...api.objects.get(name), status })
    await open()
  }
  const runs = { phase: 'Running', containerStatuses: [{ name: 'step', state: { running: {} } }] }

  it('comes to a pod that another server has left, makes none, and gives the same one again', async () => {
    await left(runs)
    const attaching = runtime.attach(spec.handle, noAbort)
    await report()
    expect(rendezvous.expected.get(spec.handle)?.assigned).toBe(true)
    const attached = await attaching
    expect(attached).toMatchObject({ ok: true, value: { handle: spec.handle } })
    expect(await runtime.attach(spec.handle, noAbort)).toEqual(attached)
    expect(creates()).toBe(1)
  })

  it('leaves a pod alone whose supervisor does not come, and may try again', async () => {
    await left(runs)
    const patience = new AbortController()
    const attaching = runtime.attach(spec.handle, patience.signal)
    await until(() => rendezvous.expected.has(spec.handle))
    patience.abort()
    expect(await attaching).toEqual({ ok: false, error: { kind: 'unavailable', message: 'its supervisor does not report in' } })
    expect(rendezvous.expected.size).toBe(0)
    expect(api.objects.has(name)).toBe(true)
    const again = runtime.attach(spec.handle, noAbort)
    await report()
    expect((await again).ok).toBe(true)
  })

  it('does not come to one that is over, also while a helper beside its step still runs', async () => {
    await left({ phase: 'Running', containerStatuses: [{ name: 'step', state: { terminated: { exitCode: 0 } } }, { name: 'supervisor', state: { running: {} } }] })
    expect((await runtime.list()).map(({ state }) => state)).toEqual(['ended'])
    expect(await runtime.attach(spec.handle, noAbort)).toEqual({ ok: false, error: { kind: 'ended', message: 'its pod has ended' } })
    expect(await runtime.attach('nobody', noAbort)).toEqual({ ok: false, error: { kind: 'ended', message: 'its pod is gone' } })
  })
})
