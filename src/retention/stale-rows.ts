import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import { through } from '../lib/gate.ts'
import { allOpen, type Gates } from '../model/component.ts'
import type { StaleRowStore } from './ports.ts'

export interface StaleRowOptions {
  readonly store: StaleRowStore
  /** What of it is paused. Default: nothing. */
  readonly gates?: Gates
  readonly clock: Clock
  readonly log: Log
}

const hourMs = 3_600_000
/** What nobody has needed for so long goes. */
const keptMs = 24 * hourMs
/** Between two batches, so that what waits for the embedded database's one connection gets its turn. */
const pauseMs = 100

/** Removes rows that nothing needs any more, every hour. */
export function staleRowCollection(options: StaleRowOptions): Service {
  const { clock, log } = options
  const collect = staleRowCollector(options)
  return periodic({ name: 'collection of rows', clock, log, everyMs: hourMs, firstAfterMs: hourMs / 2, run: collect })
}

export function staleRowCollector({ store, gates = allOpen, clock, log }: StaleRowOptions): (signal: AbortSignal) => Promise<void> {
  /** The newest version at some times: one that is interned now is referred to a moment later, and must not be taken for unused. */
  const marks: { readonly at: number; readonly version: number }[] = []
  return async (signal) => {
    const before = clock.now() - keptMs
    const pause = () => clock.sleep(pauseMs, signal)
    const removed: Record<string, number> = {}
    for (const { what, component } of store.kinds) {
      const count = (await through(gates(component), () => store.remove(what, before, pause))) ?? 0
      if (count > 0) removed[what] = count
    }
    const old = marks.findLast(({ at }) => at <= before)
    const versions = old === undefined ? 0 : ((await through(gates('collector_resource_configs'), () => store.removeVersions(old.version, pause))) ?? 0)
    if (versions > 0) removed['versions that nothing refers to'] = versions
    while (marks[1] !== undefined && marks[1].at <= before) marks.shift()
    marks.push({ at: clock.now(), version: await store.newestVersion() })
    if (Object.keys(removed).length > 0) log.info({ removed }, 'removed rows that nothing needs any more')
  }
}
