import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDiskStore } from '../../src/artifacts/disk.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ContainerSpec } from '../../src/runtime/contract.ts'
import { createKubernetesRuntime, loadAccess } from '../../src/runtime/kubernetes/index.ts'
import { createRendezvous } from '../../src/supervision/rendezvous.ts'
import { newPrivateKey, serverKey } from '../../src/supervision/server-key.ts'
import { until } from '../services/wait.ts'
import { readySandboxes } from './ready-sandboxes.ts'
import { warmWorld } from './warm-world.ts'

type World = Awaited<ReturnType<typeof warmWorld>>

/** A second server of the same installation in the same namespace, which reaches its pods through the API. */
async function secondServer({ harness }: World) {
  const folder = await mkdtemp(join(tmpdir(), 'airside-second-'))
  const { log, ready } = readySandboxes()
  const rendezvous = createRendezvous({ key: serverKey(newPrivateKey()), secret: randomBytes(32), store: await openDiskStore(folder), clock: systemClock })
  await rendezvous.start()
  const { namespace, supervisorImage } = harness
  const runtime = createKubernetesRuntime({
    access: loadAccess({ kubeconfig: namespace.kubeconfig }), namespace: namespace.name, installation: 'conformance', rendezvous, supervisorImage, warmSandboxes: 1, log,
  })
  await runtime.start()
  return {
    ready,
    prepare: (spec: ContainerSpec) => runtime.prepare(spec, { signal: new AbortController().signal, onReason: () => undefined }),
    async stop() {
      await runtime.stop()
      await rendezvous.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

describe('warm sandboxes', () => {
  let at: World
  beforeAll(async () => {
    at = await warmWorld({ options: { warmSandboxes: 1 } })
  })
  afterAll(() => at.stop(), 60_000)
  const uidsOf = async (selector: string) => (await at.pods(selector)).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid)

  it('a container that is prepared ahead starts in a pod that waited, and its step has that one', async () => {
    const [sandbox] = await at.warmed()
    const spec = at.kit.spec({ guess: true })
    expect((await at.kit.prepare(spec)).warmSandbox).toBe(true)
    const container = await at.kit.prepare({ ...spec, guess: false })
    expect((await at.ofHandle(spec.handle)).map(({ metadata }) => metadata.uid)).toEqual([sandbox?.metadata.uid])
    expect((await at.kit.start(container, at.kit.assignment('exit 3')).result()).outcome).toEqual({ kind: 'exited', status: 3 })
    await container.release({ keep: false })
  })

  it('two servers of one namespace take their own, and one that stops or starts leaves those of the other', async () => {
    await at.warmed()
    const [own] = await uidsOf('airside.dev/sandbox=warm')
    const second = await secondServer(at)
    try {
      const first = await second.prepare(at.kit.spec())
      expect(first).toMatchObject({ ok: true, value: { warmSandbox: false } })
      await until('a sandbox of the second server', () => Promise.resolve(second.ready.size > 0))
      const spec = at.kit.spec()
      expect(await second.prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: true } })
      const [taken] = await at.ofHandle(spec.handle)
      expect(taken?.metadata.uid).not.toBe(own)
      if (first.ok) await first.value.release({ keep: false })
    } finally {
      await second.stop()
    }
    expect(await uidsOf('airside.dev/sandbox=warm')).toContain(own)
    const spec = at.kit.spec()
    expect((await at.kit.prepare(spec)).warmSandbox).toBe(true)
    expect((await at.ofHandle(spec.handle)).map(({ metadata }) => metadata.uid)).toEqual([own])
  })

  it('those that are evicted, as when a node is drained, go at once; the step in one and the next step go on', async () => {
    await at.warmed()
    const container = await at.kit.prepare()
    expect(container.warmSandbox).toBe(true)
    const run = at.kit.start(container, at.kit.assignment('echo begun; until test -e /tmp/go; do sleep 0.1; done; exit 6'))
    await run.collected.until(/begun/)
    const waiting = await at.warmed()
    const { cluster, namespace } = at.harness
    for (const { metadata: { name } } of waiting) {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: namespace.name } }
      await cluster.kubectl(['create', '--raw', `/api/v1/namespaces/${namespace.name}/pods/${name}/eviction`, '-f', '-'], { input: JSON.stringify(eviction) })
    }
    await until('the evicted pods to go', async () => (await at.pods('airside.dev/sandbox=warm')).length === 0)
    const next = await at.kit.prepare()
    expect(next.warmSandbox).toBe(false)
    expect((await at.kit.start(next, at.kit.assignment('exit 5')).result()).outcome).toEqual({ kind: 'exited', status: 5 })
    await at.harness.faults.inside(container.handle, 'touch /tmp/go')
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 6 })
  })
})
