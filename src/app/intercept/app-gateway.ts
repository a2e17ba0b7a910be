import type { WaitingCheckContainers } from '../../checks/check-containers.ts'
import { Containers } from '../../db/containers.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { withOverrides } from '../../lib/with-overrides.ts'
import { fail, ok } from '../../model/result.ts'
import type { OpenRuntime } from '../runtime-environment.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Stores } from '../stores.ts'
import type { InterceptGateway } from '../../intercept/gateway.ts'
import { localGateway, type RuntimeAccess } from '../../intercept/local-gateway.ts'
import { serveGateway } from '../../intercept/serve-gateway.ts'

export interface AppGatewayOptions {
  readonly data: string
  readonly stores: Stores
  readonly instance: number
  readonly runtime: OpenRuntime
  /** Containers of checks: they are told who is in them. */
  readonly checks: Pick<WaitingCheckContainers, 'enter'>
  readonly clock: Clock
  readonly log: Log
}

/** This process's way into its containers, which other processes of the same user have too until it is closed. */
export async function serveAppGateway({ data, stores, instance, runtime, checks, clock, log }: AppGatewayOptions): Promise<{ readonly gateway: InterceptGateway; close(): Promise<void> }> {
  const here: RuntimeAccess = ok(runtime.runtime)
  const elsewhere: RuntimeAccess = fail(`they are not on ${runtime.description}, where process ${process.pid} runs steps; they can be reached when it has ended`)
  const local = localGateway({
    containers: new Containers(stores.db),
    instance,
    running: true,
    clock,
    runtimeOf: async (buildId) => (sameRuntime(await runtimeOptionsOf(stores, buildId), runtime.options) ? here : elsewhere),
  })
  const gateway = withOverrides(local, {
    async enter(handle, process, options) {
      const entered = checks.enter(handle, process, options)
      return entered === undefined ? local.enter(handle, process, options) : ok(entered)
    },
  })
  try {
    const served = await serveGateway(data, gateway)
    return { gateway, close: () => served.close() }
  } catch (error) {
    log.warn({ err: error, component: 'intercept' }, 'airside intercept cannot reach this process')
    return { gateway, close: () => Promise.resolve() }
  }
}

/** The runtime that a build was made for, as `airside run` stored it. */
export async function runtimeOptionsOf(stores: Stores, buildId: number): Promise<RuntimeOptions | undefined> {
  return (await stores.builds.get(buildId))?.context?.['runtime'] as unknown as RuntimeOptions | undefined
}

/** Whether both are one engine or one namespace. A build without options was made for the runtime of its server. */
function sameRuntime(one: RuntimeOptions | undefined, other: RuntimeOptions): boolean {
  if (one === undefined) return true
  if (one.kind === 'docker' || other.kind === 'docker') return one.kind === other.kind
  return one.context === other.context && one.namespace === other.namespace
}
