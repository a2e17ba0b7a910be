import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import { buildsOf, removeLeftovers } from '../engine/leftovers.ts'
import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import { tryAll } from '../lib/try-all.ts'
import { isMemoryBuild } from '../model/build.ts'
import type { BuildStatus, FinalStatus } from '../model/event.ts'
import type { Runtime } from '../runtime/contract.ts'

const everyMs = 600_000
/** How long stopping waits for a sweep that is under way. */
const stopMs = 15_000

export interface SweepOptions {
  readonly runtime: Runtime
  readonly builds: Pick<BuildRegistry, 'get'> & Pick<BuildStore, 'containers' | 'owners'>
  /** Whether checks of this server share a container. */
  readonly shared: (handle: string) => boolean
  readonly gate?: Gate | undefined
  readonly clock: Clock
  readonly log: Log
  /** Progress for the user, of what takes time. */
  readonly progress: (line: string) => void
}

/**
 * Removes containers of builds that have ended, at the start and every ten minutes. They are left over if the server was killed between
 * a build's end and their removal, or if the removal failed.
 */
export function containerSweep(options: SweepOptions): Service {
  const { clock, log, gate } = options
  return periodic({ name: 'container sweep', clock, log, everyMs, stopMs, gate, run: () => sweep(options) })
}

async function sweep({ runtime, builds, shared, progress }: SweepOptions): Promise<void> {
  const there = (await runtime.list()).filter(({ state }) => state !== 'terminating')
  const ids = new Set((await buildsOf(builds, there)).values())
  const ended = async (id: number): Promise<void> => {
    const status = (await builds.get(id))?.status
    if (status === undefined || !isFinal(status)) return
    const onRemoving = (handles: readonly string[]) => progress(`removing ${handles.length === 1 ? 'the container' : `${handles.length} containers`} that build ${id} left behind: ${named(handles)}`)
    await removeLeftovers({ runtime, store: builds, shared, onRemoving }, id, status)
  }
  // Nobody goes on with a check that a server had in memory. While that server lives, the container's supervisor does too.
  const checks = there.filter(({ state, metadata }) => state === 'ended' && isMemoryBuild(metadata.buildId)).map(({ handle }) => handle)
  await tryAll([...[...ids].toSorted((a, b) => a - b).map((id) => () => ended(id)), () => tryAll(checks, (handle) => runtime.remove(handle))], (work) => work())
}

const named = (handles: readonly string[]): string => `${handles.slice(0, 5).join(', ')}${handles.length > 5 ? ', …' : ''}`

const isFinal = (status: BuildStatus): status is FinalStatus => status !== 'pending' && status !== 'started'
