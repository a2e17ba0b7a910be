import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskStore } from '../../../artifacts/disk.ts'
import { artifactImageReader } from '../../../images/artifact/artifact-image-reader.ts'
import { startRegistry, type RunningRegistry } from '../../../images/server/start-registry.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { ImageSource } from '../../../model/image.ts'
import { newPrivateKey, serverKey } from '../../../supervision/server-key.ts'
import { createRendezvous, type SupervisionServer } from '../../../supervision/rendezvous.ts'
import { busyboxImage, scratchImage } from '../../../../test/services/images.ts'
import { buildSupervisor } from '../../../../scripts/build-supervisor.mjs'
import { startPodman, type Podman } from '../../../../test/services/podman.ts'
import { pushImage } from '../../../../test/services/push-image.ts'
import { artifactsOf } from '../../conformance/artifacts-of.ts'
import type { ConformanceHarness } from '../../conformance/harness.ts'
import { startRegistryFront } from '../../conformance/registry-front.ts'
import type { Runtime } from '../../contract.ts'
import { findEngine, type Engine } from '../discovery/find-engine.ts'
import type { Transport } from '../labels.ts'
import { createDockerRuntime, type DockerRuntimeOptions } from '../runtime.ts'

export interface DockerHarness extends ConformanceHarness {
  readonly podman: Podman
  readonly engine: Engine
  readonly registry: RunningRegistry
  /** Another runtime on the same engine, with options changed; stops with the harness. */
  another(changes: Partial<DockerRuntimeOptions>): Promise<Runtime>
}

/** The docker runtime on a Podman of its own, with a registry and a store. */
export async function dockerHarness(transport?: Transport): Promise<DockerHarness> {
  // What is started is stopped in the opposite order, also when the rest does not come up.
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'airside-docker-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const store = await openDiskStore(join(folder, 'artifacts'))
  const registry = await startRegistry({ dir: join(folder, 'registry') })
  started.defer(() => registry.stop())
  const credentials = { username: 'airside', password: randomBytes(8).toString('hex') }
  const front = await startRegistryFront({ target: registry.url })
  started.defer(() => front.stop())
  const closedFront = await startRegistryFront({ target: registry.url, credentials })
  started.defer(() => closedFront.stop())
  const podman = await startPodman()
  started.defer(() => podman.stop())
  const { binaries } = await buildSupervisor()
  const engine = await findEngine({ ...process.env, DOCKER_HOST: podman.dockerHost })
  if (!engine.ok) throw new Error(engine.error.message)
  started.defer(() => engine.value.stop())

  const busybox = await busyboxImage()
  const unlike = await busyboxImage([{ path: 'unlike', content: randomBytes(16) }])
  const push = async (repository: string, image: typeof busybox, { host } = front): Promise<ImageSource> => {
    const { digest } = await pushImage(registry, repository, '1', image)
    return { kind: 'registry', reference: `${host}/${repository}:1@${digest}`, host }
  }
  const privateDenied = await push('held/busybox', unlike, closedFront)
  const images: ConformanceHarness['images'] = {
    busybox: await push('busybox', busybox),
    scratch: await push('scratch', await scratchImage()),
    missing: { kind: 'registry', reference: `${front.host}/missing:1@sha256:${'0'.repeat(64)}`, host: front.host },
    private: { ...privateDenied, credentials } as ImageSource,
    privateDenied,
    stalled: await push('stalled/busybox', await busyboxImage([{ path: 'stalled', content: randomBytes(16) }])),
  }

  const key = serverKey(newPrivateKey())
  const secret = randomBytes(32)
  const stepImages = artifactImageReader(async ({ digest }) => (await store.open(digest))?.stream, engine.value.info.architecture)
  const openServer = async (changes: Partial<DockerRuntimeOptions> = {}): Promise<{ rendezvous: SupervisionServer; runtime: Runtime }> => {
    const rendezvous = createRendezvous({ key, secret, store, clock: systemClock })
    const created = await createDockerRuntime({
      engine: engine.value,
      rendezvous,
      installation: 'conformance',
      data: folder,
      readArtifactImage: (artifact, name, signal) => stepImages.forEngine(artifact, name, signal),
      supervisor: engine.value.info.architecture === 'arm64' ? binaries.arm64 : binaries.amd64,
      ...(transport === undefined ? {} : { transport }),
      ...changes,
    })
    if (!created.ok) throw new Error(created.error)
    const runtime = created.value
    await rendezvous.start()
    await runtime.start()
    return { rendezvous, runtime }
  }
  let server = await openServer()
  const others: Awaited<ReturnType<typeof openServer>>[] = []
  started.defer(async () => {
    for (const { runtime, rendezvous } of [server, ...others]) {
      await runtime.stop()
      await rendezvous.stop()
    }
  })
  const withoutServer = async (whileDown: () => Promise<void>): Promise<void> => {
    // What a killed process leaves: closed connections and a dead socket file.
    await server.rendezvous.stop()
    await server.runtime.stop()
    await whileDown()
    server = await openServer()
  }

  const all = started.move()
  return {
    podman,
    engine: engine.value,
    registry,
    async another(changes) {
      const other = await openServer(changes)
      others.push(other)
      return other.runtime
    },
    get runtime() {
      return server.runtime
    },
    artifacts: artifactsOf(store),
    images,
    releasePrivateImage: () => closedFront.release(),
    faults: {
      withoutServer,
      restartServer: () => withoutServer(() => Promise.resolve()),
      removeFromOutside: async (handle) => void (await podman.podman(['rm', '--force', '--time', '0', handle])),
      killSupervisor: async (handle) => void (await podman.podman(['kill', '--signal', 'KILL', handle])),
      stopSupervisor: async (handle) => void (await podman.podman(['kill', '--signal', 'STOP', handle])),
      inside: (handle, script) => podman.podman(['exec', handle, '/bin/sh', '-c', script]),
    },
    isCutOff: async (handle) => (await podman.podman(['exec', handle, '/bin/sh', '-c', 'ls /sys/class/net'])).trim() === 'lo',
    exists: (handle) =>
      podman.podman(['container', 'exists', handle]).then(
        () => true,
        () => false,
      ),
    stop: () => all.disposeAsync(),
  }
}
