import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../src/model/result.ts'
import { findEngine } from '../src/runtime/docker/discovery/find-engine.ts'
import type { CreateBody } from '../src/runtime/docker/engine/client.ts'
import { engineHttp } from '../src/runtime/docker/engine/http.ts'
import { readMultiplexed } from '../src/runtime/docker/engine/multiplexed.ts'
import { removeContainer } from '../src/runtime/docker/remove-container.ts'
import { busyboxImage } from '../test/services/images.ts'
import { pushImage, type Pushed } from '../test/services/push-image.ts'
import { startRegistry } from '../test/services/registry.ts'
import { openFifoLine } from './fifo-line.ts'
import { followedScript, readFollowed } from './followed-log.ts'
import { isOf, type Place } from './place.ts'
import { openTwinRegistry } from './place-registry.ts'

/** Where bare containers have the folder that they share with the host. */
const inside = '/bench'
const benchLabel = 'airside.bench'

/** The container engine that Airside would take, and a registry of its own. */
export async function openDockerPlace(progress: (line: string) => void): Promise<Place> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'airside-bench-line-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  // A container's root need not be the host's.
  await chmod(folder, 0o755)
  const found = await findEngine({ CONTAINERS_REGISTRIES_CONF: await plainHttpHere(folder), ...process.env })
  if (!found.ok) throw new Error(found.error.message)
  const engine = found.value
  opened.defer(() => engine.stop())
  const { client, info, named } = engine
  const { address } = client
  if (address.kind !== 'unix') throw new Error('benches compare with an engine on this machine: DOCKER_HOST must be a unix socket')
  // Servers of this process and of others take the very same.
  const before = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = `unix://${address.path}`
  opened.defer(() => {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
  })
  const http = engineHttp(address)
  opened.defer(() => http.close())
  const line = await openFifoLine(folder, inside)
  opened.defer(() => line.close())
  const registry = await startRegistry({ log: progress })
  opened.defer(() => registry.stop())

  const pushed = new Map<string, Pushed>()
  const push: Place['push'] = async (name, image) => {
    const done = await pushImage(registry, `bench/${name}`, '1', image)
    const repository = `${registry.host}/bench/${name}`
    pushed.set(repository, done)
    return repository
  }
  const forgetImage: Place['forgetImage'] = async (repository) => {
    const there = JSON.parse(valueOf(await http.text({ method: 'GET', path: '/images/json' }))) as Partial<Record<'RepoTags' | 'RepoDigests', string[] | null>>[]
    const names = there.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])])
    for (const name of names.filter((candidate) => isOf(candidate, repository))) {
      const removed = await client.removeImage(name)
      if (!removed.ok && removed.error.kind !== 'not-found') throw new Error(removed.error.message)
    }
  }
  const pull: Place['pull'] = async (repository) => {
    const from = performance.now()
    // By its digest, as a step asks for it.
    const messages = valueOf(await client.pull(known(pushed, repository).pinned, undefined, new AbortController().signal))
    for await (const message of messages) if (message.kind === 'error') throw new Error(message.message)
    return performance.now() - from
  }
  const repository = await push('busybox', await busyboxImage())
  await pull(repository)
  opened.defer(async () => {
    await forgetImage(registry.host)
  })

  opened.defer(async () => {
    const left = await client.list([`${benchLabel}=${process.pid}`])
    if (left.ok) for (const { name } of left.value) await removeContainer(client, name)
  })

  let containers = 0
  const create = async (of: string, script: string): Promise<string> => {
    containers += 1
    const name = `airside-bench-${process.pid}-${containers}`
    valueOf(await client.create(name, body(known(pushed, of).pinned, script, folder, info.selinux)))
    return name
  }
  const start = async (name: string): Promise<void> => valueOf(await client.start(name))
  const all = opened.move()
  return {
    kind: 'docker',
    description: `${info.engine === 'podman' ? 'Podman' : 'Docker'} ${info.version} (${named})`,
    runtime: { kind: 'docker' },
    registry: registry.host,
    repository,
    async floor() {
      const name = `floor-${containers}`
      const first = line.heard(name)
      const from = performance.now()
      const container = await create(repository, line.say(name))
      // The call returns later than its container's first byte comes.
      const started = start(container)
      const { at } = await Promise.race([first, started.then(() => first)])
      return { ms: at - from, gone: started.then(() => removeContainer(client, container)) }
    },
    async followLog(script) {
      const name = `log-${containers}`
      const waits = line.heard(name)
      const container = await create(repository, followedScript(line.sayAndWait(name), script))
      await start(container)
      const heard = await waits
      const path = `/containers/${container}/logs`
      const log = valueOf(await http.stream({ method: 'GET', path, query: { follow: '1', stdout: '1' } }))
      const followed = await readFollowed(log, heard, readMultiplexed)
      await removeContainer(client, container)
      return followed
    },
    async bare(of, script) {
      const container = await create(of, script)
      await start(container)
      valueOf(await client.wait(container, 'not-running'))
      await removeContainer(client, container)
    },
    toHost: { listen: { path: join(folder, 'http') }, url: () => `unix:${inside}/http` },
    push,
    forgetImage,
    pull,
    async openRegistry() {
      const own = await openTwinRegistry(progress)
      all.defer(async () => {
        await forgetImage(own.host)
        await own.stop()
      })
      return own
    },
    close: () => all.disposeAsync(),
  }
}

/** A Podman that is started for this takes plain HTTP from registries on this machine, as Docker does anyway. */
async function plainHttpHere(folder: string): Promise<string> {
  const file = join(folder, 'registries.conf')
  await writeFile(file, '[[registry]]\nprefix = "127.0.0.1"\nlocation = "127.0.0.1"\ninsecure = true\n')
  return file
}

function known(pushed: ReadonlyMap<string, Pushed>, repository: string): Pushed {
  const found = pushed.get(repository)
  if (found === undefined) throw new Error(`${repository} was not pushed here`)
  return found
}

/** What a step's container has too, and nothing else. */
function body(image: string, script: string, folder: string, selinux: boolean): CreateBody {
  return {
    Image: image,
    Entrypoint: ['sh', '-c', script],
    Cmd: [],
    Env: [],
    Labels: { [benchLabel]: String(process.pid) },
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Mounts: [{ Type: 'bind', Source: folder, Target: inside, ReadOnly: false }],
      CapDrop: ['NET_RAW'],
      Privileged: false,
      Init: false,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      SecurityOpt: selinux ? ['label=disable'] : [],
    },
  }
}

function valueOf<T>(answer: Result<T, { readonly message: string }>): T {
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.value
}
