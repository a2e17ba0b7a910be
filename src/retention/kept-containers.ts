import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type PeriodicService } from '../lib/service.ts'
import { tryAll } from '../lib/try-all.ts'
import type { KeptContainer } from '../model/build.ts'
import type { Runtime } from '../runtime/contract.ts'

const everyMs = 600_000
/** How long stopping waits for a removal that is under way. */
const stopMs = 15_000
/** So long after somebody was in a container it is left to them, as in Concourse. */
export const enteredGraceMs = 300_000
/** How many containers are kept where nothing else is set. */
export const mostKept = 20

export interface KeptContainers {
  /** Oldest builds first, also those that are gone. */
  kept(): Promise<readonly KeptContainer[]>
}

export interface KeptCollectionOptions {
  readonly runtime: Pick<Runtime, 'list' | 'remove'>
  readonly containers: KeptContainers
  /** How many are kept at most. */
  readonly most: number
  /** Looks for those that are gone, of whatever runtime, and records it. */
  readonly recordGone: () => Promise<unknown>
  readonly gate?: Gate | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * Removes kept containers when a later build of their job has ended, and the oldest beyond `most`, but none that somebody is in. Wake it
 * at a build's end.
 */
export function keptCollection({ runtime, containers, most, recordGone, gate, clock, log }: KeptCollectionOptions): PeriodicService {
  /** How long until the first one may go that is left because somebody was in it. */
  let soonerMs = everyMs
  async function run(): Promise<void> {
    soonerMs = everyMs
    const recorded = await containers.kept()
    const kept = await present(runtime, recorded)
    if (kept.length < recorded.length) await recordGone()
    const left = ({ enteredAt }: KeptContainer): number => (enteredAt === undefined ? 0 : enteredAt + enteredGraceMs - clock.now())
    const free = kept.filter((one) => left(one) <= 0)
    const superseded = free.filter((one) => one.superseded)
    const rest = free.filter((one) => !one.superseded)
    const excess = Math.max(0, kept.length - superseded.length - most)
    const tooMany = excess > rest.length
    soonerMs = Math.min(everyMs, ...kept.filter((one) => left(one) > 0 && (one.superseded || tooMany)).map(left))
    await tryAll([...superseded, ...rest.slice(0, excess)], ({ handle }) => runtime.remove(handle))
  }
  return periodic({ name: 'kept containers', clock, log, everyMs, soonerMs: () => soonerMs, stopMs, gate, run })
}

async function present(runtime: Pick<Runtime, 'list'>, kept: readonly KeptContainer[]): Promise<readonly KeptContainer[]> {
  if (kept.length === 0) return []
  const there = new Set((await runtime.list()).filter(({ state }) => state !== 'terminating').map(({ handle }) => handle))
  return kept.filter(({ handle }) => there.has(handle))
}

/** Removes the oldest kept container and returns its handle. */
export async function giveUpOldestKept(runtime: Pick<Runtime, 'list' | 'remove'>, containers: KeptContainers): Promise<string | undefined> {
  const [oldest] = await present(runtime, await containers.kept())
  if (oldest !== undefined) await runtime.remove(oldest.handle)
  return oldest?.handle
}
