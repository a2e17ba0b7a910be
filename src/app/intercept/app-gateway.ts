import { Containers } from '../../db/containers.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { fail, ok } from '../../model/result.ts'
import type { OpenRuntime } from '../open-runtime.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Stores } from '../stores.ts'
import { ownEntrance, type Place } from '../../intercept/local-gateway.ts'
import { serveEntrance, type ServedEntrance } from '../../intercept/serve-gateway.ts'

export interface AppEntranceOptions {
  readonly data: string
  readonly stores: Stores
  readonly instance: number
  readonly runtime: OpenRuntime
  readonly clock: Clock
  readonly log: Log
}

/** The entrance of a running Airside, open to other processes of its user. */
export async function serveAppEntrance({ data, stores, instance, runtime, clock, log }: AppEntranceOptions): Promise<ServedEntrance> {
  const here: Place = ok(runtime.runtime)
  const elsewhere: Place = fail(`they are not on ${runtime.description}, where process ${process.pid} runs steps; they can be reached when it has ended`)
  const entrance = ownEntrance({
    containers: new Containers(stores.db),
    instance,
    running: true,
    clock,
    placeOf: async (buildId) => (samePlace(await runtimeOf(stores, buildId), runtime.options) ? here : elsewhere),
  })
  try {
    return await serveEntrance(data, entrance)
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'airside intercept cannot reach this process')
    return { busy: 0, idle: () => Promise.resolve(), close: () => Promise.resolve() }
  }
}

/** As `airside run` wrote it; this installation's own. */
export async function runtimeOf(stores: Stores, buildId: number): Promise<RuntimeOptions | undefined> {
  return (await stores.builds.get(buildId))?.context?.['runtime'] as unknown as RuntimeOptions | undefined
}

/** Absent: of a build that was made to run here. */
function samePlace(one: RuntimeOptions | undefined, other: RuntimeOptions): boolean {
  if (one === undefined) return true
  if (one.kind === 'docker' || other.kind === 'docker') return one.kind === other.kind
  return one.context === other.context && one.namespace === other.namespace
}
