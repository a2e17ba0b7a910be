import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import type { CheckHub } from '../checks/hub.ts'
import { RegistryPace } from '../checks/registry-pace.ts'
import { CheckRunner } from '../checks/run-check.ts'
import { CheckService } from '../checks/service.ts'
import { CheckShards } from '../db/check-shards.ts'
import { nativePulls } from '../engine/image/image-way.ts'
import type { Service } from '../lib/service.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { App } from './open-app.ts'

/** Checks resources of a server's pipelines when they are due. */
export async function openChecks({ stores, services, components, runtime }: App, hub: CheckHub, { configs, registryChecksPerSecond }: { readonly configs: PipelineConfigs; readonly registryChecksPerSecond: number }): Promise<Service> {
  const shards = new CheckShards(stores.db)
  if (stores.db.driver === 'pglite') await shards.releaseAll()
  const owner = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  const runner = new CheckRunner({ services, configs, runtime: runtime.options, owner: `checks-${owner}` })
  const { clock, log } = services
  const pace = registryChecksPerSecond > 0 && nativePulls(services) ? new RegistryPace(configs, registryChecksPerSecond, clock) : undefined
  const service = new CheckService({
    owner, store: stores.checks, shards, ends: hub.ends, gate: components.gate('scanner'), clock, log,
    async run(resource, how) {
      services.observe?.({ kind: 'check-started' })
      const ran = await runner.run(resource, how)
      services.observe?.({ kind: 'check-ended', succeeded: ran?.end !== undefined && ran.end.error === undefined })
      return ran
    },
    stopRunning: () => runner.stop(),
    random: Math.random,
    onGap: () => hub.versions.forgetAll(),
    ...(pace && { place: (resource) => pace.reserve(resource) }),
  })
  hub.attach(runner, service)
  return service
}
