import { Engine } from '../engine/engine.ts'
import type { EngineServices } from '../engine/build-context.ts'
import { atMost } from '../lib/at-most.ts'
import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { JsonObject } from '../model/json.ts'
import { unlessUnreadable, type PipelineConfigs } from '../pipelines/configs.ts'
import { planCheck } from '../planner/check-plan.ts'
import { MemoryBuilds, type MemoryBuild } from './memory-builds.ts'
import type { ObservedCheck } from './scope-checks.ts'
import type { CheckBuild, CheckedResource, CheckEnd } from './ports.ts'
import { unreadable } from './unreadable.ts'

export interface CheckRunOptions {
  /** Images of its types are not checked again within their intervals. */
  readonly typesWithinInterval: boolean
}

/** A check that has run. */
export interface RanCheck {
  /** Absent: it came to no check, since its source could not be filled in or its pipeline's config not be read; `message` says why. */
  readonly end?: CheckEnd
  readonly message: string
  /** It changed the scope's order. */
  readonly news: boolean
  readonly build: Omit<CheckBuild, 'scopeId'>
}

export interface CheckRunnerOptions {
  readonly services: EngineServices
  readonly configs: Pick<PipelineConfigs, 'of'>
  /** Stored in builds that are shown: how to reach the runtime. */
  readonly runtime: object
  readonly owner: string
}

/** How long stopping waits for the containers of checks to end. */
const patienceMs = 15_000
/** More than an hour, the longest that a check may take: nobody else can claim these builds, so that nothing is gained by renewing often. */
const leaseMs = 2 * 3_600_000

/** Runs checks as builds in memory, on an engine of their own: a check that finds nothing new leaves no row. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions
  readonly #builds = new MemoryBuilds()
  readonly #engine: Engine
  readonly #pointers = new Map<number, number>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #ends = new Map<number, { readonly end: CheckEnd; readonly news: boolean }>()

  constructor(options: CheckRunnerOptions) {
    this.#options = options
    const { services } = options
    // A check that fails is done again soon, each time in a container that would be kept.
    const { options: { keep: _keep, ...engineOptions }, onCleaned: _onCleaned, ...ofBuilds } = services
    this.#engine = new Engine({ ...ofBuilds, options: { ...engineOptions, prepareAhead: 0 } }, this.#builds, options.owner, {
      leaseMs, pollMs: leaseMs, cleanupMs: 15_000, maxBuilds: Number.MAX_SAFE_INTEGER,
    })
  }

  /** The scope that the resource of one of these builds points to. */
  pointerOf(buildId: number): number | undefined {
    return this.#pointers.get(buildId)
  }

  /** The check of one of these builds has ended. */
  onEnd(end: CheckEnd, { buildId, news }: ObservedCheck): void {
    this.#ends.set(buildId, { end, news })
  }

  run(resource: CheckedResource, options: CheckRunOptions = { typesWithinInterval: true }): Promise<RanCheck | undefined> {
    const { runtime, services: { clock } } = this.#options
    const unread = ({ message }: Error): RanCheck => ({ message, news: false, build: unreadable(resource, message, { runtime, now: clock.now() }) })
    const running = unlessUnreadable(this.#run(resource, options), unread).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return running
  }

  /** Ends what runs, so that its containers go: nobody could go on with it. */
  async stop(): Promise<void> {
    this.#builds.abortAll()
    await atMost(this.#options.services.clock, patienceMs, Promise.allSettled(this.#running))
    await this.#engine.stop()
  }

  async #run(resource: CheckedResource, options: CheckRunOptions): Promise<RanCheck | undefined> {
    const { clock } = this.#options.services
    const context = await this.#contextOf(resource, options)
    if (context === undefined) return undefined
    const { teamId, team, pipelineId, pipeline } = resource
    const createdAt = clock.now()
    // Versions that somebody has cleared are to be found again: what is remembered of the scope does not count.
    const id = this.#add(resource.hasVersions ? resource.scopeId : undefined, { scope: { teamId, pipelineId }, team, pipeline, context, createdAt })
    try {
      const claimed = await this.#engine.claim(id)
      await claimed?.end
      const ended = this.#ends.get(id)
      const { status, events } = this.#builds.look(id)
      if (status === undefined || status === 'aborted') return undefined // this server stops
      return {
        ...(ended && { end: ended.end }),
        news: ended?.news ?? false,
        message: messageOf(events),
        build: { teamId, pipelineId, status, context, createdAt, endedAt: clock.now(), events },
      }
    } finally {
      this.#builds.forget(id)
      this.#ends.delete(id)
      this.#pointers.delete(id)
    }
  }

  #add(pointer: number | undefined, build: MemoryBuild): number {
    const id = this.#builds.add(build)
    if (pointer !== undefined) this.#pointers.set(id, pointer)
    return id
  }

  /** Undefined: the config is another by now. */
  async #contextOf({ name, pipelineId, configVersion, pin }: CheckedResource, { typesWithinInterval }: CheckRunOptions): Promise<JsonObject | undefined> {
    const { configs, runtime } = this.#options
    const config = await configs.of({ id: pipelineId, configVersion })
    const resource = config?.resources?.find((one) => one.name === name)
    if (config === undefined || resource === undefined) return undefined
    return encodeStoredBuild({ varSources: config.var_sources ?? [], runtime, plan: planCheck(config, resource, '1', { typesWithinInterval, ...(pin && { from: pin }) }) })
  }
}

/** Of a build that did not succeed: what its last error says. */
function messageOf(events: readonly { readonly type: string; readonly payload: string }[]): string {
  const error = events.findLast(({ type }) => type === 'error')
  const message = error && (JSON.parse(error.payload) as JsonObject)['message']
  return typeof message === 'string' ? message : 'the check did not succeed'
}
