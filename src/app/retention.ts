import { BuildLogs } from '../db/build-logs.ts'
import { StaleRows } from '../db/stale-rows.ts'
import type { LogLimits } from '../model/build-log.ts'
import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { unlessUnreadable, type PipelineConfigs } from '../pipelines/configs.ts'
import { buildLogCollection, type JobOfPipeline } from '../retention/build-log-collection.ts'
import { staleRowCollection } from '../retention/stale-rows.ts'
import { vacuuming } from '../retention/vacuum.ts'
import type { App } from './open-app.ts'

/** Only jobs that say so lose logs. */
export const keepAllLogs: LogLimits = { defaultBuilds: 0, maxBuilds: 0, defaultDays: 0, maxDays: 0 }

/** What keeps a server's own database from growing without end. */
export function retention({ stores, components: { gate }, services: { clock } }: App, configs: PipelineConfigs, limits: LogLimits & { readonly auditDays?: number | undefined }, log: Log): readonly Service[] {
  const logs = new BuildLogs(stores.db)
  const { auditDays } = limits
  return [
    buildLogCollection({ store: logs, jobs: () => jobsOf(stores, configs), limits, gate: gate('reaper'), clock, log }),
    staleRowCollection({ store: new StaleRows(stores.db, auditDays === undefined ? {} : { auditDays }), gates: gate, clock, log }),
    vacuuming({ vacuum: logs, gate: gate('vacuum'), clock, log }),
  ]
}

export async function* jobsOf({ pipelines }: { readonly pipelines: Pick<App['stores']['pipelines'], 'list' | 'jobs'> }, configs: PipelineConfigs): AsyncGenerator<readonly JobOfPipeline[]> {
  for (const pipeline of await pipelines.list()) {
    const config = await unlessUnreadable(configs.of(pipeline), () => 'unreadable' as const)
    // It may say that more is kept than what is kept by default.
    if (config === 'unreadable') continue
    yield (await pipelines.jobs(pipeline.id)).map(({ id, name }) => {
      const own = config?.jobs?.find((job) => job.name === name)
      return { id, ...(own && { config: own }) }
    })
  }
}
