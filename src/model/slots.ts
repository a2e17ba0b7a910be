import type { PendingReason } from './listed-build.ts'

/** Of a job with a limit: the builds of all jobs of its serial groups count. */
export interface Slots {
  readonly limit: number
  /** Ids of the groups. */
  readonly groups: readonly number[]
  /** Started builds. */
  readonly running: number
  /** The first pending build of another job of the groups that lacks nothing but a slot. */
  readonly ahead?: { readonly order: number; readonly build: number; readonly job: string; readonly name: string }
}

/** Why a build of a limited job gets no slot; undefined: it gets one. Asked again when the rows of its serial groups are locked. */
export function noSlot({ running, limit, ahead }: Slots, { order, build }: { readonly order: number; readonly build: number }): PendingReason | undefined {
  if (running >= limit) return { kind: 'job-limit', running, limit }
  if (ahead !== undefined && (ahead.order - order || ahead.build - build) < 0) return { kind: 'queued', behind: ahead.name, job: ahead.job }
  return undefined
}
