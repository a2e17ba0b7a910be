import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { LogLimits } from '../model/build-log.ts'
import type { JobConfig } from '../model/config.ts'
import { logRuleOf, LogSelection, type LogRule } from './log-rule.ts'
import type { BuildLogStore } from './ports.ts'

export interface JobOfPipeline {
  readonly id: number
  /** Absent: its pipeline is archived, or its config has the job no more. */
  readonly config?: JobConfig
}

export interface BuildLogCollectionOptions {
  readonly store: BuildLogStore
  /** All jobs of all pipelines, a pipeline at a time. */
  readonly jobs: () => AsyncIterable<readonly JobOfPipeline[]>
  readonly limits: LogLimits
  readonly gate?: Gate
  readonly clock: Clock
  readonly log: Log
}

const everyMs = 600_000
/** A server that has just started has other things to do first. */
const firstAfterMs = 60_000
const page = 500

/** Drops the logs of builds that their job, or the server's settings, no longer keep; of paused pipelines and jobs too. */
export function buildLogCollection(options: BuildLogCollectionOptions): Service {
  const { clock, log, gate } = options
  return periodic({ name: 'collection of build logs', clock, log, everyMs, firstAfterMs, gate, run: (signal) => collectBuildLogs(options, signal) })
}

export async function collectBuildLogs({ store, jobs, limits, clock, log }: BuildLogCollectionOptions, signal: AbortSignal): Promise<void> {
  const collecting = { store, now: clock.now(), signal }
  let dropped = 0
  for await (const of of jobs()) {
    for (const { id, config } of of) {
      const rule = logRuleOf(config ?? { name: '', plan: [] }, limits)
      if (rule !== undefined) dropped += await collect(collecting, id, rule)
    }
  }
  // One-off builds are of no job: their place among others means nothing, their age does.
  const oneOff = logRuleOf({ name: '', plan: [] }, { ...limits, defaultBuilds: 0, maxBuilds: 0 })
  if (oneOff !== undefined) dropped += await collect(collecting, 'one-off', oneOff)
  if (dropped > 0) log.info({ builds: dropped }, 'removed logs of builds')
}

interface Collecting {
  readonly store: BuildLogStore
  readonly now: number
  readonly signal: AbortSignal
}

async function collect({ store, now, signal }: Collecting, of: number | 'one-off', rule: LogRule): Promise<number> {
  const selection = new LogSelection(rule, now)
  for (let before: number | undefined; ; ) {
    signal.throwIfAborted()
    const builds = await store.logged(of, before, page)
    for (const build of builds) selection.take(build)
    before = builds.at(-1)?.id
    if (builds.length < page) break
  }
  const gone = selection.end()
  for (let at = 0; at < gone.length; at += page) {
    signal.throwIfAborted()
    await store.dropLogs(gone.slice(at, at + page), now)
  }
  return gone.length
}
