import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { findEngine } from '../runtime/docker/discovery/find-engine.ts'
import { engineImage } from '../runtime/docker/image-name.ts'
import { createDockerRuntime } from '../runtime/docker/runtime.ts'
import { createRendezvous } from '../supervision/rendezvous.ts'
import { supervisorBinary } from './folders.ts'
import type { OpenRuntime, RuntimeEnvironment } from './runtime-environment.ts'
import type { DockerOptions, KubernetesRuntimeOptions, RuntimeOptions } from './options.ts'

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
  const opened = await createDockerRuntime({
    engine,
    rendezvous,
    installation: stores.installation,
    data,
    supervisor: supervisorBinary(engine.info.architecture),
    supervisorSettings: supervisor,
    readArtifactImage: (artifact, name, signal) => artifactImages.forEngine(artifact, name, signal),
    credentialsFor: (host) => credentials.find(host, ''),
    ...(options.transport && { transport: options.transport }),
    ...(options.userNamespaces && { userNamespaces: options.userNamespaces }),
    clock,
    log,
  })
  if (!opened.ok) {
    await engine.stop()
    return opened
  }
  const runtime = opened.value
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
