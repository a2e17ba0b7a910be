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
 * Removes what a build that has ended left behind: containers of an earlier life of it, guesses of a server that was killed. What was
 * kept for intercept stays until its supervisor has ended, but nothing of a build that succeeded; what checks share stays.
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

/** By handle: the build that it is, or was last, at work for; until it is at work for one, the build it was made for. */
export async function buildsOf(store: Pick<BuildStore, 'owners'>, there: readonly ContainerInfo[]): Promise<ReadonlyMap<string, number>> {
  const owners = await store.owners(there.map(({ handle }) => handle))
  return new Map(there.map(({ handle, metadata }) => [handle, owners.get(handle) ?? metadata.buildId]))
}
