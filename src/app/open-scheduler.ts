import { reusedBuild } from '../builds/reused-build.ts'
import { WantedChecks } from '../db/check-requests.ts'
import { JobSchedules } from '../db/scheduling/scheduler-store.ts'
import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import { scheduler } from '../scheduler/service.ts'
import type { App } from './open-app.ts'

/** The scheduler of an app's database. */
export function openScheduler({ stores, services, components, runtime }: App, configs: PipelineConfigs, log: Log): Service {
  const { db, cipher } = stores
  return scheduler({ store: new JobSchedules(db, cipher), configs, checks: new WantedChecks(db), reuse: (from) => reusedBuild(stores, from), runtime: runtime.options, clock: services.clock, gate: components.gate('scheduler'), log, observe: services.observe, tracing: services.tracing })
}
