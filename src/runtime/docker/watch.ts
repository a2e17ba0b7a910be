import type { Clock } from '../../lib/clock.ts'
import type { EngineClient } from './engine/client.ts'
import type { ContainerState } from './engine/shapes.ts'
import { labelNames } from './labels.ts'

/** An event of a container that is followed. */
export type Change = 'ended' | 'removed'

/** One stream of events for all containers; after it broke, one list says what was missed. */
export interface Watch {
  /** Resolves when the engine has been asked once, whether or not it answered. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Reports events of a container (by id) until the returned function is called. May report one twice. */
  follow(id: string, onChange: (change: Change) => void): () => void
}

const firstPause = 100
const longestPause = 5_000

export function createWatch(client: EngineClient, installation: string, clock: Clock): Watch {
  const followers = new Map<string, (change: Change) => void>()
  const stopped = new AbortController()
  const labels = [`${labelNames.installation}=${installation}`]
  let running: Promise<void> = Promise.resolve()

  const tell = (id: string, change: Change): void => followers.get(id)?.(change)

  /** Containers that were followed before the list was requested: a younger one may not be in it. */
  async function catchUp(): Promise<void> {
    const before = [...followers.keys()]
    if (before.length === 0) return
    const containers = await client.list(labels)
    const states = containers.ok ? new Map(containers.value.map((container) => [container.id, container.state])) : undefined
    for (const id of before) {
      const state = states === undefined ? await stateOf(id) : (states.get(id) ?? 'gone')
      if (state === 'gone') tell(id, 'removed')
      else if (state === 'exited' || state === 'dead' || state === 'removing') tell(id, 'ended')
    }
  }

  /** Inspects containers one by one where the engine lists none, so that one that cannot be inspected does not hide the others. That one counts as ended; its follower checks. */
  async function stateOf(id: string): Promise<ContainerState | 'gone'> {
    const found = await client.inspect(id)
    if (found.ok) return found.value.state
    return found.error.kind === 'not-found' ? 'gone' : 'dead'
  }

  /** Returns when the stream has ended; true if it had begun. */
  async function listen(begun: () => void): Promise<boolean> {
    const events = await client.events(labels, stopped.signal)
    begun()
    if (!events.ok) return false
    try {
      await catchUp()
      for await (const event of events.value) {
        if (event.action === 'die') tell(event.id, 'ended')
        else if (event.action === 'removed') tell(event.id, 'removed')
      }
    } catch {
      // The engine stopped or was restarted: listen again, and list what was missed.
    }
    return true
  }

  async function run(begun: () => void): Promise<void> {
    let pause = firstPause
    while (!stopped.signal.aborted) {
      pause = (await listen(begun)) ? firstPause : Math.min(longestPause, pause * 2)
      await clock.sleep(pause, stopped.signal).catch(() => undefined)
    }
  }

  return {
    start: () =>
      new Promise((resolve) => {
        running = run(resolve)
      }),
    async stop() {
      stopped.abort()
      await running
    },
    follow(id, onChange) {
      followers.set(id, onChange)
      return () => {
        if (followers.get(id) === onChange) followers.delete(id)
      }
    },
  }
}
