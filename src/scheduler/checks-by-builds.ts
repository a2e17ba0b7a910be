import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { BuildPorts } from '../builds/ports.ts'
import type { Log } from '../lib/log.ts'
import { planCheck } from '../planner/check-plan.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { PipelineStore } from '../pipelines/ports.ts'
import type { CheckRequests, ResourceId, WantedCheck } from './ports.ts'

export interface CheckedResources {
  resource(id: ResourceId): Promise<{ readonly name: string; readonly pipelineId: number } | undefined>
  /** A check of the resource that began then is over. `failure`: why it failed, where its step has not said so. */
  ended(id: ResourceId, startedAt: number, failure: string | undefined): Promise<void>
}

export interface ChecksByBuildsOptions {
  readonly resources: CheckedResources
  readonly pipelines: Pick<PipelineStore, 'get'>
  readonly configs: PipelineConfigs
  readonly builds: BuildPorts
  readonly log: Log
}

/** Checks of resources that builds wait for, each a build of its own that this process runs. */
export class ChecksByBuilds implements CheckRequests {
  readonly #options: ChecksByBuildsOptions
  readonly #stopping = new AbortController()
  /** By resource; `next`: one is wanted that begins after this one. */
  readonly #running = new Map<ResourceId, { readonly startedAt: number; next: boolean; readonly end: Promise<void> }>()

  constructor(options: ChecksByBuildsOptions) {
    this.#options = options
  }

  want(_job: number, checks: readonly WantedCheck[]): Promise<void> {
    for (const { resource, after } of checks) {
      const running = this.#running.get(resource)
      if (running === undefined) this.#begin(resource)
      else running.next ||= running.startedAt < after
    }
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled([...this.#running.values()].map(({ end }) => end))
  }

  #begin(resource: ResourceId): void {
    if (this.#stopping.signal.aborted) return
    const startedAt = this.#options.builds.clock.now()
    const end = this.#check(resource, startedAt)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.log.warn({ err: error, component: 'scheduler', resource }, 'checking a resource that a build waits for failed')
      })
      .then(() => {
        const next = this.#running.get(resource)?.next
        this.#running.delete(resource)
        if (next === true) this.#begin(resource)
      })
    this.#running.set(resource, { startedAt, next: false, end })
  }

  async #check(id: ResourceId, startedAt: number): Promise<void> {
    const { resources, pipelines, configs, builds } = this.#options
    const row = await resources.resource(id)
    const pipeline = row && (await pipelines.get(row.pipelineId))
    const config = pipeline && (await configs.of(pipeline))
    const resource = config?.resources?.find(({ name }) => name === row?.name)
    if (pipeline === undefined || config === undefined || resource === undefined) return
    const plan = planCheck(config, resource, '1')
    const context = encodeStoredBuild({ varSources: config.var_sources ?? [], runtime: builds.runtime, plan })
    const scope = { teamId: pipeline.teamId, pipelineId: pipeline.id }
    const build = await builds.builds.createStarted({ kind: 'check', name: 'check', scope }, context, startedAt)
    await this.#run(build)
    const status = (await builds.builds.get(build))?.status
    if (status === 'started') return // this process stops; the build is gone on with
    await resources.ended(id, startedAt, status === 'succeeded' ? undefined : `the check ${status ?? 'was removed'} (build ${build})`)
  }

  /** To its end, here or in the process that has it. */
  async #run(buildId: number): Promise<void> {
    const { engine, events } = this.#options.builds
    const claimed = await engine.claim(buildId)
    if (claimed !== undefined) return void (await claimed.end)
    for await (const _events of events.stream(buildId, { signal: this.#stopping.signal }));
  }
}
