import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { createKubernetesRuntime, type KubernetesRuntime } from './runtime.ts'
import { startFakeApi, type FakeApi } from './testing/fake-api.ts'
import { fakeRendezvous } from './testing/fake-rendezvous.ts'
import { condition, container, pod } from './testing/pods.ts'

/** Pauses are short, so that retries come at once; hours are as long as they are. */
const hasty: Clock = { now: () => Date.now(), sleep: (ms, signal) => systemClock.sleep(ms < 600_000 ? Math.min(ms, 5) : ms, signal) }
const image = { kind: 'registry', reference: 'r.io/ci/airside-artifact:probe-1', host: 'r.io', credentials: { username: 'u', password: 'p' } } as const

let api: FakeApi
let runtime: KubernetesRuntime
let lines: string[]
const stop = new AbortController()

async function open(pullGraceMs = 60_000): Promise<void> {
  runtime = createKubernetesRuntime({ access: api.access, namespace: 'ci', installation: 'demo', rendezvous: fakeRendezvous(), supervisorImage: 'r.io/supervisor:1', clock: hasty, pullGraceMs })
  await runtime.start()
}
beforeEach(async () => {
  api = await startFakeApi()
  lines = []
})
afterEach(async () => {
  await runtime.stop()
  await api.stop()
})

const probe = (signal = stop.signal) => runtime.probePull(image, signal, (line) => lines.push(line))
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
const probes = () => [...api.objects.values()].filter(({ metadata }) => metadata.name.startsWith('airside-probe-'))
/** The probe's pod, once there is another than `before`. */
async function made(before?: string): Promise<string> {
  await until(() => probes().some(({ metadata }) => metadata.name !== before))
  return probes().find(({ metadata }) => metadata.name !== before)?.metadata.name ?? ''
}
const becomes = (name: string, status: Parameters<typeof pod>[0]) => api.put(name, { ...api.objects.get(name), ...pod(status, { metadata: api.objects.get(name)?.metadata ?? {} }) })

test('a node that runs it has pulled it; the pod shows its credentials, asks the registry in any case, and goes', async () => {
  await open()
  const result = probe()
  const name = await made()
  expect(api.objects.get(name)).toMatchObject({
    metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/probe': 'true' } },
    spec: {
      restartPolicy: 'Never', automountServiceAccountToken: false, activeDeadlineSeconds: 600, imagePullSecrets: [{ name: `${name}-pull` }, { name: 'account-pull' }],
      containers: [{ image: image.reference, imagePullPolicy: 'Always' }],
    },
  })
  expect(JSON.stringify(api.objects.get(name))).not.toContain('"p"')
  expect(await runtime.list()).toEqual([])
  becomes(name, { phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0 } }, { imageID: 'r.io/x@sha256:1' })] })
  expect(await result).toEqual({ ok: true, value: undefined })
  expect(probes()).toEqual([])
})

test('what a kubelet cannot pull is said in its words, and at once where trying again is of no use', async () => {
  await open()
  const result = probe()
  const name = await made()
  becomes(name, { containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message: 'pull access denied: unauthorized' } })] })
  expect(await result).toEqual({ ok: false, error: 'pull access denied: unauthorized' })
  expect(probes()).toEqual([])
})

test('a transient pull error is retried and reported', async () => {
  await open(40)
  const result = probe()
  const name = await made()
  becomes(name, { containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message: 'dial tcp: connection refused' } })] })
  expect(await result).toEqual({ ok: false, error: 'dial tcp: connection refused' })
  expect(lines).toEqual(['dial tcp: connection refused (trying again for up to 0 s)'])
})

test('where no node takes it, it waits and says why; one that is lost is made again', async () => {
  await open()
  const result = probe()
  const first = await made()
  becomes(first, { conditions: [condition('PodScheduled', 'False', { reason: 'Unschedulable', message: '0/3 nodes are available' })] })
  await until(() => lines.length > 0)
  expect(lines).toEqual(['0/3 nodes are available'])
  api.remove(first)
  const second = await made(first)
  becomes(second, { phase: 'Failed', reason: 'Evicted' })
  const third = await made(second)
  becomes(third, { phase: 'Failed', reason: 'Evicted', message: 'disk' })
  expect(await result).toEqual({ ok: false, error: 'node n1 evicted the container: disk' })
  expect(probes()).toEqual([])
})

test('an abort leaves nothing, and is thrown; what the API refuses is said', async () => {
  await open()
  const abort = new AbortController()
  const result = probe(abort.signal)
  const ended = expect(result).rejects.toThrow('enough')
  await made()
  abort.abort(new Error('enough'))
  await ended
  expect(probes()).toEqual([])
  api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no' } } : undefined)
  expect(await probe()).toEqual({ ok: false, error: "the Kubernetes API refuses the step's pod: no" })
})

test('what a killed server left is removed when it is old, and only ours', async () => {
  const old = new Date(Date.now() - 3_600_000).toISOString()
  const put = (name: string, creationTimestamp: string, labels: object = {}) => api.put(name, { metadata: { creationTimestamp, labels: { 'airside.dev/installation': 'demo', 'airside.dev/probe': 'true', ...labels } } })
  put('old', old)
  put('young', new Date().toISOString())
  put('step', old, { 'airside.dev/probe': 'false' })
  await open()
  await until(() => !api.objects.has('old'))
  expect([...api.objects.keys()]).toEqual(['young', 'step'])
})
