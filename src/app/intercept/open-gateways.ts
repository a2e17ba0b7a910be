import { Containers } from '../../db/containers.ts'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { silentLog } from '../../lib/log.ts'
import { fail, ok } from '../../model/result.ts'
import { openArtifactImages } from '../artifact-images.ts'
import { instanceNumbers, tryOpen } from '../../db/pglite/instance.ts'
import { openRuntime, type OpenRuntime } from '../open-runtime.ts'
import type { RuntimeOptions } from '../options.ts'
import { openStores } from '../stores.ts'
import { runtimeOf } from './app-gateway.ts'
import type { Entrance } from '../../intercept/gateway.ts'
import { ownEntrance, type Place } from '../../intercept/local-gateway.ts'
import { remoteEntrances } from '../../intercept/remote-gateway.ts'
import { serveEntrance } from '../../intercept/serve-gateway.ts'

const mostUnfinished = 10_000
const latestBuilds = 20

/** To containers of a database that no process but this one has. */
export interface AdoptedEntrance extends Entrance {
  /** Removes every container of its builds, also of those that were left unfinished: they are lost with that. Gives handles, and what could not be done. */
  removeAll(): Promise<{ readonly removed: readonly string[]; readonly problems: readonly string[] }>
}

/** The way to all containers that belong to a data folder: through the processes that have them, or through this one where nobody has. */
export async function openEntrances(data: string, encryptionKey: string | undefined, say: (line: string) => void): Promise<(Entrance | AdoptedEntrance)[]> {
  const remote = await remoteEntrances(data)
  const taken = new Set(remote.map(({ instance }) => instance))
  const own: AdoptedEntrance[] = []
  for (const number of await instanceNumbers(data)) {
    const entrance = taken.has(number) ? undefined : await adopt(data, number, encryptionKey, say)
    if (entrance !== undefined) own.push(entrance)
  }
  return [...remote, ...own]
}

/** Kept containers of a database that no process has; undefined when one has, or there are none. */
async function adopt(data: string, number: number, encryptionKey: string | undefined, say: (line: string) => void): Promise<AdoptedEntrance | undefined> {
  const db = await tryOpen(data, number, undefined)
  if (db === undefined) return undefined
  const stores = await openStores(db, data, encryptionKey, systemClock)
  const registryClient = new RegistryClient({ clock: systemClock })
  const runtimes = new Map<string, { readonly place: Place; readonly open?: OpenRuntime }>()

  async function placeOf(buildId: number): Promise<Place> {
    const options = await runtimeOf(stores, buildId)
    if (options === undefined) return fail('where it ran is not known')
    const key = JSON.stringify(options)
    const known = runtimes.get(key)
    if (known !== undefined) return known.place
    const opened = await openRuntime(forKept(options), {
      stores, data, registryClient, artifactImages: openArtifactImages(stores.artifacts), supervisor: {}, clock: systemClock, log: silentLog, progress: () => undefined,
    })
    const place: Place = opened.ok ? ok(opened.value.runtime) : opened
    runtimes.set(key, { place, ...(opened.ok && { open: opened.value }) })
    return place
  }

  const containers = new Containers(db)

  /** Where containers of its builds are, and where the latest builds ran, which may have left some when they were killed at their end. */
  async function allPlaces(): Promise<{ readonly places: Set<Place>; readonly sure: Set<Place> }> {
    const unfinished = await stores.builds.list({ unfinished: true, limit: mostUnfinished })
    const rows = await containers.list(['preparing', 'ready', 'assigned', 'kept'])
    const sure = new Set<Place>()
    for (const id of new Set([...unfinished.map((build) => build.id), ...rows.map(({ buildId }) => buildId)])) sure.add(await placeOf(id))
    const places = new Set(sure)
    for (const { id } of await stores.builds.list({ limit: latestBuilds })) places.add(await placeOf(id))
    return { places, sure }
  }

  async function removeAll(): ReturnType<AdoptedEntrance['removeAll']> {
    const problems = new Set<string>()
    const removed: string[] = []
    const { places, sure } = await allPlaces()
    for (const place of places) {
      try {
        if (!place.ok && !sure.has(place)) continue
        if (!place.ok) throw new Error(place.error)
        const there = (await place.value.list()).filter(({ state }) => state !== 'terminating')
        const ends = await Promise.allSettled(there.map(({ handle }) => place.value.remove(handle)))
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

  const entrance = ownEntrance({ containers, instance: number, running: false, clock: systemClock, placeOf })
  // Others may come through this process as long as it has the database.
  const served = await serveEntrance(data, entrance)
  return {
    ...entrance,
    removeAll,
    async close() {
      if (served.busy > 0) say('somebody else is in a container through this process; it ends when they have left')
      await served.idle()
      await served.close()
      for (const { open } of runtimes.values()) await open?.close()
      await registryClient.close()
      await stores.close()
    },
  }
}

/** Nothing is started in them; pods are dialled, since the port that they dial may be another process's by now. */
function forKept(options: RuntimeOptions): RuntimeOptions {
  if (options.kind === 'docker') return options
  const { home: _home, imageRegistry: _registry, ...rest } = options
  return { ...rest, transport: 'tunnel' }
}
