import { checkInputs, type CheckInputsError } from '../builds/check-inputs.ts'
import { chooseInputs, type InputChoice } from '../builds/choose-inputs.ts'
import type { BuildPorts } from '../builds/ports.ts'
import type { JobConfig, PipelineConfig } from '../model/config.ts'
import type { PendingReason } from '../model/listed-build.ts'
import type { BuildScope } from '../model/build.ts'
import type { Job } from '../model/pipeline.ts'
import type { Version } from '../model/version.ts'
import type { SchedulerStore } from './ports.ts'
import { newestInAll, versionsOf } from './passed.ts'

/** Builds of a job that are looked at for a version that passed it. */
const lookedAt = 50

export interface InputsWanted {
  readonly config: PipelineConfig
  readonly job: JobConfig
  readonly jobs: readonly Job[]
  readonly scope: BuildScope
  readonly signal: AbortSignal
}

export type Chosen =
  | { readonly kind: 'chosen'; readonly inputs: ReadonlyMap<string, Version> }
  | { readonly kind: 'wait'; readonly reason: PendingReason; /** A check failed: it is not to be repeated at once. */ readonly failed: boolean }
  /** The job cannot be built like this. */
  | { readonly kind: 'never'; readonly message: string }

/** Versions for the inputs of a job: pins, else what passed, else what a check finds now. Nothing is checked while an input that must have passed has no version. */
export async function chooseVersions(ports: BuildPorts, store: SchedulerStore, wanted: InputsWanted): Promise<Chosen> {
  const { config, job, signal, scope } = wanted
  const choices = chooseInputs(config, job, { local: new Set(), versions: new Map() })
  if (!choices.ok) return { kind: 'never', message: choices.error.kind === 'unknown-resource' ? `get ${choices.error.step}: there is no resource ${choices.error.resource}` : `there is no input ${choices.error.input}` }
  const inputs = new Map<string, Version>()
  const toCheck: InputChoice[] = []
  for (const choice of choices.value) {
    if (choice.kind === 'pinned') inputs.set(choice.name, choice.version)
    else if (choice.kind === 'newest' && choice.passed.length > 0) {
      const version = await passedVersion(ports, store, wanted.jobs, choice)
      if (version === undefined) return { kind: 'wait', failed: false, reason: { kind: 'input', input: choice.name, message: notPassed(choice) } }
      inputs.set(choice.name, version)
    } else toCheck.push(choice)
  }
  const checked = await checkInputs(ports, { config, scope, choices: toCheck, stored: {}, signal, onChecking: () => Promise.resolve() })
  if (!checked.ok) return { kind: 'wait', failed: true, reason: { kind: 'inputs', message: checkFailure(checked.error) } }
  for (const [name, version] of checked.value) inputs.set(name, version)
  return { kind: 'chosen', inputs }
}

type Newest = Extract<InputChoice, { kind: 'newest' }>

async function passedVersion({ builds }: BuildPorts, store: SchedulerStore, jobs: readonly Job[], { resource, passed }: Newest): Promise<Version | undefined> {
  const used = await Promise.all(
    passed.map(async (name) => {
      const job = jobs.find((one) => one.name === name)
      const ids = job === undefined ? [] : await store.succeeded(job.id, lookedAt)
      return Promise.all(ids.map(async (id) => versionsOf((await builds.get(id))?.context ?? {}, await builds.steps(id), resource.name)))
    }),
  )
  return newestInAll(used)
}

const notPassed = ({ resource, passed }: Newest): string => `no version of ${resource.name} has passed ${passed.length === 1 ? `job ${passed[0] ?? ''}` : `all of the jobs ${passed.join(', ')}`} yet`

function checkFailure(error: CheckInputsError): string {
  switch (error.kind) {
    case 'checks-not-succeeded':
      return `the check of the inputs ${error.status === 'gone' ? 'is gone' : error.status}; it is tried again in a minute`
    case 'no-version':
      return `the check of ${error.resource} found no version; it is tried again in a minute`
  }
}
