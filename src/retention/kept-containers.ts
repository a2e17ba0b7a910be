import type { BuildStore } from '../engine/ports.ts'
import { buildsOf } from '../engine/leftovers.ts'
import type { ContainerInfo, Runtime } from '../runtime/contract.ts'

/** Handles of containers that are kept for intercept and still there, oldest builds first. */
export async function keptContainers(builds: Pick<BuildStore, 'containers' | 'owners'>, there: readonly ContainerInfo[]): Promise<readonly string[]> {
  const handles = new Set(there.filter(({ state }) => state !== 'terminating').map(({ handle }) => handle))
  const ids = [...new Set((await buildsOf(builds, there)).values())].toSorted((a, b) => a - b)
  const kept: string[] = []
  for (const id of ids) for (const { handle, state } of await builds.containers(id)) if (state === 'kept' && handles.has(handle)) kept.push(handle)
  return kept
}

/** Removes the oldest kept container and returns its handle. */
export async function giveUpOldestKept(runtime: Runtime, builds: Pick<BuildStore, 'containers' | 'owners'>): Promise<string | undefined> {
  const [oldest] = await keptContainers(builds, await runtime.list())
  if (oldest !== undefined) await runtime.remove(oldest)
  return oldest
}
