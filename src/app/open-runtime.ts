import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import type { CredentialSource } from '../images/resolve/credential-source.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { SupervisorSettings } from '../model/supervisor-settings.ts'
import type { ArtifactImages } from '../images/artifact/artifact-images.ts'
import type { ownDestination } from '../images/artifact/own-destination.ts'
import type { OperatorTrust } from '../images/reference/registry-trust.ts'
import type { RegistryClient } from '../images/registry/registry-client.ts'
import type { Runtime } from '../runtime/contract.ts'
import { findEngine } from '../runtime/docker/discovery/find-engine.ts'
import { engineImage } from '../runtime/docker/image-name.ts'
import { createDockerRuntime } from '../runtime/docker/runtime.ts'
import { createRendezvous, type SupervisionServer } from '../supervision/rendezvous.ts'
import { supervisorBinary } from './folders.ts'
import type { ImageProof } from '../images/artifact/image-proof.ts'
import type { DockerOptions, KubernetesRuntimeOptions, RuntimeOptions } from './options.ts'
import type { Stores } from './stores.ts'

export interface OpenRuntime {
  readonly runtime: Runtime
  readonly rendezvous: SupervisionServer
  /** For people: `Podman 4.3.1 (podman system service)`, `context kind, namespace ci`. */
  readonly description: string
  /** What nodes have credentials for anyway, as far as this server may read it. */
  readonly nodeCredentials?: CredentialSource
  /** Registries that the engine's operator has it speak to without verified TLS. */
  readonly insecureRegistries?: readonly string[]
  /** What it was opened with, found out where it was left open: opened with these, another process finds the same containers. */
  readonly options: RuntimeOptions
  /** Removes pulled images from the machine, where this runtime keeps them there; one that is not there is fine. */
  removeImages(references: readonly string[]): Promise<void>
  /** Whether nodes can pull from where images that are artifacts are put, where that has to be tried. */
  readonly imageProof?: ImageProof
  /** Answers `/v2/…`, where this server serves images that are artifacts. */
  readonly registry?: Omit<ReturnType<typeof ownDestination>, 'destination'>
  close(): Promise<void>
}

export interface RuntimeEnvironment {
  readonly stores: Stores
  readonly data: string
  readonly artifactImages: ArtifactImages
  readonly registryClient: RegistryClient
  /** Absent: nothing is said of any registry. */
  readonly trust?: OperatorTrust
  readonly supervisor: SupervisorSettings
  /** Bytes that an output or cache may have; default: defaultOutputLimit. */
  readonly outputLimit?: number
  readonly clock: Clock
  readonly log: Log
  readonly progress: (line: string) => void
}

export async function openRuntime(options: RuntimeOptions, environment: RuntimeEnvironment): Promise<Result<OpenRuntime, string>> {
  switch (options.kind) {
    case 'docker':
      return openDocker(options, environment)
    case 'kubernetes': {
      // Its client library takes longer to load than everything else together.
      const { openKubernetes } = await import('./open-kubernetes.ts')
      return openKubernetes(options satisfies KubernetesRuntimeOptions, environment)
    }
  }
}

async function openDocker(options: DockerOptions, { stores, data, artifactImages, supervisor, outputLimit, clock, log }: RuntimeEnvironment): Promise<Result<OpenRuntime, string>> {
  const found = await findEngine(process.env)
  if (!found.ok) return fail(found.error.message)
  const engine = found.value
  const rendezvous = createRendezvous({ key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log, ...(outputLimit !== undefined && { outputLimit }) })
  const credentials = dockerConfigCredentials({ clock })
  const runtime = await createDockerRuntime({
    engine,
    rendezvous,
    installation: stores.installation,
    data,
    supervisor: supervisorBinary(engine.info.architecture),
    supervisorSettings: supervisor,
    readArtifactImage: (artifact, name, signal) => artifactImages.forEngine(artifact, name, signal),
    credentialsFor: (host) => credentials.find(host, ''),
    ...(options.transport && { transport: options.transport }),
    clock,
    log,
  })
  await rendezvous.start()
  await runtime.start()
  return ok({
    runtime,
    rendezvous,
    options,
    ...(engine.info.insecureRegistries && { insecureRegistries: engine.info.insecureRegistries }),
    description: `${engine.info.engine === 'podman' ? 'Podman' : 'Docker'} ${engine.info.version} (${engine.named})`,
    async removeImages(references) {
      for (const reference of references) {
        const image = engineImage(reference)
        if (image.ok) await engine.client.removeImage(image.value.name)
      }
    },
    async close() {
      await runtime.stop()
      await rendezvous.stop()
      await engine.stop()
    },
  })
}
