import type { Clock } from '../lib/clock.ts'
import { fail } from '../model/result.ts'
import type { SecretManager } from './manager.ts'
import type { RetryOptions } from './options.ts'

/** Asks again where another try may succeed, up to a number of attempts. */
export function retrying(manager: SecretManager, { attempts, intervalMs }: RetryOptions, clock: Clock): SecretManager {
  return {
    ...manager,
    async get(path, scope) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await manager.get(path, scope)
        if (answer.ok || !answer.error.retryable) return answer
        if (attempt >= attempts) return attempts <= 1 ? answer : fail({ ...answer.error, message: `${answer.error.message} (after ${attempts} attempts)` })
        await clock.sleep(intervalMs)
      }
    },
  }
}
