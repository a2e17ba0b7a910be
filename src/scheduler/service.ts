import type { BuildPorts } from '../builds/ports.ts'
import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { PendingReason } from '../model/listed-build.ts'
import { planJob, type PlanError } from '../planner/job-plan.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { PipelineStore } from '../pipelines/ports.ts'
import { chooseVersions } from './choose.ts'
import { blocked, countedJobs, limitOf } from './decide.ts'
import type { PendingBuild, SchedulerStore } from './ports.ts'

export interface SchedulerOptions {
  readonly store: SchedulerStore
  readonly pipelines: PipelineStore
  readonly configs: PipelineConfigs
  readonly builds: BuildPorts
  readonly log: Log
}

/** Pending builds that are looked at in one pass. */
const most = 500
/** The net behind notifications, and how soon an ended build makes room for the next. */
const pollMs = 1_000
const afterFailedCheckMs = 60_000

/** Starts builds that were triggered by hand: chooses their inputs, plans them, and lets an engine claim them. */
export function scheduler(options: SchedulerOptions): Service {
  const { store, log } = options
  const { clock } = options.builds
  const pass = new Scheduler(options)
  const loop = periodic({ name: 'scheduler', clock, log, everyMs: pollMs, run: (signal) => pass.run(signal) })
  let unlisten: (() => Promise<void>) | undefined
  return {
    name: 'scheduler',
    async start() {
      unlisten = await store.onWanted(() => loop.wake())
      await loop.start()
    },
    async stop() {
      await unlisten?.()
      pass.stop()
      await loop.stop()
      await pass.idle()
    },
  }
}

class Scheduler {
  readonly #options: SchedulerOptions
  /** By build: its inputs are being chosen. */
  readonly #choosing = new Map<number, Promise<void>>()
  /** By build: its check failed, and is not repeated before. */
  readonly #notBefore = new Map<number, number>()
  readonly #stopping = new AbortController()

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  stop(): void {
    this.#stopping.abort()
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.#choosing.values())
  }

  /** Looks at each pending build once. A build waits behind an older one of its job. */
  async run(signal: AbortSignal): Promise<void> {
    const pending = await this.#options.store.pending(most)
    for (const id of this.#notBefore.keys()) if (!pending.some((build) => build.id === id)) this.#notBefore.delete(id)
    const first = new Map<number, string>()
    for (const build of pending) {
      if (signal.aborted) return
      const behind = first.get(build.jobId)
      first.set(build.jobId, behind ?? build.name)
      if (!this.#choosing.has(build.id)) await this.#look(build, behind)
    }
  }

  async #look(build: PendingBuild, behind: string | undefined): Promise<void> {
    const { store, pipelines, configs, builds } = this.#options
    const pipeline = await pipelines.get(build.pipelineId)
    const config = pipeline && (await configs.of(pipeline))
    const jobs = pipeline === undefined ? [] : await pipelines.jobs(pipeline.id)
    const job = jobs.find(({ id }) => id === build.jobId)
    const jobConfig = config?.jobs?.find(({ name }) => name === job?.name)
    if (pipeline === undefined || config === undefined || job === undefined || jobConfig === undefined) {
      return store.fail(build.id, `the pipeline's config has no job ${job?.name ?? ''} any more`, builds.clock.now())
    }
    const limit = limitOf(jobConfig)
    const counted = new Set(countedJobs(config, jobConfig))
    const running = limit === undefined ? 0 : await store.running(jobs.filter(({ name }) => counted.has(name)).map(({ id }) => id))
    const reason = blocked({ pipeline, job, running, limit, ...(behind !== undefined && { behind }) })
    if (reason !== undefined) return this.#waits(build, reason)
    if (builds.clock.now() < (this.#notBefore.get(build.id) ?? 0)) return

    const choosing = this.#start(build, { config, job: jobConfig, jobs, scope: { teamId: pipeline.teamId, pipelineId: pipeline.id }, signal: this.#stopping.signal })
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.log.warn({ err: error, component: 'scheduler', build: build.id }, 'a build could not be scheduled; trying again')
      })
      .finally(() => this.#choosing.delete(build.id))
    this.#choosing.set(build.id, choosing)
  }

  async #start(build: PendingBuild, wanted: Parameters<typeof chooseVersions>[2]): Promise<void> {
    const { store, builds } = this.#options
    const chosen = await chooseVersions(builds, store, wanted)
    switch (chosen.kind) {
      case 'wait':
        if (chosen.failed) this.#notBefore.set(build.id, builds.clock.now() + afterFailedCheckMs)
        return this.#waits(build, chosen.reason)
      case 'never':
        return store.fail(build.id, chosen.message, builds.clock.now())
      case 'chosen': {
        const plan = planJob(wanted.config, wanted.job, { inputs: chosen.inputs, manual: true })
        if (!plan.ok) return store.fail(build.id, planFailure(plan.error), builds.clock.now())
        await builds.builds.start(build.id, encodeStoredBuild({ varSources: wanted.config.var_sources ?? [], runtime: builds.runtime, plan: plan.value }), builds.clock.now())
      }
    }
  }

  async #waits(build: PendingBuild, reason: PendingReason): Promise<void> {
    if (JSON.stringify(build.reason) !== JSON.stringify(reason)) await this.#options.store.setReason(build.id, reason)
  }
}

function planFailure(error: PlanError): string {
  switch (error.kind) {
    case 'unknown-resource':
      return `step ${error.step}: there is no resource ${error.resource}`
    case 'unknown-prototype':
      return `step ${error.step}: there is no prototype ${error.prototype}`
    case 'no-input-version':
      return `no version was chosen for input ${error.step}`
    case 'not-built':
      return `step ${error.step}: ${error.feature} is not built yet`
  }
}
