import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import type { CheckedResource, CheckStore, EndedCheck, ShardStore } from './ports.ts'
import type { Place } from './registry-pace.ts'
import type { CheckRunOptions, RanCheck } from './run-check.ts'

export interface CheckServiceOptions {
  /** Distinguishes servers of one database. */
  readonly owner: string
  readonly store: CheckStore
  readonly shards: ShardStore
  /** Checks a resource; undefined: it was stopped, or its pipeline's config is another by now. */
  readonly run: (resource: CheckedResource, options: CheckRunOptions) => Promise<RanCheck | undefined>
  readonly ends: { add(end: EndedCheck): Promise<void>; flush(): Promise<void> }
  /** Ends the checks that run; resolves when they have ended. */
  readonly stopRunning: () => Promise<void>
  /** When a check has its turn among those of its registry; undefined: it asks none. Absent: at once. */
  readonly place?: (resource: CheckedResource) => Promise<Place | undefined>
  /** Closed: no check begins. Default: open. */
  readonly gate?: Gate
  /** Called when the connection to the database was lost: it may have crashed, and lost the commits that did not wait for the disk. */
  readonly onGap?: () => void
  readonly clock: Clock
  readonly log: Log
  /** From 0 to 1. */
  readonly random: () => number
  readonly limits?: CheckLimits
}

export interface CheckLimits {
  /** Checks that run at once. */
  readonly running: number
  /** How long a server keeps shards that it does not renew, and how often it renews them. */
  readonly leaseMs: number
  readonly renewMs: number
  /** How often pipelines that were set, paused or removed are looked for. */
  readonly lookMs: number
  /** How often ends of checks that nobody waits for are saved. */
  readonly flushMs: number
  /** A check that waits longer for its turn is late. */
  readonly lateMs: number
}

export const defaultLimits: CheckLimits = { running: 64, leaseMs: 10_000, renewMs: 3_000, lookMs: 1_000, flushMs: 10_000, lateMs: 60_000 }
