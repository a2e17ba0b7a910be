import { JobWants } from '../db/job-wants.ts'
import { JobSchedules } from '../db/scheduling/scheduler-store.ts'
import { Versions } from '../db/versions.ts'
import type { Log } from '../lib/log.ts'
import { ending, together, type Service } from '../lib/service.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import { ChecksByBuilds } from '../scheduler/checks-by-builds.ts'
import { scheduler } from '../scheduler/service.ts'
import { buildPorts } from './build-ports.ts'
import type { App } from './open-app.ts'

/** The scheduler of an app's database. */
export function openScheduler(app: App, configs: PipelineConfigs, log: Log): Service {
  const { stores, services } = app
  const { clock } = services
  const [wants, versions, builds] = [new JobWants(stores.db), new Versions(stores.db), buildPorts(app)]
  const checks = new ChecksByBuilds({
    pipelines: stores.pipelines,
    configs,
    builds,
    log,
    resources: {
      resource: (id) => wants.resource(id),
      async ended(id, startedAt, failure) {
        const scope = await wants.scopeOf(id, clock.now())
        if (scope === undefined) return
        // What goes wrong before the scope is known (a var that is missing) is no check of its.
        const untold = failure !== undefined && (scope.startedAt ?? 0) < startedAt
        if (untold) await versions.saveEnds([{ scopeId: scope.id, startedAt, endedAt: clock.now(), error: failure }])
        await wants.checkEnded(scope.id)
      },
    },
  })
  const service = scheduler({ store: new JobSchedules(stores.db, stores.cipher), configs, checks, runtime: builds.runtime, clock, log })
  return together('scheduler', [ending('checks of waiting builds', () => checks.stop()), service])
}
