import type { FinalStatus } from '../model/event.ts'
import type { Runtime } from '../runtime/contract.ts'
import type { BuildStore } from './ports.ts'

/**
 * Removes what a build that has ended left behind: containers of an earlier life of it, guesses of a server that was killed. What was
 * kept for intercept stays until its supervisor has ended, but nothing of a build that succeeded.
 */
export async function removeLeftovers(runtime: Runtime, store: Pick<BuildStore, 'containers'>, buildId: number, status: FinalStatus): Promise<void> {
  const rows = status === 'succeeded' ? [] : await store.containers(buildId)
  const kept = new Set(rows.filter((container) => container.state === 'kept').map((container) => container.handle))
  for (const container of await runtime.list()) {
    if (container.metadata.buildId !== buildId || container.state === 'terminating') continue
    if (kept.has(container.handle) && container.state !== 'ended') continue
    await runtime.remove(container.handle)
  }
}
