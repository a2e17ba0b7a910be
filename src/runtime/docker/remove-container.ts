import type { EngineClient } from './engine/client.ts'

/** Removes a container and waits until it is gone; absent is fine. */
export async function removeContainer(client: EngineClient, handle: string): Promise<void> {
  const removed = await client.remove(handle)
  if (removed.ok || removed.error.kind === 'not-found') return
  // Someone else is removing it already.
  if (removed.error.kind === 'conflict') {
    const gone = await client.waitRemoved(handle)
    if (gone.ok || gone.error.kind === 'not-found') return
    throw new Error(`container ${handle} cannot be removed: ${gone.error.message}`)
  }
  throw new Error(`container ${handle} cannot be removed: ${removed.error.message}`)
}
