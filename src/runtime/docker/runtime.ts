import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLog, type Log } from '../../lib/log.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { SupervisorSettings } from '../../model/supervisor-settings.ts'
import type { AttachError, Container, ContainerCreation, ContainerSpec, PrepareError, PrepareOptions, Rendezvous, Runtime } from '../contract.ts'
import { createImageLoader, type ReadArtifactImage } from './image-loader.ts'
import { specHash } from './container-body.ts'
import { dockerContainer, type DockerContainer } from './container.ts'
import type { DockerContext } from './context.ts'
import type { Engine } from './discovery/find-engine.ts'
import { createSocketDirectories } from './socket-directories.ts'
import { createImages } from './images.ts'
import { infoOf, labelNames, type Transport } from './labels.ts'
import { attachContainer, findRunning, prepareContainer, type Prepared } from './preparation.ts'
import { createOwnUsers, type UserNamespaces } from './own-users.ts'
import { tryOwnUsers } from './own-users-trial.ts'
import { createPuller } from './puller.ts'
import { removeContainer } from './remove-container.ts'
import { openSupervisor } from './supervisor-file.ts'
import { createTransportChoice } from './transport-choice.ts'
import { createWatch } from './watch.ts'

export interface DockerRuntimeOptions {
  /** From `findEngine`. The caller stops it, after the runtime. */
  readonly engine: Engine
  readonly rendezvous: Rendezvous
  /** Tells this installation's containers from others' on the same engine. */
  readonly installation: string
  /** Folder for the mounted binary and sockets; the same one after a restart. */
  readonly data: string
  /** The supervisor's binary for the engine's architecture. */
  readonly supervisor: string
  /** Credentials that the machine's user has for a registry, for sources that name none. */
  readonly credentialsFor?: (host: string) => Promise<RegistryCredentials | undefined>
  /** For images that steps have made; without it such images are refused. */
  readonly readArtifactImage?: ReadArtifactImage
  /** How frames reach containers; found out when absent. */
  readonly transport?: Transport
  /** Default `auto`. */
  readonly userNamespaces?: UserNamespaces
  readonly supervisorSettings?: SupervisorSettings
  readonly clock?: Clock
  readonly log?: Log
}

interface Known {
  readonly hash: string
  readonly container: DockerContainer
}

/** Steps as containers of a Docker Engine API: Docker's or Podman's. Fails where the engine has not what is demanded of it. */
export async function createDockerRuntime(options: DockerRuntimeOptions): Promise<Result<Runtime, string>> {
  const { engine, rendezvous, installation, data, clock = systemClock, log = silentLog } = options
  const { client, info } = engine
  const folder = join(data, 'docker')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const supervisor = await openSupervisor(options.supervisor, folder)
  const ownUsers = createOwnUsers({
    wanted: options.userNamespaces ?? 'auto',
    client,
    info,
    data: folder,
    trial: () => tryOwnUsers({ client, installation, archive: supervisor.archive }),
    log,
  })
  const problem = await ownUsers.start()
  if (problem !== undefined) return fail(problem)
  const creations: ContainerCreation[] = []
  const context: DockerContext = {
    client,
    info,
    rendezvous,
    installation,
    supervisorSettings: options.supervisorSettings ?? {},
    socketDirectories: createSocketDirectories(folder),
    images: createImages({
      puller: createPuller(client, clock),
      ...(options.credentialsFor === undefined ? {} : { credentialsFor: options.credentialsFor }),
      ...(options.readArtifactImage === undefined ? {} : { imageLoader: createImageLoader(client, options.readArtifactImage) }),
    }),
    transports: createTransportChoice(client, info.host, folder, options.transport),
    ownUsers,
    watch: createWatch(client, installation, clock),
    clock,
    log,
    binary: supervisor.folder,
    binaryArchive: supervisor.archive,
    creations,
  }
  const known = new Map<string, Known>()
  /** The last call for each handle: calls for one container run one after the other. */
  const turns = new Map<string, Promise<unknown>>()

  async function inTurn<T>(handle: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(handle) ?? Promise.resolve()).then(work, work)
    turns.set(handle, turn)
    try {
      return await turn
    } finally {
      if (turns.get(handle) === turn) turns.delete(handle)
    }
  }

  async function prepare(spec: ContainerSpec, prepareOptions: PrepareOptions): Promise<Result<Container, PrepareError>> {
    if (prepareOptions.signal.aborted && prepareOptions.adopting !== true) return fail({ kind: 'aborted' })
    const { handle } = spec
    const hash = specHash(spec)
    const before = known.get(handle)
    if (before !== undefined) {
      if (before.hash === hash && before.container.usable) return ok(before.container)
      await before.container.release({ keep: false })
    }
    const prepared = await prepareContainer(context, spec, prepareOptions)
    return prepared.ok ? ok(know(handle, hash, prepared.value)) : prepared
  }

  function know(handle: string, hash: string, prepared: Prepared): DockerContainer {
    const container = dockerContainer(context, handle, prepared, () => {
      if (known.get(handle)?.container === container) known.delete(handle)
    })
    known.set(handle, { hash, container })
    return container
  }

  async function attach(handle: string, signal: AbortSignal): Promise<Result<Container, AttachError>> {
    const running = await findRunning(context, handle)
    if (!running.ok) return running
    const before = known.get(handle)?.container
    if (before !== undefined) return before.usable ? ok(before) : fail({ kind: 'ended', message: 'the container is going away: its step is over' })
    const attached = await attachContainer(context, handle, running.value, signal)
    return attached.ok ? ok(know(handle, '', attached.value)) : attached
  }

  return ok({
    name: 'docker',
    capabilities: { nativeImageFetch: true },
    prepare: (spec, prepareOptions) => inTurn(spec.handle, () => prepare(spec, prepareOptions)),
    attach: (handle, signal) => inTurn(handle, () => attach(handle, signal)),
    remove: (handle) =>
      inTurn(handle, async () => {
        const container = known.get(handle)?.container
        if (container !== undefined) return container.release({ keep: false })
        await removeContainer(client, handle)
        await context.socketDirectories.remove(handle)
      }),
    async list() {
      const containers = await client.list([`${labelNames.installation}=${installation}`])
      if (!containers.ok) throw new Error(`containers cannot be listed: ${containers.error.message}`)
      return containers.value.map(infoOf).filter((container) => container !== undefined)
    },
    creations,
    start: () => context.watch.start(),
    stop: () => context.watch.stop(),
  })
}
