import { resourceOf } from '../config/walk-steps.ts'
import { encodeStoredBuild, type StoredBuild } from '../engine/stored-build.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { JobConfig, PipelineConfig } from '../model/config.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import { planJob, type PlanError } from '../planner/job-plan.ts'
import type { BuildPorts, CreatedBuild } from './ports.ts'
import { checkInputs, type CheckInputsError } from './check-inputs.ts'
import { chooseInputs, type ChooseInputsError, type InputChoice, type RequestedInputs } from './choose-inputs.ts'
import type { RunNotice } from './run-notice.ts'
import { putsOf, withoutPuts } from './without-puts.ts'

/** Stores an input; called once everything else about the run is known to be right. The error is a sentence. */
export type LocalInput = () => Promise<Result<ArtifactRef, string>>

/** A run of a job, with whatever the inputs are when it is created. */
export interface NewRun {
  readonly config: PipelineConfig
  readonly job: JobConfig
  readonly pipeline: string
  readonly stored: Omit<StoredBuild, 'plan' | 'artifacts' | 'runtime' | 'varSources'>
  readonly localInputs: ReadonlyMap<string, LocalInput>
  readonly inputVersions: RequestedInputs['versions']
  readonly skipPuts: 'none' | 'all' | ReadonlySet<string>
}

export interface RunObserver {
  readonly notice: (notice: RunNotice) => void
  /** The inputs are being checked by this build; the run is created when both have ended. */
  readonly checking: (build: CreatedBuild) => Promise<void>
}

export type CreateRunError =
  | ChooseInputsError
  | CheckInputsError
  | PlanError
  /** The job must not be begun here. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'input-not-stored'; readonly input: string; readonly reason: string }

/** Chooses the inputs of a job, plans it, and creates a build that an engine may claim. */
export async function createRun(ports: BuildPorts, run: NewRun, observer: RunObserver, signal: AbortSignal): Promise<Result<CreatedBuild, CreateRunError>> {
  const { config, pipeline } = run
  const local = new Set(run.localInputs.keys())
  const job = leaveOutPuts(run, observer)
  const choices = chooseInputs(config, job, { local, versions: run.inputVersions })
  if (!choices.ok) return choices
  const reason = await refusal(ports, { config, job, local, choices: choices.value, observer, signal })
  if (reason !== undefined) return fail({ kind: 'refused', reason })
  const artifacts = await storeInputs(run.localInputs)
  if (!artifacts.ok) return artifacts
  for (const choice of choices.value) explain(choice, observer)
  const pipelineScope = await ports.scopes.ensure({ team: 'main', pipeline }, ports.clock.now())
  const checked = await checkInputs(ports, { config, scope: pipelineScope, choices: choices.value, stored: run.stored, signal, onChecking: observer.checking })
  if (!checked.ok) return checked
  const inputs = new Map<string, Version>(checked.value)
  for (const choice of choices.value) if (choice.kind === 'pinned') inputs.set(choice.name, choice.version)
  for (const [input, version] of inputs) observer.notice({ kind: 'input-version', input, version })
  announcePuts(config, job, observer)

  const plan = planJob(config, job, { inputs, local, manual: true })
  if (!plan.ok) return plan
  const now = ports.clock.now()
  const scope = await ports.scopes.ensure({ team: 'main', pipeline, job: job.name }, now)
  const context = encodeStoredBuild({ ...run.stored, varSources: run.config.var_sources ?? [], runtime: ports.runtime, artifacts: artifacts.value, plan: plan.value })
  return ok({ buildId: await ports.builds.createStarted({ kind: 'job', scope }, context, now), plan: plan.value })
}

interface Refusable {
  readonly config: PipelineConfig
  readonly job: JobConfig
  readonly local: ReadonlySet<string>
  readonly choices: readonly InputChoice[]
  readonly observer: RunObserver
  readonly signal: AbortSignal
}

/** Asked before anything is checked or fetched: a job that would come to a step which must not run here, or cannot, does not begin. */
async function refusal(ports: BuildPorts, { config, job, local, choices, observer, signal }: Refusable): Promise<string | undefined> {
  // Versions are not known yet, and have no part in what is refused: images and privileges.
  const plan = planJob(config, job, { inputs: new Map(choices.map(({ name }) => [name, {}])), local, manual: true })
  if (!plan.ok) return undefined // reported when the job is planned with its versions
  return ports.refusal(plan.value, signal, (line) => observer.notice({ kind: 'waiting', line }))
}

function leaveOutPuts({ job, skipPuts }: NewRun, { notice }: RunObserver): JobConfig {
  if (skipPuts === 'none') return job
  const skipped = (put: string): boolean => skipPuts === 'all' || skipPuts.has(put)
  for (const { put } of putsOf(job)) if (skipped(put)) notice({ kind: 'put-left-out', put })
  return withoutPuts(job, skipped)
}

async function storeInputs(inputs: NewRun['localInputs']): Promise<Result<Record<string, ArtifactRef>, CreateRunError>> {
  const artifacts: Record<string, ArtifactRef> = {}
  for (const [input, store] of inputs) {
    const stored = await store()
    if (!stored.ok) return fail({ kind: 'input-not-stored', input, reason: stored.error })
    artifacts[input] = stored.value
  }
  return ok(artifacts)
}

function explain(choice: InputChoice, { notice }: RunObserver): void {
  switch (choice.kind) {
    case 'local':
      return notice({ kind: 'local-input', input: choice.name })
    case 'pinned':
      return notice({ kind: 'pinned-input', input: choice.name, by: choice.by })
    case 'newest':
      if (choice.passed.length > 0) notice({ kind: 'passed-ignored', input: choice.name, passed: choice.passed })
  }
}

/** Says what the job is about to change outside, before it does. */
function announcePuts(config: PipelineConfig, job: JobConfig, { notice }: RunObserver): void {
  for (const put of putsOf(job)) {
    const resource = config.resources?.find((candidate) => candidate.name === resourceOf(put))
    notice({ kind: 'put', put: put.put, ...(resource && { resource }) })
  }
}
