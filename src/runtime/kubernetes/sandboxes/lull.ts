import { enough, type Clock } from '../../../lib/clock.ts'
import { Wakeup } from '../../../lib/wakeup.ts'

/** So long no container is prepared before it counts as a lull: a step's end and the guesses for the next ones come close together. */
export const lullMs = 500
/** On a server that always prepares something, sandboxes are made nevertheless. */
export const lullPatienceMs = 30_000

/** Tells when no container is being made ready, since pods that start at once share the processors of their node. */
export interface Lull {
  /** A container is being made ready; call what it returns when it is, or has failed. */
  begin(): () => void
  /** Resolves at the next lull, after `lullPatienceMs`, or when stopped. */
  next(): Promise<void>
  stop(): void
}

export function createLull(clock: Clock): Lull {
  const changed = new Wakeup()
  const stopping = new AbortController()
  let underWay = 0
  let begun = 0
  return {
    begin() {
      underWay += 1
      begun += 1
      let ended = false
      return () => {
        if (ended) return
        ended = true
        underWay -= 1
        changed.wake()
      }
    },
    async next() {
      const deadline = clock.now() + lullPatienceMs
      while (!stopping.signal.aborted && clock.now() < deadline) {
        if (underWay > 0) {
          await changed.wait(clock, deadline - clock.now(), stopping.signal)
          continue
        }
        const before = begun
        await clock.sleep(lullMs, stopping.signal).catch(() => {})
        if (underWay === 0 && begun === before) return
      }
    },
    stop: () => stopping.abort(enough),
  }
}
