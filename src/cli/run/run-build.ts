import { resolve } from 'node:path'
import type { App } from '../../app/open-app.ts'
import { putDirectory } from '../../artifacts/pack.ts'
import { resourceOf } from '../../config/walk-steps.ts'
import { refusedPlan } from '../../engine/refused-plan.ts'
import { encodeStoredBuild, type StoredBuild } from '../../engine/stored-build.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { PipelineConfig, JobConfig } from '../../model/config.ts'
import type { Plan } from '../../model/plan.ts'
import { planJob, type PlanError } from '../../planner/job-plan.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { secrets } from '../terminal.ts'
import { checkInputs } from './check-inputs.ts'
import type { FollowOptions } from './follow.ts'
import { jobInputs, puts, type InputChoice, type InputOptions } from './job-inputs.ts'
import { targetsOf } from './source-target.ts'
import { withoutPuts } from './without-puts.ts'

export interface NewRun {
  readonly config: PipelineConfig
  readonly job: JobConfig
  readonly pipeline: string
  readonly stored: Omit<StoredBuild, 'plan'>
  /** `--input name=DIR`. */
  readonly localInputs: ReadonlyMap<string, string>
  readonly inputVersions: InputOptions['versions']
  /** `--no-put`: all, or by name. */
  readonly skipPuts: 'none' | 'all' | ReadonlySet<string>
  readonly say: (line: string) => void
}

export interface CreatedRun {
  readonly buildId: number
  readonly plan: Plan
}

/** Chooses the job's inputs, plans it, and puts the build where the engine finds it. */
export async function createRun(
  app: App,
  run: NewRun,
  options: Omit<FollowOptions, 'app' | 'buildId' | 'plan'>,
  onBuild: (buildId: number) => void,
): Promise<CreatedRun> {
  const job = leaveOutPuts(run)
  const choices = jobInputs(run.config, job, { local: new Set(run.localInputs.keys()), versions: run.inputVersions })
  await refusePlan(app, run, job, choices, options.signal)
  const artifacts = await packInputs(app, run.localInputs)
  explain(choices, run)
  const stored = { ...run.stored, runtime: app.runtime.options }
  const checked = await checkInputs(app, run.config, run.pipeline, choices, stored, options, onBuild)
  const inputs = new Map(checked)
  for (const choice of choices) if (choice.kind === 'pinned') inputs.set(choice.name, choice.version)
  for (const [name, version] of inputs) run.say(`input ${name}: ${showVersion(version)}`)
  announcePuts(run.config, job, run.say)

  const plan = planJob(run.config, job, { inputs, local: new Set(run.localInputs.keys()), manual: true })
  if (!plan.ok) throw new CommandError(describePlanError(plan.error), exitStatus.errored)
  const context = encodeStoredBuild({ ...stored, artifacts, plan: plan.value })
  const now = app.services.clock.now()
  const scope = await app.stores.scopes.ensure({ team: 'main', pipeline: run.pipeline, job: job.name }, now)
  const buildId = await app.stores.builds.createStarted({ kind: 'job', scope }, context, now)
  onBuild(buildId)
  return { buildId, plan: plan.value }
}

/** Before anything is checked or fetched: a job that would end in a step which may not run here, or cannot, does not begin. */
async function refusePlan(app: App, { config, localInputs, say }: NewRun, job: JobConfig, choices: readonly InputChoice[], signal: AbortSignal): Promise<void> {
  // Versions are not known yet, and say nothing about images and privileges.
  const plan = planJob(config, job, { inputs: new Map(choices.map(({ name }) => [name, {}])), local: new Set(localInputs.keys()), manual: true })
  if (!plan.ok) return // said where it is planned for good
  const refused = await refusedPlan(app.services, plan.value, signal, say)
  if (refused !== undefined) throw new CommandError(refused, exitStatus.errored)
}

function leaveOutPuts({ job, skipPuts, say }: NewRun): JobConfig {
  if (skipPuts === 'none') return job
  const left = puts(job).map((put) => put.put).filter((name) => skipPuts === 'all' || skipPuts.has(name))
  for (const name of left) say(`put ${name} is left out (--no-put)`)
  return withoutPuts(job, (name) => skipPuts === 'all' || skipPuts.has(name))
}

async function packInputs(app: App, inputs: ReadonlyMap<string, string>): Promise<Record<string, ArtifactRef>> {
  const artifacts: Record<string, ArtifactRef> = {}
  for (const [name, directory] of inputs) {
    const packed = await putDirectory(app.stores.artifacts, resolve(directory)).catch((error: unknown) => {
      throw new CommandError(`--input ${name}=${directory}: ${error instanceof Error ? error.message : String(error)}`)
    })
    if (!packed.ok) throw new CommandError(`--input ${name}=${directory}: ${packed.error.message}`)
    artifacts[name] = packed.value
  }
  return artifacts
}

function explain(choices: readonly InputChoice[], { localInputs, say }: NewRun): void {
  for (const choice of choices) {
    switch (choice.kind) {
      case 'local':
        say(`input ${choice.name}: the folder ${localInputs.get(choice.name) ?? ''}`)
        break
      case 'pinned':
        say(`input ${choice.name}: pinned by ${choice.by}`)
        break
      case 'newest':
        if (choice.passed.length > 0) {
          say(`input ${choice.name}: passed ${choice.passed.join(', ')} is taken as satisfied (there is no history here): the newest version is used`)
        }
    }
  }
}

/** What the job is about to change in the world, before it does. */
function announcePuts(config: PipelineConfig, job: JobConfig, say: (line: string) => void): void {
  for (const put of puts(job)) {
    const resource = config.resources?.find((candidate) => candidate.name === resourceOf(put))
    const target = resource === undefined ? '' : ` to ${[resource.type, ...targetsOf(resource.source, (text) => secrets.redact(text))].join(' ')}`
    say(`put ${put.put} will push${target} (--no-put leaves it out)`)
  }
}

function showVersion(version: Readonly<Record<string, string>>): string {
  return Object.entries(version).map(([key, value]) => `${key}: ${value}`).join(', ')
}

function describePlanError(error: PlanError): string {
  switch (error.kind) {
    case 'unknown-resource':
      return `step "${error.step}": there is no resource "${error.resource}"`
    case 'no-version':
      return `no version was found for input "${error.step}"`
    case 'not-built':
      return `step "${error.step}": ${error.feature} is not built yet`
  }
}
