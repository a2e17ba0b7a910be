import { afterEach } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import type { Gate } from '../../lib/gate.ts'
import { silentLog } from '../../lib/log.ts'
import { CheckEnds } from '../check-ends.ts'
import type { CheckedResource } from '../ports.ts'
import type { Place } from '../registry-pace.ts'
import type { CheckRunOptions, RanCheck } from '../run-check.ts'
import { CheckService } from '../service.ts'
import type { CheckLimits } from '../service-options.ts'
import { MemoryChecks } from './memory-checks.ts'

export const minute = 60_000
const limits: CheckLimits = { running: 64, leaseMs: 10_000, renewMs: 3_000, lookMs: 1_000, flushMs: 10_000, lateMs: 60_000 }
type Finds = 'nothing' | 'news' | 'failure' | 'gone' | Error
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A service of checks on a clock of its own, and what a check of each resource finds. Services that a test makes are stopped after it. */
export function serviceWorld(given: Partial<CheckLimits> = {}) {
  const clock = fakeClock(1_000_000_000)
  const store = new MemoryChecks()
  /** Names of resources, with the seconds since the start. */
  const begun: string[] = []
  const warnings: string[] = []
  const gaps = { count: 0 }
  /** Whose types were checked whatever their intervals. */
  const forced: string[] = []
  const start = clock.now()
  const finds = new Map<string, Finds>()
  /** Of resources whose check is held: what ends it. */
  const held = new Map<string, () => void>()
  const hold = new Set<string>()
  /** Of those that are held: they wait for their turn, and their checks begin behind it. */
  const late = new Set<string>()
  const run = async (resource: CheckedResource, { typesWithinInterval }: CheckRunOptions): Promise<RanCheck | undefined> => {
    const createdAt = clock.now()
    if (!typesWithinInterval) forced.push(resource.name)
    begun.push(`${resource.name} ${(createdAt - start) / 1000}`)
    if (hold.has(resource.name)) await new Promise<void>((resolve) => held.set(resource.name, resolve))
    const startedAt = late.has(resource.name) ? clock.now() : createdAt
    const found = finds.get(resource.name) ?? 'nothing'
    if (found instanceof Error) throw found
    if (found === 'gone') return undefined
    const failed = found === 'failure'
    const { teamId, pipelineId, scopeId } = resource
    return {
      end: { scopeId, startedAt, endedAt: clock.now(), ...(failed && { error: 'no route to host' }) },
      message: '', news: found === 'news',
      build: { teamId, pipelineId, status: failed ? 'failed' : 'succeeded', context: {}, createdAt, endedAt: clock.now(), events: [] },
    }
  }
  const service = (owner = 'one', { gate, place }: { readonly gate?: Gate; readonly place?: (resource: CheckedResource) => Promise<Place | undefined> } = {}) => {
    const made = new CheckService({
      owner, ...(gate && { gate }), ...(place && { place }), store, shards: store, run, ends: new CheckEnds(store), clock, random: () => 0.5, limits: { ...limits, ...given }, onGap: () => void (gaps.count += 1),
      log: { ...silentLog, warn: (_fields: object, message: string) => warnings.push(message) } as unknown as typeof silentLog,
      stopRunning: () => {
        for (const end of held.values()) end()
        return Promise.resolve()
      },
    })
    stops.push(() => made.stop())
    return made
  }
  return { clock, store, begun, forced, finds, hold, held, late, warnings, gaps, service }
}
