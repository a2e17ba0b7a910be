import type { ReusedBuild } from '../builds/reused-build.ts'
import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { Clock } from '../lib/clock.ts'
import { parseDuration } from '../lib/duration.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { ReuseFrom } from '../model/rerun.ts'
import type { Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import { planJob, type PlanError } from '../planner/job-plan.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { Unsatisfied } from './algorithm/resolve.ts'
import { choose, type Chosen } from './choose.ts'
import { decide, type RequestedChoice, type Starting } from './decide.ts'
import { withChosen } from './requested-versions.ts'
import type { CheckRequests, ChosenInput, ClaimedJob, EndedBuild, JobInput, JobSnapshot, SchedulerStore, StartedBuild } from './ports.ts'

export interface PassPorts {
  readonly store: SchedulerStore
  readonly configs: PipelineConfigs
  readonly checks: CheckRequests
  /** What a rerun that begins at a step starts with; the error says why it cannot. */
  readonly reuse: (from: ReuseFrom) => Promise<Result<ReusedBuild, string>>
  /** Stored in each build: how to reach the runtime that holds its containers. */
  readonly runtime: object
  readonly clock: Clock
}

/** Jobs whose unsatisfied groups are kept in memory; of others they are found out anew. */
const remembered = 10_000
/** A job whose config is not there is looked at again after it. */
const lookAgainMs = 1_000
/** Where the end of a check that a build waits for is missed, the check is requested again after this time. */
const askAgainMs = 60_000
/** The default of `check_every`. */
const minuteMs = 60_000

/** Looks at one job and does what is to be done: decides by what was read, and changes it in one transaction. */
export class Pass {
  readonly #ports: PassPorts
  readonly #owner: string
  readonly #unsatisfied = new KeptMap<number, readonly Unsatisfied[]>(remembered)

  constructor(ports: PassPorts, owner: string) {
    this.#ports = ports
    this.#owner = owner
  }

  async run({ wanted }: ClaimedJob, read: JobSnapshot): Promise<void> {
    const { store, configs, checks, clock } = this.#ports
    const { id, configVersion } = read.pipeline
    const config = configVersion === undefined ? undefined : await configs.of({ id, configVersion })
    // Set anew since it was read: the next pass reads it as it is then. Not at once, or a config that is not there would be looked for without end.
    if (configVersion !== undefined && config === undefined) return store.release(read.jobId, this.#owner, clock.now() + lookAgainMs)
    const job = { ...read, inputs: read.inputs.map((input) => withDueTime(input, config)) }
    const choice = startable(job) ? await this.#choose(job) : undefined
    const requested = startable(job) ? await this.#requestedChoice(job) : undefined
    const decision = decide(job, choice, clock.now(), requested)
    const { jobId } = job
    // Before the change is durable, so that a check is wanted of whatever waits for one.
    if (decision.checks.length > 0) await checks.want(decision.checks, clock.now())
    const taken = decision.start?.requested === true ? requested?.choice : choice
    const planned = decision.start && config && taken ? await this.#plan(job, config, decision.start, taken) : undefined
    const failed = planned !== undefined && 'message' in planned ? planned : undefined
    const start = planned !== undefined && !('message' in planned) ? planned : undefined
    const { create, waits, again, hasNew, notTriggered } = decision
    const applied = await store.apply({
      jobId, wanted, owner: this.#owner, now: clock.now(), configVersion, create, waits, hasNew, notTriggered,
      ...(start && { start }),
      ends: [...decision.ends, ...(failed ? [failed] : [])],
      again: again || failed !== undefined,
      ...(decision.checks.length > 0 && { againAt: clock.now() + askAgainMs }),
    })
    // Set anew meanwhile, or the lease ran out: whoever passes the job next need not wait for the lease's end.
    if (applied.kind === 'lost') await store.release(jobId, this.#owner, clock.now())
  }

  async #choose(job: JobSnapshot): Promise<Chosen> {
    const choice = await choose(this.#ports.store, job, this.#unsatisfied.get(job.jobId) ?? [])
    if (choice.unsatisfied.length > 0) this.#unsatisfied.set(job.jobId, choice.unsatisfied)
    else this.#unsatisfied.delete(job.jobId)
    return choice
  }

  /** Only the first pending build can start: what those behind it would take is chosen when it is their turn. */
  async #requestedChoice(job: JobSnapshot): Promise<(RequestedChoice & { readonly choice: Chosen }) | undefined> {
    const first = job.pending.find(({ cause, chosen }) => !(cause.kind === 'rerun' && cause.gone !== undefined) && chosen?.gone === undefined)
    if (first?.chosen === undefined) return undefined
    const { versions } = first.chosen
    return { build: first.build, choice: await choose(this.#ports.store, { jobId: job.jobId, inputs: withChosen(job.inputs, versions) }, []) }
  }

  /** What the build is started with, or why it cannot be planned. */
  async #plan(job: JobSnapshot, config: PipelineConfig, { build, order, cause }: Starting, choice: Chosen): Promise<StartedBuild | EndedBuild> {
    const { store, runtime } = this.#ports
    const { inputs, pipes } = cause.kind === 'rerun' ? await store.inputsOf(cause.of) : { inputs: chosenInputs(job.inputs, choice), pipes: choice.pipes }
    const contents = await store.versions(inputs.map(({ version }) => version))
    const versions = new Map<string, Version>(inputs.map(({ name, version }) => [name, contents.get(version) ?? {}]))
    const jobConfig = config.jobs?.find(({ name }) => name === job.name)
    const failed = (message: string): EndedBuild => ({ build, status: 'errored', message })
    if (jobConfig === undefined) return failed(`the pipeline's config has no job ${job.name} any more`)
    const starting = { build, order, inputs, pipes, ...(job.slots && { slots: job.slots }) }
    if (cause.kind === 'rerun' && cause.reuse !== undefined) {
      const reused = await this.#ports.reuse(cause.reuse)
      return reused.ok ? { ...starting, ...plannedFrom(reused.value.configVersion), context: { ...reused.value.context, runtime: { ...runtime } }, reused: { build: cause.reuse.build, steps: reused.value.steps } } : failed(reused.error)
    }
    const params = cause.kind === 'automatic' ? {} : await store.paramsOf(cause.kind === 'rerun' ? cause.of : build === 'created' ? 0 : build)
    const plan = planJob(config, jobConfig, { inputs: versions, manual: cause.kind === 'manual', params })
    if (!plan.ok) return failed(planFailure(plan.error))
    const context = encodeStoredBuild({ runtime, plan: plan.value, varSources: config.var_sources ?? [] })
    return { ...starting, ...plannedFrom(job.pipeline.configVersion), context }
  }
}

const plannedFrom = (configVersion: number | undefined): Pick<StartedBuild, 'configVersion'> => (configVersion === undefined ? {} : { configVersion })

const startable = ({ active, paused, pipeline }: JobSnapshot): boolean => active && !paused && !pipeline.paused && !pipeline.archived

/** Builds of a job that has no versions to choose take none. */
function chosenInputs(inputs: readonly JobInput[], { versions, firsts }: Chosen): ChosenInput[] {
  return inputs.flatMap(({ name, resource }) => {
    const version = versions.get(name)
    return version === undefined ? [] : [{ name, resource, version, firstOccurrence: firsts.has(name) }]
  })
}

/** When the next check of an input's resource is due by its `check_every`. */
function withDueTime(input: JobInput, config: PipelineConfig | undefined): JobInput {
  const every = config?.resources?.find(({ name }) => name === input.of)?.check_every
  if (every === 'never') return input
  const interval = every === undefined || every === '' ? minuteMs : (parseDuration(every) ?? minuteMs)
  const { endedAt } = input.check
  return { ...input, check: { ...input.check, dueAt: endedAt === undefined ? 0 : endedAt + interval } }
}

function planFailure(error: PlanError): string {
  switch (error.kind) {
    case 'unknown-resource':
      return `step ${error.step}: there is no resource ${error.resource}`
    case 'unknown-prototype':
      return `step ${error.step}: there is no prototype ${error.prototype}`
    case 'no-input-version':
      return `no version was chosen for input ${error.step}`
  }
}
