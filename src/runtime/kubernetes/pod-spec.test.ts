import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podSpec, pullPolicy, specHash } from './pod-spec.ts'
import { someContext, someSpec } from './testing/specs.ts'

const digest = `@sha256:${'a'.repeat(64)}`
const credentials = { username: 'u', password: 'canary' }

describe('podSpec', () => {
  it('makes the pod of a task whose supervisor comes home from an image volume', async () => {
    await expect(json(podSpec(someSpec(), someContext()))).toMatchFileSnapshot('testing/golden/image-volume-home.json')
  })

  it('makes a pod that is dialled, with a helper container', async () => {
    const context = someContext({ delivery: 'helper-container', homeAddress: undefined, userNamespace: false, cpuLimit: true, pullSecrets: ['own-pull', 'account'] })
    await expect(json(podSpec(someSpec(), context))).toMatchFileSnapshot('testing/golden/helper-container-tunnel.json')
  })

  it('makes a pod that a restricted namespace takes', async () => {
    const context = someContext({ isolation: { mode: 'restricted', uid: 10_001 }, delivery: 'helper-container' })
    await expect(json(podSpec(someSpec({ limits: {}, architectures: [] }), context))).toMatchFileSnapshot('testing/golden/restricted.json')
  })

  it('makes a privileged pod, in the host’s user namespace', async () => {
    const context = someContext({ placement: { nodeSelector: { pool: 'ci' }, tolerations: [{ key: 'ci', operator: 'Exists' }], priorityClassName: 'low', runtimeClassName: 'kata' } })
    await expect(json(podSpec(someSpec({ privileged: true, type: 'put' }), context))).toMatchFileSnapshot('testing/golden/privileged.json')
  })

  it('B11: no autoscaler may take a pod of a step away, whatever step it is', () => {
    const types = ['check', 'get', 'put', 'task'] as const
    const annotations = types.map((type) => podSpec(someSpec({ type }), someContext()).metadata.annotations?.['cluster-autoscaler.kubernetes.io/safe-to-evict'])
    expect(annotations).toEqual(types.map(() => 'false'))
  })

  it('asks for nodes with the labels of the step’s tags, and tolerates their taints', () => {
    const context = someContext({ tagLabels: { 'tag.airside.dev/gpu': 'true' }, placement: { nodeSelector: { pool: 'ci' }, tolerations: [{ key: 'ci', operator: 'Exists' }] } })
    expect(podSpec(someSpec({ tags: ['gpu'] }), context).spec).toMatchObject({
      nodeSelector: { pool: 'ci', 'tag.airside.dev/gpu': 'true', 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'ci', operator: 'Exists' }, { key: 'tag.airside.dev/gpu', operator: 'Exists' }],
    })
  })

  it('labels a hermetic pod for its network policy, and gives it no names to look up', () => {
    const pod = podSpec(someSpec({ hermetic: true }), someContext({ homeAddress: undefined }))
    expect(pod.metadata.labels).toMatchObject({ 'airside.dev/hermetic': 'true' })
    expect(pod.spec).toMatchObject({ dnsPolicy: 'None', dnsConfig: { nameservers: ['127.0.0.1'] } })
    expect(JSON.stringify(podSpec(someSpec(), someContext()))).not.toMatch(/hermetic|dnsPolicy/)
  })

  it('hands on what supervisors are to do on their own', () => {
    const pod = podSpec(someSpec(), someContext({ supervisorSettings: { spoolBytes: 100_000, keepSeconds: 60 } }))
    const [step] = pod.spec.containers as { env: object[] }[]
    expect(step?.env).toEqual(expect.arrayContaining([{ name: 'AIRSIDE_SPOOL_BYTES', value: '100000' }, { name: 'AIRSIDE_KEEP_SECONDS', value: '60' }]))
    expect(JSON.stringify(pod)).not.toContain('AIRSIDE_IDLE_SECONDS')
  })

  it('never reaches for the host, another account or more rights than it was given, whatever the user typed', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    const anything = fc.record({
      metadata: fc.record({ team: text, pipeline: text, job: text, buildId: fc.nat(), buildName: text, planId: text, stepName: text, attempt: text }),
      reference: text,
      architectures: fc.array(text, { maxLength: 3 }),
      limits: fc.record({ cpu: fc.double(), memory: fc.double() }, { requiredKeys: [] }),
      privileged: fc.boolean(),
      type: fc.constantFrom('task', 'get', 'put', 'check', 'run'),
    })
    fc.assert(
      fc.property(anything, fc.constantFrom('image-volume' as const, 'helper-container' as const), ({ reference, ...rest }, delivery) => {
        const pod = podSpec(someSpec({ ...rest, image: { kind: 'registry', reference, host: 'h', credentials } }), someContext({ delivery }))
        const names = keysOf(pod)
        for (const forbidden of ['hostPath', 'hostNetwork', 'hostPID', 'hostIPC', 'hostPort', 'envFrom', 'subPath', 'capabilities.add', 'shareProcessNamespace']) expect(names).not.toContain(forbidden)
        expect(pod.spec.serviceAccountName).toBe('airside-step')
        expect(pod.spec.automountServiceAccountToken).toBe(false)
        expect(JSON.stringify(pod)).not.toContain('canary')
        expect(JSON.stringify(pod).match(/"privileged":true/g)?.length ?? 0).toBe(rest.privileged ? 1 : 0)
        expect(pod.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
        for (const value of Object.values(pod.metadata.labels)) expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/)
      }),
    )
  })
})

it('a digest that no registry has shown is asked for by the node, though it may have it', () => {
  const policy = (more: object) => {
    const pod = podSpec(someSpec({ image: { kind: 'registry', reference: `r.io/a:1@sha256:${'a'.repeat(64)}`, host: 'r.io', ...more } }), someContext())
    return pod.spec.containers.map((container) => 'imagePullPolicy' in container && container.imagePullPolicy)
  }
  expect(policy({})).toEqual(['IfNotPresent'])
  expect(policy({ unproven: true })).toEqual(['Always'])
})

describe('specHash', () => {
  it('is the same for what runs the same, and another for what does not', () => {
    const hash = (changes: object) => specHash(someSpec(changes), { mode: 'baseline' })
    expect(hash({ guess: true, handle: 'other' })).toBe(hash({}))
    for (const change of [{ privileged: true }, { limits: {} }, { type: 'get' }, { architectures: ['amd64'] }, { hermetic: true }, { tags: ['gpu'] }, { tags: ['arm'] }]) expect(hash(change)).not.toBe(hash({}))
    expect(specHash(someSpec(), { mode: 'restricted', uid: 1 })).not.toBe(hash({}))
  })
})

describe('pullPolicy', () => {
  it.each([
    ['pinned, no credentials', `r.io/a:1${digest}`, false, 'IfNotPresent'],
    ['pinned, credentials must be shown', `r.io/a:1${digest}`, true, 'Always'],
    ['a tag may move', 'r.io/a:1', false, 'Always'],
    ['nonsense', '::', false, 'Always'],
  ])('%s', (_name, reference, withCredentials, policy) => {
    expect(pullPolicy(reference, withCredentials)).toBe(policy)
  })
})

const json = (pod: object): string => `${JSON.stringify(pod, null, 2)}\n`

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}
