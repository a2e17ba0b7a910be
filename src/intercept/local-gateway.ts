import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { ContainerRow } from '../model/build.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ContainerInfo, Runtime } from '../runtime/contract.ts'
import type { Entrance, Target } from './gateway.ts'

type BuildContainer = ContainerRow & { readonly buildId: number }

/** Records of containers in the database. db/ implements it. */
export interface ContainerRecords {
  find(handle: string): Promise<BuildContainer | undefined>
  /** Those in one of the states. */
  list(states: readonly ('assigned' | 'kept')[]): Promise<readonly BuildContainer[]>
  /** The runtime has confirmed that they are gone. */
  markRemoved(handles: readonly string[], now: number): Promise<void>
}

/** A runtime that may hold containers of builds, or a sentence that says why it cannot be asked. */
export type Place = Result<Pick<Runtime, 'list' | 'attach' | 'remove'>, string>

export interface OwnEntranceOptions {
  readonly containers: ContainerRecords
  readonly instance: number
  /** Where a build's containers are. */
  readonly placeOf: (buildId: number) => Promise<Place>
  /** Containers of running steps are this process's too. */
  readonly running: boolean
  readonly clock: Clock
}

/** To containers of a database that this process has. */
export function ownEntrance({ containers, instance, placeOf, running, clock }: OwnEntranceOptions): Entrance {
  async function placeOfHandle(handle: string, states: readonly ('assigned' | 'kept')[]): Promise<Place> {
    const row = await containers.find(handle)
    if (row === undefined || row.guess || !states.some((state) => state === row.state)) return fail(`${handle} is no container of a step that runs or was kept`)
    return placeOf(row.buildId)
  }

  return {
    instance,
    async find() {
      const rows = (await containers.list(running ? ['assigned', 'kept'] : ['kept'])).filter(({ guess }) => !guess)
      const places = new Map<Place, Result<Map<string, ContainerInfo>, string>>()
      const unseen = new Map<string, Set<number>>()
      const targets: Target[] = []
      const gone: string[] = []
      for (const { handle, buildId, state } of rows) {
        const place = await placeOf(buildId)
        const listed = places.get(place) ?? (await list(place))
        places.set(place, listed)
        if (!listed.ok) {
          unseen.set(listed.error, (unseen.get(listed.error) ?? new Set()).add(buildId))
          continue
        }
        const info = listed.value.get(handle)
        if (info !== undefined && info.state !== 'terminating') targets.push(target(info, buildId, instance, state === 'kept'))
        else if (state === 'kept') gone.push(handle)
      }
      if (gone.length > 0) await containers.markRemoved(gone, clock.now())
      const problems = [...unseen].map(([reason, builds]) => `containers of ${builds.size === 1 ? 'build' : 'builds'} ${[...builds].join(', ')} cannot be looked at: ${reason}`)
      return { targets, problems }
    },
    async enter(handle, process, options) {
      const place = await placeOfHandle(handle, running ? ['assigned', 'kept'] : ['kept'])
      if (!place.ok) return place
      const attached = await place.value.attach(handle, options.signal)
      return attached.ok ? ok(attached.value.intercept(process, options)) : fail(`container ${handle}: ${attached.error.message}`)
    },
    async remove(handle) {
      const place = await placeOfHandle(handle, ['kept'])
      if (!place.ok) return place
      try {
        await place.value.remove(handle)
      } catch (error) {
        return fail(messageOf(error))
      }
      await containers.markRemoved([handle], clock.now())
      return ok(undefined)
    },
    close: () => Promise.resolve(),
  }
}

async function list(place: Place): Promise<Result<Map<string, ContainerInfo>, string>> {
  if (!place.ok) return place
  try {
    return ok(new Map((await place.value.list()).map((info) => [info.handle, info])))
  } catch (error) {
    return fail(messageOf(error))
  }
}

/** `buildId`: that it is at work for; a check's container may have been made for another. */
function target({ handle, metadata, type, state }: ContainerInfo, buildId: number, instance: number, kept: boolean): Target {
  const { pipeline, job, stepName, attempt } = metadata
  return {
    handle, instance, buildId, step: stepName, type,
    ...(pipeline !== undefined && { pipeline }),
    ...(job !== undefined && { job }),
    ...(attempt !== undefined && { attempt }),
    state: state === 'ended' ? 'ended' : kept ? 'kept' : 'running',
  }
}
