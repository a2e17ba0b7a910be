import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'

/** Where servers tell each other of themselves. */
export interface ServerRegister {
  seen(id: string, peerUrl: string, now: number): Promise<void>
  left(id: string): Promise<void>
}

export interface PresenceOptions {
  readonly register: ServerRegister
  readonly id: string
  /** Where other servers reach this one. */
  readonly peerUrl: string
  readonly clock: Clock
  readonly log: Log
}

const everyMs = 5_000

/** Says that this server runs, until it is stopped. */
export function presence({ register, id, peerUrl, clock, log }: PresenceOptions): Service {
  const beating = periodic({ name: 'presence of this server', clock, log, everyMs, run: () => register.seen(id, peerUrl, clock.now()) })
  return {
    ...beating,
    async stop() {
      await beating.stop()
      // The others find out by themselves, a little later.
      await register.left(id).catch(() => undefined)
    },
  }
}
