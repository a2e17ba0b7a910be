import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must } from '../../../test/services/command.ts'
import { busyboxImage } from '../../../test/services/images.ts'
import type { Podman } from '../../../test/services/podman.ts'
import { pushImage } from '../../../test/services/push-image.ts'
import { startRegistry } from '../../images/server/start-registry.ts'
import type { ImageSource } from '../../model/image.ts'
import { createKit, type Kit } from '../conformance/kit.ts'
import { file, tarOf, type Tree } from '../conformance/tree.ts'
import type { Runtime, WaitReason } from '../contract.ts'
import { findProgram } from './discovery/machine.ts'
import { startPodmanService } from './discovery/podman-service.ts'
import type { EngineClient } from './engine/client.ts'
import { dockerHarness, type DockerHarness } from './testing/docker-harness.ts'

/** What the suite for all runtimes does not ask: the engine's own troubles. */
describe('docker runtime on a real engine', () => {
  let harness: DockerHarness
  beforeAll(async () => {
    harness = await dockerHarness()
  })
  afterAll(() => harness.stop())

  const withKit = async (work: (kit: Kit) => Promise<void>, runtime?: Runtime): Promise<void> => {
    const kit = createKit(runtime === undefined ? harness : { ...harness, runtime })
    try {
      await work(kit)
    } finally {
      await kit.clean()
    }
  }

  it('survives a restart of the engine and notices what happened meanwhile', () =>
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

  it('uses exec where mounts do not reach containers', async () => {
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

  it('a root step can neither write to folders of the host nor remount them', () =>
    withKit(async ({ run }) => {
      const attack = (folder: string): string =>
        `cd ${folder}; ls; rm -f * || ln -s /etc/shadow planted || touch made || mount -o remount,rw,bind ${folder} || echo denied`
      const { stdout } = await run(`(${attack('/tmp/.airside/home')}; ${attack('/tmp/.airside/bin')}) 2>/dev/null`)
      expect(stdout).toBe('socket\ndenied\nairside-supervisor\ndenied\n')
    }))

  it('root of a step is nobody on the machine, unless the step is privileged', () =>
    withKit(async ({ prepare, spec, start, assignment }) => {
      const owner = async (privileged: boolean) => {
        const started = start(await prepare(spec({ privileged })), assignment('id -u; chown 1000 /tmp; stat -c %u /tmp; read inside outside size < /proc/self/uid_map; echo $inside $outside'))
        await started.result()
        return started.collected.stdout
      }
      expect(await owner(false)).toBe('0\n1000\n0 1073741824\n')
      expect(await owner(true)).toBe('0\n1000\n0 0\n')
    }))

  it('shows the output of a supervisor that ended before it reported in', async () => {
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

  it('lists, removes and makes anew a container whose removal was broken off, and hides no other', () =>
    withKit(async ({ prepare, spec }) => {
      const [listed, made, whole] = [spec(), spec(), spec()]
      for (const one of [listed, made, whole]) await prepare(one)
      for (const { handle } of [listed, made]) await harness.podman.podman(['kill', '--signal', 'KILL', handle])
      for (const { handle } of [listed, made]) await harness.podman.podman(['wait', handle])
      await forgetStorage(harness.podman, [listed.handle, made.handle])
      expect(await harness.engine.client.inspect(listed.handle)).toMatchObject({ ok: false, error: { kind: 'refused', message: expect.stringContaining('container not known') } })
      // Of a server that knows none of them.
      const runtime = await harness.another({})
      expect((await runtime.list()).map(({ handle }) => handle)).toEqual(expect.arrayContaining([listed.handle, made.handle, whole.handle]))
      await runtime.remove(listed.handle)
      expect((await runtime.list()).map(({ handle }) => handle)).not.toContain(listed.handle)
      const again = await runtime.prepare(made, { signal: new AbortController().signal, onReason: () => undefined })
      expect(again).toMatchObject({ ok: true })
      await runtime.remove(made.handle)
    }))

  it('leaves a foreign container of the same name alone', () =>
    withKit(async ({ spec, prepare }) => {
      const wanted = spec()
      await prepare(wanted)
      const stranger = createKit({ ...harness, runtime: await harness.another({ installation: 'another' }) })
      expect(await stranger.tryPrepare(wanted)).toMatchObject({ ok: false, error: { kind: 'rejected' } })
      expect(await harness.exists(wanted.handle)).toBe(true)
      expect(await stranger.harness.runtime.list()).toEqual([])
    }))

  it('runs the image that a tag means now', () =>
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

  it('concurrent steps share one pull of an image', async () => {
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

  describe('with an image that is an artifact', () => {
    const image = async (tree: Tree): Promise<ImageSource> => ({ kind: 'artifact', name: 'made', artifact: await harness.artifacts.put(await tarOf(tree)) })
    const busybox = async (): Promise<Tree> => {
      const program = await readFile('/bin/busybox')
      return {
        'metadata.json': file('{"env":[],"user":"root"}'),
        rootfs: { type: 'directory' },
        'rootfs/bin': { type: 'directory' },
        'rootfs/bin/busybox': file(program, { mode: 0o755 }),
        'rootfs/bin/sh': { type: 'link', target: 'rootfs/bin/busybox', mode: 0o755 },
        'rootfs/bin/cat': { type: 'symlink', target: 'busybox' },
        'rootfs/made': file('in a step'),
      }
    }

    it('runs rootfs/', () =>
      withKit(async ({ run }) => {
        const made = await image(await busybox())
        expect((await run('cat /made', {}, { image: made })).stdout).toBe('in a step')
        expect((await run('cat /made', {}, { image: made })).stdout).toBe('in a step')
      }))

    it('runs an image.tar, and an OCI layout', () =>
      withKit(async ({ run }) => {
        const { manifest, blobs } = await busyboxImage([{ path: 'made', content: 'by an image build' }])
        const name = (digest: string): string => `blobs/${digest.replace(':', '/')}`
        const index = { schemaVersion: 2, manifests: [{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length }] }
        const layout: Tree = {
          ...Object.fromEntries([manifest, ...blobs].map(({ digest, bytes }) => [name(digest), file(bytes)])),
          'index.json': file(JSON.stringify(index)),
          'oci-layout': file('{"imageLayoutVersion":"1.0.0"}'),
        }
        expect((await run('cat /made', {}, { image: await image(layout) })).stdout).toBe('by an image build')
        expect((await run('cat /made', {}, { image: await image({ 'image.tar': file(await tarOf(layout)) }) })).stdout).toBe('by an image build')
      }))

    it('an archive cannot take the name of an image of the engine', () =>
      withKit(async ({ run }) => {
        const wanted = 'docker.io/library/busybox:latest'
        await pushImage(harness.registry, 'names', '1', await busyboxImage([{ path: 'made', content: 'the user’s own' }]))
        await harness.podman.podman(['pull', '--tls-verify=false', `${harness.registry.host}/names:1`])
        await harness.podman.podman(['tag', `${harness.registry.host}/names:1`, wanted])
        const names = async (): Promise<string[]> => {
          const listed = await harness.podman.podman(['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'])
          return listed.split('\n').filter((line) => !line.startsWith('localhost/airside-artifact:') && !line.startsWith('<none>')).toSorted()
        }
        const before = await names()
        expect(before.join()).toContain(wanted)

        const { manifest, blobs } = await busyboxImage([{ path: 'made', content: 'by a step' }])
        const path = (digest: string): string => `blobs/${digest.replace(':', '/')}`
        const files = Object.fromEntries(blobs.map(({ digest, bytes }) => [path(digest), file(bytes)]))
        const [config = '', ...layers] = blobs.map(({ digest }) => digest)
        const archive: Tree = {
          ...files,
          repositories: file(JSON.stringify({ 'docker.io/library/busybox': { latest: config.slice(7) } })),
          'manifest.json': file(JSON.stringify([{ Config: path(config), RepoTags: [wanted, 'other:1'], Layers: layers.map(path) }])),
        }
        const annotations = { 'org.opencontainers.image.ref.name': wanted, 'io.containerd.image.name': wanted }
        const layout: Tree = {
          ...files,
          [path(manifest.digest)]: file(manifest.bytes),
          'oci-layout': file('{"imageLayoutVersion":"1.0.0"}'),
          'index.json': file(JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length, annotations }] })),
        }
        for (const tree of [archive, layout]) {
          expect((await run('cat /made', {}, { image: await image({ 'image.tar': file(await tarOf(tree)) }) })).stdout).toBe('by a step')
          expect(await names()).toEqual(before)
        }
      }))

    it('says that an artifact is no image', () =>
      withKit(async ({ tryPrepare, spec }) => {
        const prepared = await tryPrepare(spec({ image: await image({ 'README.md': file('text') }) }))
        expect(prepared).toMatchObject({ ok: false, error: { kind: 'image-pull', message: expect.stringContaining('artifact made is no image') as string } })
      }))

    it('starts an installed Podman when no engine runs', async () => {
      const home = await mkdtemp(join(tmpdir(), 'airside-home-'))
      const storage = join(home, 'storage.conf')
      await writeFile(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${home}/graph"\nrunroot = "${home}/run"\n`)
      const env = { PATH: process.env['PATH'], HOME: home, CONTAINERS_STORAGE_CONF: storage }
      await using started = new AsyncDisposableStack()
      started.defer(async () => void (await must('sh', ['-c', `umount "${home}/graph/overlay" 2>/dev/null; rm -rf "${home}"`])))
      const engine = await startPodmanService(findProgram('podman', env) ?? '', env)
      if (!engine.ok) throw new Error(engine.error)
      started.defer(() => engine.value.stop())
      const { client } = engine.value
      const info = await client.info()
      if (!info.ok) throw new Error(info.error.message)
      const runtime = await harness.another({ engine: { client, info: info.value, named: 'podman system service', stop: () => Promise.resolve() } })
      await withKit(async ({ run }) => {
        expect((await run('echo ran', {}, { image: await image(await busybox()) })).stdout).toBe('ran\n')
      }, runtime)
      await runtime.stop()
    })
  })
})

/** What a removal leaves that was broken off: the engine knows the containers, and its storage does not. */
async function forgetStorage(podman: Podman, names: readonly string[]): Promise<void> {
  const ids = await Promise.all(names.map((name) => podman.podman(['inspect', '--format', '{{.Id}}', name])))
  const driver = (await podman.podman(['info', '--format', '{{.Store.GraphDriverName}}'])).trim()
  const file = join(podman.dir, 'root', `${driver}-containers`, 'containers.json')
  const stored = JSON.parse(await readFile(file, 'utf8')) as readonly { readonly id: string }[]
  await writeFile(file, JSON.stringify(stored.filter(({ id }) => !ids.some((gone) => gone.trim() === id))))
  await podman.restart()
}
