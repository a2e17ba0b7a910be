import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerSpec, WaitReason } from '../../src/runtime/contract.ts'
import { busyboxImage } from '../services/images.ts'
import { until } from '../services/wait.ts'
import { warmWorld } from './warm-world.ts'

describe('warm sandboxes', () => {
  let at: Awaited<ReturnType<typeof warmWorld>>
  beforeAll(async () => {
    at = await warmWorld()
  })
  afterAll(() => at.stop(), 60_000)

  it('a step takes a pod that waits, runs there as in a pod of its own, and the pod goes with it', async () => {
    const uids = (await at.warmed()).map(({ metadata }) => metadata.uid)
    const spec = at.kit.spec()
    const container = await at.kit.prepare(spec)
    expect(container.warmSandbox).toBe(true)
    expect(container.imageDigest).toMatch(/busybox@sha256:/)
    const [pod] = await at.ofHandle(spec.handle)
    expect(uids).toContain(pod?.metadata.uid)
    const ran = at.kit.start(container, at.kit.assignment('head -1 /etc/passwd; exit 4'))
    expect((await ran.result()).outcome).toEqual({ kind: 'exited', status: 4 })
    expect(ran.collected.stdout).toContain('root:')
    await container.release({ keep: false })
    expect(await at.ofHandle(spec.handle)).toEqual([])
  })

  it('no step sees a file, a value of the environment or credentials of the one before', async () => {
    const canary = randomBytes(8).toString('hex')
    await at.warmed(2)
    const first = await at.kit.prepare()
    const process = { env: [`CANARY=${canary}`] }
    expect((await at.kit.start(first, at.kit.assignment(`echo ${canary} | tee /tmp/canary /tmp/build/canary /tmp/.airside/state/canary`, { process })).result()).outcome).toEqual({ kind: 'exited', status: 0 })
    await first.release({ keep: false })
    const second = await at.kit.prepare()
    expect([first.warmSandbox, second.warmSandbox]).toEqual([true, true])
    const ran = at.kit.start(second, at.kit.assignment(`env; grep -rs ${canary} /tmp /run /var /etc | grep -v /tmp/.airside/state/spool; cat /proc/1/environ 2>/dev/null; exit 0`))
    expect((await ran.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(ran.collected.output.toString()).not.toContain(canary)
  })

  it('an image that cannot be pulled is told, and the sandbox goes', async () => {
    await at.warmed()
    const spec = at.kit.spec({ image: at.harness.images.missing })
    const prepared = await at.kit.tryPrepare(spec)
    expect(prepared).toMatchObject({ ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/missing(?::1)?@sha256:0+.*not found/) as string } })
    expect(await at.ofHandle(spec.handle)).toEqual([])
  })

  it('credentials of a step reach the kubelet in a sandbox, and wrong ones are told in the registry’s words', async () => {
    at.harness.releasePrivateImage()
    const { private: own, privateDenied } = at.harness.images
    await at.warmed(2, { image: own })
    const container = await at.kit.prepare(at.kit.spec({ image: own }))
    expect(container.warmSandbox).toBe(true)
    expect((await at.kit.start(container, at.kit.assignment('test -e /private')).result()).outcome).toEqual({ kind: 'exited', status: 0 })
    if (privateDenied.kind !== 'registry') throw new Error('an image from a registry')
    const wrong = at.kit.spec({ image: { ...privateDenied, credentials: { username: 'airside', password: 'wrong' } } })
    const denied = await at.kit.tryPrepare(wrong)
    expect(denied).toMatchObject({ ok: false, error: { kind: 'image-pull', message: expect.stringMatching(/401|unauthorized/i) as string } })
    expect(await at.ofHandle(wrong.handle)).toEqual([])
  })

  it('a limit on memory holds in a sandbox when the step begins', async () => {
    await at.warmed()
    const memory = 128 * 1024 * 1024
    const container = await at.kit.prepare(at.kit.spec({ limits: { memory } }))
    expect(container.warmSandbox).toBe(true)
    const ran = at.kit.start(container, at.kit.assignment('cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; exit 0'))
    await ran.result()
    expect(Number(ran.collected.stdout)).toBe(memory + 32 * 1024 * 1024)
  })

  it('a supervisor that is killed in a sandbox is started again, and its step ends as killed', async () => {
    await at.warmed()
    const spec = at.kit.spec()
    const container = await at.kit.prepare(spec)
    expect(container.warmSandbox).toBe(true)
    const run = at.kit.start(container, at.kit.assignment('echo begun; sleep 600'))
    await run.collected.until(/begun/)
    await at.harness.faults.killSupervisor(spec.handle)
    expect((await run.result()).outcome).toMatchObject({ kind: 'killed' })
  })

  const restarts: Readonly<Record<string, (spec: ContainerSpec, prepared: Promise<unknown>) => Promise<unknown>>> = {
    'the change of its sandbox was sent': () => Promise.resolve(),
    'the change of its sandbox was made': (spec) => until('the pod', async () => (await at.ofHandle(spec.handle)).length > 0),
    'the container that waited is gone': (spec) =>
      until('its end', async () => {
        const [pod] = await at.ofHandle(spec.handle)
        const old = pod?.status.containerStatuses?.[0]
        return old !== undefined && (old.containerID !== pod?.metadata.annotations['airside.dev/waited-container'] || old.state?.running === undefined)
      }),
    'its supervisor has reported in': (_spec, prepared) => prepared,
  }
  it.each(Object.keys(restarts))('a server that is killed when %s leaves one pod to the next, which goes on with it', async (point) => {
    await at.warmed()
    const spec = at.kit.spec()
    const prepared = at.kit.tryPrepare(spec)
    await restarts[point]?.(spec, prepared)
    await at.harness.faults.restartServer()
    await prepared
    const container = await at.kit.prepare(spec)
    if (point !== 'the change of its sandbox was sent') expect(container.warmSandbox).toBe(true)
    expect((await at.kit.start(container, at.kit.assignment('exit 5')).result()).outcome).toEqual({ kind: 'exited', status: 5 })
    expect(await at.ofHandle(spec.handle)).toHaveLength(1)
  })

  it('a step that runs in a sandbox when its server is killed is gone on with', async () => {
    await at.warmed()
    const spec = at.kit.spec()
    const container = await at.kit.prepare(spec)
    expect(container.warmSandbox).toBe(true)
    const assignment = at.kit.assignment('echo begun; until test -e /tmp/go; do sleep 0.1; done; exit 6')
    const run = at.kit.start(container, assignment)
    await run.collected.until(/begun/)
    await at.harness.faults.restartServer()
    const again = await at.kit.prepare(spec, { adopting: true, acked: run.collected.acked })
    expect(again.warmSandbox).toBe(true)
    await at.harness.faults.inside(spec.handle, 'touch /tmp/go')
    expect((await at.kit.start(again, assignment, undefined, run.collected).result()).outcome).toEqual({ kind: 'exited', status: 6 })
  })

  it('sandboxes give way to a step when a quota counts pods, and the step is not told to wait', async () => {
    await at.warmed(2)
    const { cluster, namespace } = at.harness
    // One that is about to go would leave its place to the step.
    const here = await until('removed pods to be gone', async () => {
      const all = await at.pods('')
      return all.every(({ metadata }) => metadata.deletionTimestamp === undefined) && all.length
    })
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'room', namespace: namespace.name }, spec: { hard: { pods: String(here) } } }
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(quota) })
    await cluster.kubectl(['wait', '-n', namespace.name, 'resourcequota/room', `--for=jsonpath={.status.hard.pods}=${here}`, '--timeout=300s'])
    try {
      const reasons: WaitReason[] = []
      const container = await at.kit.prepare(at.kit.spec({ limits: { cpu: 200 } }), { onReason: (reason) => reasons.push(reason) })
      expect(container.warmSandbox).toBe(false)
      expect(reasons.filter(({ kind }) => kind === 'quota')).toEqual([])
      expect(await at.pods('airside.dev/sandbox=warm')).toEqual([])
    } finally {
      await cluster.kubectl(['delete', 'resourcequota', 'room', '-n', namespace.name])
    }
  })
})

