import { createHash } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fail, ok, type Result } from '../model/result.ts'
import { remoteDestination, type Destination } from '../images/artifact/destination.ts'
import { imagesFolder } from '../images/artifact/folders.ts'
import { ownDestination } from '../images/artifact/own-destination.ts'
import { provePull } from '../images/artifact/prove-pull.ts'
import type { Publish } from '../images/artifact/publisher.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { noTrust } from '../images/reference/registry-trust.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import { createKubernetesRuntime, loadAccess, type KubernetesRuntime } from '../runtime/kubernetes/index.ts'
import { messageOf } from '../lib/errors.ts'
import { createRendezvous } from '../supervision/rendezvous.ts'
import { accountCredentials } from '../images/docker-config/account-credentials.ts'
import { openPublisher } from './artifact-images.ts'
import { imageProof, type ImageProof } from '../images/artifact/image-proof.ts'
import type { OpenRuntime, RuntimeEnvironment } from './runtime-environment.ts'
import type { ImageRegistry, KubernetesRuntimeOptions } from './options.ts'

/** Steps as pods. Says context and namespace before it makes anything, and everything that is lacking at once. */
export async function openKubernetes(
  options: KubernetesRuntimeOptions,
  environment: RuntimeEnvironment,
): Promise<Result<OpenRuntime, string>> {
  const { stores, supervisor, outputLimit, clock, log, progress } = environment
  if (options.supervisorImage === undefined) {
    return fail(
      'the cluster needs the image of the supervisor, from a registry that its nodes can pull from:\n' +
        '  airside supervisor push REGISTRY/airside-supervisor\n' +
        '  airside … --supervisor-image REGISTRY/airside-supervisor@sha256:…   (the push prints it)',
    )
  }
  let access
  try {
    access = loadAccess({
      ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
      ...(options.context !== undefined && { context: options.context }),
    })
  } catch (error) {
    return fail(`no Kubernetes cluster: ${messageOf(error)}`)
  }
  const namespace = options.namespace ?? access.namespace ?? 'default'
  const description = `context ${access.context}, namespace ${namespace}`
  progress(`kubernetes: ${description} (${access.server}); steps run as pods there`)
  const home = options.home && { host: '0.0.0.0', port: options.home.port, advertise: options.home.host }
  const rendezvous = createRendezvous({
    key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log, ...(home && { home }), ...(outputLimit !== undefined && { outputLimit }),
  })
  const images = options.imageRegistry && (await openImageRegistry(options.imageRegistry, environment))
  const runtime = createKubernetesRuntime({
    access, namespace, rendezvous, clock, log,
    installation: stores.installation,
    supervisorImage: options.supervisorImage,
    supervisorSettings: supervisor,
    transport: options.transport,
    delivery: options.delivery,
    isolation: options.isolation,
    ...(options.tagLabel !== undefined && { tagLabel: options.tagLabel }),
    ...(options.warmSandboxes !== undefined && { warmSandboxes: options.warmSandboxes }),
    ...(options.serviceAccount !== undefined && { serviceAccount: options.serviceAccount }),
    ...(images && { publishImage: images.publish }),
  })
  const { problems } = await runtime.preflight()
  if (problems.length > 0) {
    await images?.close()
    await access.close()
    return fail(`${description}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
  await rendezvous.start()
  await runtime.start()
  const proof = images && proofOfImages(images, runtime, { ...environment, cluster: `${access.server} ${namespace}` })
  return ok({
    runtime,
    ...(proof && { imageProof: proof }),
    rendezvous,
    description,
    nodeCredentials: accountCredentials(() => runtime.accountConfigs()),
    options: { ...options, context: access.context, namespace, ...(options.kubeconfig !== undefined && { kubeconfig: resolve(options.kubeconfig) }) },
    removeImages: () => Promise.resolve(), // nodes collect their own
    ...(images?.registry && { registry: images.registry }),
    async close() {
      await proof?.close()
      await images?.close()
      await runtime.stop()
      await rendezvous.stop()
      await access.close()
    },
  })
}

const pushPatienceMs = 600_000

interface OpenImageRegistry {
  readonly destination: Destination
  readonly publish: Publish
  readonly registry?: NonNullable<OpenRuntime['registry']>
  close(): Promise<void>
}

/** Where images that are artifacts stand for the nodes. */
async function openImageRegistry(options: ImageRegistry, { stores, data, artifactImages: images, registryClient, trust = noTrust, clock, log }: RuntimeEnvironment): Promise<OpenImageRegistry> {
  const common = { images, data, store: stores.artifacts, clock, log }
  switch (options.kind) {
    case 'remote': {
      const credentials = dockerConfigCredentials({ clock, onProblem: (line) => log.warn({}, line) })
      const patient = new RegistryClient({ clock, timeouts: { headersMs: pushPatienceMs } })
      const destination = remoteDestination(registryClient, { ...options, trust: trust(options.registry) }, credentials, patient)
      const opened = await openPublisher({ ...common, destination })
      const close = async (): Promise<void> => {
        await opened.close()
        await patient.close()
      }
      return { destination, publish: opened.publish, close }
    }
    case 'own': {
      const { destination, ...registry } = ownDestination({ dir: imagesFolder(data).registry, host: options.host, secret: stores.secret, clock })
      return { ...(await openPublisher({ ...common, destination })), destination, registry }
    }
  }
}

const provedForMs = 24 * 3_600_000

/** Tried by a pod of the cluster that pulls from there; what was proved is remembered for a day, for the next `airside run`. */
function proofOfImages(
  { destination, registry }: OpenImageRegistry,
  runtime: KubernetesRuntime,
  { data, clock, cluster }: Pick<RuntimeEnvironment, 'data' | 'clock'> & { readonly cluster: string },
): ImageProof {
  const { proved } = imagesFolder(data)
  const file = join(proved, createHash('sha256').update(`${destination.name} ${cluster}`).digest('hex'))
  return imageProof({
    prove: (signal, tell) => provePull(destination, (...wanted) => runtime.probePull(...wanted), signal, tell),
    memory: {
      has: () => stat(file).then(({ mtimeMs }) => mtimeMs > clock.now() - provedForMs, () => false),
      async put() {
        await mkdir(proved, { recursive: true, mode: 0o700 })
        await writeFile(file, '')
      },
    },
    words: (cause) =>
      registry === undefined
        ? `nodes cannot run images that are put into ${destination.name}: ${cause}\n` +
          '--image-registry HOST/PREFIX must name a registry that this server may push to and that every node reaches and trusts'
        : `nodes cannot run images that this server serves as ${destination.name}: ${cause}\n` +
          'the URL of --external-url must be one that every node reaches and trusts; or --image-registry HOST/PREFIX names a registry that is',
    waiting: `trying whether nodes can pull from ${destination.name}`,
    clock,
  })
}
