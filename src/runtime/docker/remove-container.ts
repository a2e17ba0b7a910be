import type { EngineClient } from './engine/client.ts'

/** Podman fails to kill a container that is ending by itself at that moment; then it is asked again once it has ended. */
const attempts = 5
/** How long a removal by another client is waited for, ms: an interrupted one never ends. */
const othersRemoval = 10_000

/** Removes a container and waits until it is gone; absent is fine. */
export async function removeContainer(client: EngineClient, handle: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const removed = await client.remove(handle)
    if (removed.ok || removed.error.kind === 'not-found') return
    if (attempt === attempts || removed.error.kind === 'unavailable') throw new Error(`container ${handle} cannot be removed: ${removed.error.message}`)
    // A conflict: another client is removing it already.
    const settled = await client.wait(handle, removed.error.kind === 'conflict' ? 'removed' : 'not-running', AbortSignal.timeout(othersRemoval))
    if (!settled.ok && settled.error.kind === 'not-found') return
  }
}