it('a namespace that enforces the restricted level has sandboxes too, and a step in one runs as the fixed user', async () => {
  const at = await warmWorld({ enforce: 'restricted', options: { isolation: { mode: 'restricted', uid: 1000 } } })
  try {
    await at.warmed()
    const container = await at.kit.prepare()
    expect(container.warmSandbox).toBe(true)
    const ran = at.kit.start(container, at.kit.assignment('id -u', { process: { user: '1000' } }))
    expect((await ran.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(ran.collected.stdout.trim()).toBe('1000')
  } finally {
    await at.stop()
  }
})

it('in a namespace whose admission refuses updates of pods, steps have pods of their own and no sandbox stays', async () => {
  const at = await warmWorld()
  const { cluster, namespace } = at.harness
  const name = `no-updates-${namespace.name}`
  const here = { matchLabels: { 'kubernetes.io/metadata.name': namespace.name } }
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { namespaceSelector: here, resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] }] },
      validations: [{ expression: 'false', message: 'pods are made once' }],
    },
  }
  const binding = { apiVersion: policy.apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } }
  try {
    await at.warmed()
    for (const object of [policy, binding]) await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) })
    const [pod] = await at.pods('airside.dev/sandbox=warm')
    let tries = 0
    await until('the policy to be in force', () => cluster.kubectl(['label', 'pod', '-n', namespace.name, pod?.metadata.name ?? '', `tried=${++tries}`, '--overwrite']).then(() => false, (error: Error) => error.message.includes('pods are made once')))
    const container = await at.kit.prepare(at.kit.spec({ image: await at.harness.push('refused/busybox', await busyboxImage()) }))
    expect(container.warmSandbox).toBe(false)
    expect((await at.kit.start(container, at.kit.assignment('exit 7')).result()).outcome).toEqual({ kind: 'exited', status: 7 })
    await until('the sandboxes to go', async () => (await at.pods('airside.dev/sandbox=warm')).length === 0)
  } finally {
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy']) await cluster.kubectl(['delete', kind, name, '--ignore-not-found'])
    await at.stop()
  }
})
