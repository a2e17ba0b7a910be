import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { Vacuum } from './ports.ts'

const everyMs = 3_600_000
/** Between two tables, so that what waits for the embedded database's one connection gets its turn. */
const pauseMs = 200

/** Frees the space of rows that were changed or removed, and counts anew what is there: the embedded database does not do it by itself. */
export function vacuuming({ vacuum, gate, clock, log }: { readonly vacuum: Vacuum; readonly gate?: Gate; readonly clock: Clock; readonly log: Log }): Service {
  return periodic({
    name: 'vacuum', clock, log, everyMs, firstAfterMs: everyMs, gate,
    async run(signal) {
      for (const table of await vacuum.tables()) {
        signal.throwIfAborted()
        await vacuum.vacuum(table)
        await clock.sleep(pauseMs, signal)
      }
    },
  })
}
