import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { remoteDestination } from '../../src/images/artifact/destination.ts'
import { provePull } from '../../src/images/artifact/prove-pull.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { createKit } from '../../src/runtime/conformance/kit.ts'
import { kubernetesHarness, type HarnessOptions, type KubernetesHarness } from './harness.ts'

function inNamespace(options: HarnessOptions): () => ReturnType<typeof createKit> {
  let harness: KubernetesHarness
  let kit: ReturnType<typeof createKit>
  beforeAll(async () => {
    harness = await kubernetesHarness(options)
    kit = createKit(harness)
  })
  afterAll(async () => {
    await kit.clean()
    await harness.stop()
  })
  return () => kit
}

/** Tries the test's registry as a server does that puts images there. */
async function tryRegistry({ harness }: { readonly harness: object }): Promise<unknown> {
  const { cluster, runtime, namespace } = harness as KubernetesHarness
  const client = new RegistryClient({})
  const { signal } = new AbortController()
  try {
    const destination = remoteDestination(client, { registry: cluster.registry.host, repository: 'isolation/airside-artifact' }, { find: () => Promise.resolve(undefined) })
    const proved = await provePull(destination, (...wanted) => runtime.probePull(...wanted), signal, () => undefined)
    const left = await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-l', 'airside.dev/probe=true', '-o', 'name'])
    return { proved, left }
  } finally {
    await client.close()
  }
}
const proved = { proved: { ok: true, value: undefined }, left: '' }

describe('in a namespace that enforces baseline', () => {
  const kit = inNamespace({ enforce: 'baseline' })

  it('a step is root in its container, with little power and no token for the API', async () => {
    const script = 'id -u; grep CapEff /proc/self/status; grep Seccomp: /proc/self/status; cat /proc/self/uid_map; ls /var/run/secrets 2>&1; touch f && chown app f && ls -l f'
    const { stdout } = await kit().run(script)
    const [uid, capabilities, seccomp, map, secrets, file] = stdout.split('\n')
    expect(uid).toBe('0')
    const bits = BigInt(`0x${capabilities?.split(/\s+/)[1]}`)
    const has = (bit: bigint) => (bits >> bit) % 2n === 1n
    expect({ chown: has(0n), netRaw: has(13n), sysAdmin: has(21n), netAdmin: has(12n) }).toEqual({ chown: true, netRaw: false, sysAdmin: false, netAdmin: false })
    expect(seccomp).toMatch(/Seccomp:\s+2/)
    // A user namespace of its own: root in here is nobody out there.
    expect(map?.trim().split(/\s+/)).not.toEqual(['0', '0', '4294967295'])
    expect(secrets).toMatch(/No such file/)
    expect(file).toMatch(/ app /)
  })

  it('a registry is tried', async () => {
    expect(await tryRegistry(kit())).toEqual(proved)
  })

  it('a privileged step is refused in words', async () => {
    expect(await kit().tryPrepare(kit().spec({ privileged: true }))).toMatchObject({
      ok: false,
      error: { kind: 'rejected', message: expect.stringMatching(/Pod Security refuses.*PodSecurity "baseline.*privileged/) as string },
    })
  })
})

for (const delivery of ['image-volume', 'helper-container'] as const) {
  describe(`in a namespace that enforces restricted, with ${delivery}`, () => {
    const kit = inNamespace({ enforce: 'restricted', options: { isolation: { mode: 'restricted', uid: 10_001 }, delivery } })

    it('a step runs as the one user, with inputs and outputs', async () => {
      const artifact = await kit().store({ note: { type: 'file', content: 'in' } })
      const { stdout, result } = await kit().run('id -u; cat in/note > out/copy; grep CapEff /proc/self/status', {
        process: { user: '' },
        chown: false,
        inputs: [{ name: 'in', path: '/tmp/build/work/in', artifact }],
        outputs: [{ name: 'out', path: '/tmp/build/work/out' }],
      })
      expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
      expect(stdout).toMatch(/^10001\nCapEff:\s+0+\n$/)
      expect(await kit().output(result, 'out')).toMatchObject({ copy: { content: 'in' } })
    })

    it('a registry is tried', async () => {
      expect(await tryRegistry(kit())).toEqual(proved)
    })

    it('a step that needs another user errs in words', async () => {
      const { result } = await kit().run('id', { process: { user: 'root' }, chown: false })
      expect(result.outcome).toMatchObject({ kind: 'error', message: expect.stringMatching(/root|user|uid/) as string })
    })

    it('a privileged step is refused in words', async () => {
      expect(await kit().tryPrepare(kit().spec({ privileged: true }))).toMatchObject({ ok: false, error: { kind: 'rejected', message: expect.stringMatching(/restricted/) as string } })
    })
  })
}

describe('in a namespace that enforces restricted, without that mode', () => {
  const kit = inNamespace({ enforce: 'restricted' })
  it('says what admission refuses', async () => {
    expect(await kit().tryPrepare(kit().spec())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', message: expect.stringMatching(/Pod Security refuses.*restricted/) as string },
    })
  })
})
