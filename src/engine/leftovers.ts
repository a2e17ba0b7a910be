import { tryAll } from '../lib/try-all.ts'
import type { FinalStatus } from '../model/event.ts'
import type { ContainerInfo, Runtime } from '../runtime/contract.ts'
import type { BuildStore } from './ports.ts'

export interface Leftovers {
  readonly runtime: Runtime
  readonly store: Pick<BuildStore, 'containers' | 'owners'>
  /** Whether checks share this container. */
  readonly shared: (handle: string) => boolean
  /** Told before anything is removed. */
  readonly onRemoving?: (handles: readonly string[]) => void
}

/**
 * Removes containers that a build left behind when it ended: those of a run on another server, and prepared ones of a server that was
 * killed. Kept containers of a build that did not succeed stay until their supervisors have ended; containers that checks share stay.
 */
export async function removeLeftovers({ runtime, store, shared, onRemoving = () => undefined }: Leftovers, buildId: number, status: FinalStatus): Promise<void> {
  const rows = status === 'succeeded' ? [] : await store.containers(buildId)
  const kept = new Set(rows.filter((container) => container.state === 'kept').map((container) => container.handle))
  const there = await runtime.list()
  const builds = await buildsOf(store, there)
  const left = there.filter(({ handle, state }) => {
    if (builds.get(handle) !== buildId || state === 'terminating' || shared(handle)) return false
    return state === 'ended' || !kept.has(handle)
  })
  if (left.length > 0) onRemoving(left.map(({ handle }) => handle))
  await tryAll(left, ({ handle }) => runtime.remove(handle))
}

/** By handle: the build that last assigned it work, or the build it was made for if none has. */
export async function buildsOf(store: Pick<BuildStore, 'owners'>, there: readonly ContainerInfo[]): Promise<ReadonlyMap<string, number>> {
  const owners = await store.owners(there.map(({ handle }) => handle))
  return new Map(there.map(({ handle, metadata }) => [handle, owners.get(handle) ?? metadata.buildId]))
}
