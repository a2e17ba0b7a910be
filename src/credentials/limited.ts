import { fail } from '../model/result.ts'
import { passingFault, type SecretManager } from './manager.ts'

/** A manager is asked for so many secrets at once. Others wait for their turn. */
export const mostAtOnce = 16
/** Look-ups that wait; more fail at once. */
export const mostWaiting = 10_000

/** Bounds what a manager is asked at once: a plan with hundreds of vars, or a server that has just started, must not flood it. */
export function limited(manager: SecretManager): SecretManager {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    ...manager,
    async get(path, scope) {
      if (running >= mostAtOnce) {
        if (waiting.length >= mostWaiting) return fail(passingFault(`more than ${mostWaiting} look-ups of vars wait for it already`))
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running += 1
      try {
        return await manager.get(path, scope)
      } finally {
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }
}
