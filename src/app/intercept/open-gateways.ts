import { Containers } from '../../db/containers.ts'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { silentLog } from '../../lib/log.ts'
import { fail, ok } from '../../model/result.ts'
import { openArtifactImages } from '../artifact-images.ts'
import { instanceNumbers, tryOpen } from '../../db/pglite/instance.ts'
import { openRuntime } from '../open-runtime.ts'
import type { OpenRuntime } from '../runtime-environment.ts'
import type { RuntimeOptions } from '../options.ts'
import { openStores } from '../stores.ts'
import { runtimeOptionsOf } from './app-gateway.ts'
import type { InterceptGateway } from '../../intercept/gateway.ts'
import { localGateway, type RuntimeAccess } from '../../intercept/local-gateway.ts'
import { remoteGateways } from '../../intercept/remote-gateway.ts'
import { serveGateway } from '../../intercept/serve-gateway.ts'

const mostUnfinished = 10_000
const latestBuilds = 20

/** The gateway to containers of a database that no other process has open. */
export interface AdoptedGateway extends InterceptGateway {
  /** Removes every container of its builds, those of unfinished builds included, which are lost with that. Gives the handles, and what could not be removed. */
  removeAll(): Promise<{ readonly removed: readonly string[]; readonly problems: readonly string[] }>
}

/** Gateways to all containers of a data folder: of the processes that have its databases open, and of this one for the other databases. */
export async function openGateways(data: string, encryptionKey: string | undefined, say: (line: string) => void): Promise<(InterceptGateway | AdoptedGateway)[]> {
  const remote = await remoteGateways(data)
  const taken = new Set(remote.map(({ instance }) => instance))
  const own: AdoptedGateway[] = []
  for (const number of await instanceNumbers(data)) {
    const gateway = taken.has(number) ? undefined : await adopt(data, number, encryptionKey, say)
    if (gateway !== undefined) own.push(gateway)
  }
  return [...remote, ...own]
}

/** Opens a database that no process has open; undefined when one has. */
async function adopt(data: string, number: number, encryptionKey: string | undefined, say: (line: string) => void): Promise<AdoptedGateway | undefined> {
  const db = await tryOpen(data, number, undefined)
  if (db === undefined) return undefined
  const stores = await openStores(db, data, { encryptionKey }, systemClock)
  const registryClient = new RegistryClient({ clock: systemClock })
  const opened = new Map<string, { readonly runtime: RuntimeAccess; readonly open?: OpenRuntime }>()

  async function runtimeOf(buildId: number): Promise<RuntimeAccess> {
    const options = await runtimeOptionsOf(stores, buildId)
    if (options === undefined) return fail('where it ran is not known')
    const key = JSON.stringify(options)
    const known = opened.get(key)
    if (known !== undefined) return known.runtime
    const result = await openRuntime(forKept(options), {
      stores, data, registryClient, artifactImages: openArtifactImages(stores.artifacts), supervisor: {}, clock: systemClock, log: silentLog, progress: () => undefined,
    })
    const runtime: RuntimeAccess = result.ok ? ok(result.value.runtime) : result
    opened.set(key, { runtime, ...(result.ok && { open: result.value }) })
    return runtime
  }

  const containers = new Containers(db)

  /** `sure`: runtimes that hold containers of its builds. The others ran the latest builds, whose containers may have been left when their process was killed. */
  async function allRuntimes(): Promise<{ readonly runtimes: Set<RuntimeAccess>; readonly sure: Set<RuntimeAccess> }> {
    const unfinished = await stores.builds.list({ unfinished: true, limit: mostUnfinished })
    const rows = await containers.list(['preparing', 'ready', 'assigned', 'kept'])
    const sure = new Set<RuntimeAccess>()
    for (const id of new Set([...unfinished.map((build) => build.id), ...rows.map(({ buildId }) => buildId)])) sure.add(await runtimeOf(id))
    const runtimes = new Set(sure)
    for (const { id } of await stores.builds.list({ limit: latestBuilds })) runtimes.add(await runtimeOf(id))
    return { runtimes, sure }
  }

  async function removeAll(): ReturnType<AdoptedGateway['removeAll']> {
    const problems = new Set<string>()
    const removed: string[] = []
    const { runtimes, sure } = await allRuntimes()
    for (const runtime of runtimes) {
      try {
        if (!runtime.ok && !sure.has(runtime)) continue
        if (!runtime.ok) throw new Error(runtime.error)
        const there = (await runtime.value.list()).filter(({ state }) => state !== 'terminating')
        const ends = await Promise.allSettled(there.map(({ handle }) => runtime.value.remove(handle)))
        for (const [index, end] of ends.entries()) {
          const { handle = '' } = there[index] ?? {}
          if (end.status === 'fulfilled') removed.push(handle)
          else problems.add(`${handle} could not be removed: ${messageOf(end.reason)}`)
        }
      } catch (error) {
        problems.add(`containers of unfinished builds cannot be looked at: ${messageOf(error)}`)
      }
    }
    return { removed, problems: [...problems] }
  }

  const gateway = localGateway({ containers, instance: number, running: false, clock: systemClock, runtimeOf })
  // As long as this process has the database open, other processes reach the containers through it.
  const served = await serveGateway(data, gateway)
  return {
    ...gateway,
    removeAll,
    async close() {
      if (served.busy > 0) say('another airside intercept is in a container through this process; waiting until it has ended')
      await served.idle()
      await served.close()
      for (const { open } of opened.values()) await open?.close()
      await registryClient.close()
      await stores.close()
    },
  }
}

/** Options for reaching kept containers only: no image is published, and pods are dialled, since another process may listen by now on the port that they dial. */
function forKept(options: RuntimeOptions): RuntimeOptions {
  if (options.kind === 'docker') return options
  const { home: _home, imageRegistry: _registry, ...rest } = options
  return { ...rest, transport: 'tunnel' }
}
