import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { busyboxImage } from '../../../test/services/images.ts'
import { pushImage } from '../../../test/services/push-image.ts'
import { startRegistry } from '../../images/server/start-registry.ts'
import { createKit, type Kit } from '../conformance/kit.ts'
import type { Runtime, WaitReason } from '../contract.ts'
import type { EngineClient } from './engine/client.ts'
import { dockerHarness, type DockerHarness } from './testing/docker-harness.ts'

/** What the suite for all runtimes does not ask: the engine's own troubles. */
describe('docker runtime on a real engine', { timeout: 60_000 }, () => {
  let harness: DockerHarness
  beforeAll(async () => {
    harness = await dockerHarness()
  }, 120_000)
  afterAll(() => harness.stop())

  const withKit = async (work: (kit: Kit) => Promise<void>, runtime?: Runtime): Promise<void> => {
    const kit = createKit(runtime === undefined ? harness : { ...harness, runtime })
    try {
      await work(kit)
    } finally {
      await kit.clean()
    }
  }

  it('goes on over a restart of the engine, and notices what happened meanwhile', () =>
    withKit(async ({ prepare, spec, start, assignment }) => {
      const [goesOn, removed] = [spec(), spec()]
      const staying = start(await prepare(goesOn), assignment('echo ready; until test -e /tmp/go; do sleep 0.05; done; echo end'))
      const leaving = start(await prepare(removed), assignment('echo ready; sleep 1000'))
      await Promise.all([staying.collected.until(/ready/), leaving.collected.until(/ready/)])
      await harness.podman.restart()
      await harness.faults.removeFromOutside(removed.handle)
      await harness.faults.inside(goesOn.handle, 'touch /tmp/go')
      expect(await leaving.ended).toMatchObject({ ok: false, error: { kind: 'lost', message: 'the container was removed from outside' } })
      await staying.result()
      expect(staying.collected.stdout).toBe('ready\nend\n')
    }))

  it('finds out that mounts do not reach containers, and goes another way', async () => {
    const data = await mkdtemp(join(tmpdir(), 'airside-data-'))
    let creations = 0
    const elsewhere: EngineClient = {
      ...harness.engine.client,
      create(name, body, signal) {
        creations++
        return harness.engine.client.create(name, { ...body, HostConfig: { ...body.HostConfig, Mounts: [] } }, signal)
      },
    }
    const engine = { ...harness.engine, client: elsewhere }
    await withKit(
      async ({ run }) => {
        expect((await run('echo one')).stdout).toBe('one\n')
        expect((await run('echo two')).stdout).toBe('two\n')
        expect(creations).toBe(3)
      },
      await harness.another({ engine, data }),
    )
    // Remembered: the next start does not try again.
    await withKit(
      async ({ run }) => {
        expect((await run('echo three')).stdout).toBe('three\n')
        expect(creations).toBe(4)
      },
      await harness.another({ engine, data }),
    )
    await rm(data, { recursive: true })
  })

  it('says what a supervisor said that ended before it reported in', async () => {
    await withKit(
      async ({ tryPrepare, spec }) => {
        const wanted = spec()
        const prepared = await tryPrepare(wanted)
        expect(prepared).toMatchObject({ ok: false, error: { kind: 'died' } })
        expect(!prepared.ok && 'message' in prepared.error && prepared.error.message).toMatch(/exit status 127.*applet not found/)
        expect(await harness.exists(wanted.handle)).toBe(false)
      },
      // Busybox does not know itself under this name.
      await harness.another({ supervisor: '/bin/busybox', transport: 'socket' }),
    )
  })

  it('leaves a container alone that has the name and is not ours', () =>
    withKit(async ({ spec, prepare }) => {
      const wanted = spec()
      await prepare(wanted)
      const stranger = createKit({ ...harness, runtime: await harness.another({ installation: 'another' }) })
      expect(await stranger.tryPrepare(wanted)).toMatchObject({ ok: false, error: { kind: 'rejected' } })
      expect(await harness.exists(wanted.handle)).toBe(true)
      expect(await stranger.harness.runtime.list()).toEqual([])
    }))

  it('runs what a tag means now', () =>
    withKit(async ({ run }) => {
      const image = { kind: 'registry', reference: `${harness.registry.host}/moving:1`, host: harness.registry.host } as const
      for (const content of ['old', 'new']) {
        await pushImage(harness.registry, 'moving', '1', await busyboxImage([{ path: 'content', content }]))
        expect((await run('cat /content', {}, { image })).stdout).toBe(content)
      }
    }))

  it('waits for a registry that is down, and says so', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
    const first = await startRegistry({ dir })
    const { digest } = await pushImage(first, 'later', '1', await busyboxImage([{ path: 'later', content: 'x' }]))
    await first.stop()
    let second: typeof first | undefined
    try {
      await withKit(async ({ prepare, spec }) => {
        const reasons: WaitReason[] = []
        const image = { kind: 'registry', reference: `${first.host}/later:1@${digest}`, host: first.host } as const
        await prepare(spec({ image }), {
          onReason(reason) {
            reasons.push(reason)
            if (reason.kind === 'pull-error') void startRegistry({ dir, port: first.port }).then((registry) => (second = registry))
          },
        })
        expect(reasons[0]?.kind).toBe('pulling')
        expect(reasons.find(({ kind }) => kind === 'pull-error')?.message).toMatch(/later:1@sha256.*cannot be pulled yet.*connection refused/)
      })
    } finally {
      await second?.stop()
      await rm(dir, { recursive: true })
    }
  })

  it('pulls an image once for several who want it at once', async () => {
    const { digest } = await pushImage(harness.registry, 'shared', '1', await busyboxImage([{ path: 'shared', content: 'x' }]))
    const image = { kind: 'registry', reference: `${harness.registry.host}/shared@${digest}`, host: harness.registry.host } as const
    let pulls = 0
    const client: EngineClient = {
      ...harness.engine.client,
      pull(...call) {
        pulls++
        return harness.engine.client.pull(...call)
      },
    }
    const kit = createKit({ ...harness, runtime: await harness.another({ engine: { ...harness.engine, client } }) })
    await Promise.all([1, 2, 3].map(() => kit.prepare(kit.spec({ image }))))
    expect(pulls).toBe(1)
    await kit.clean()
  })
})
