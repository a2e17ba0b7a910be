import { resourceOf, stepsOfJob } from '../config/walk-steps.ts'
import type { GetStepConfig, JobConfig, PipelineConfig, ResourceConfig } from '../model/config.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'

/** Where an input's version comes from. */
export type InputChoice =
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'pinned'; readonly name: string; readonly version: Version; readonly by: PinnedBy }
  | { readonly kind: 'newest'; readonly name: string; readonly resource: ResourceConfig; readonly passed: readonly string[] }

export type PinnedBy = { readonly kind: 'request' } | { readonly kind: 'get-step' } | { readonly kind: 'resource'; readonly resource: string }

export type ChooseInputsError =
  | { readonly kind: 'unknown-input'; readonly job: string; readonly input: string; readonly inputs: readonly string[] }
  | { readonly kind: 'unknown-resource'; readonly step: string; readonly resource: string }

export interface RequestedInputs {
  /** Names of inputs that are artifacts already, or will be. */
  readonly local: ReadonlySet<string>
  /** Versions by input. */
  readonly versions: ReadonlyMap<string, Version>
}

/** One choice for each get step. A requested version goes before the step's pin, and that before the resource's. */
export function chooseInputs(config: PipelineConfig, job: JobConfig, requested: RequestedInputs): Result<InputChoice[], ChooseInputsError> {
  const gets = [...stepsOfJob(job)].map(({ step }) => step).filter((step) => step.kind === 'get')
  const names = new Set(gets.map((step) => step.get))
  for (const input of [...requested.local, ...requested.versions.keys()]) {
    if (!names.has(input)) return fail({ kind: 'unknown-input', job: job.name, input, inputs: [...names] })
  }
  const choices: InputChoice[] = []
  for (const step of new Map(gets.map((get) => [get.get, get])).values()) {
    const choice = choose(config, step, requested)
    if (!choice.ok) return choice
    choices.push(choice.value)
  }
  return ok(choices)
}

function choose(config: PipelineConfig, step: GetStepConfig, requested: RequestedInputs): Result<InputChoice, ChooseInputsError> {
  const name = step.get
  if (requested.local.has(name)) return ok({ kind: 'local', name })
  const version = requested.versions.get(name)
  if (version !== undefined) return ok({ kind: 'pinned', name, version, by: { kind: 'request' } })
  if (typeof step.version === 'object') return ok({ kind: 'pinned', name, version: step.version, by: { kind: 'get-step' } })
  const resource = config.resources?.find((candidate) => candidate.name === resourceOf(step))
  if (resource === undefined) return fail({ kind: 'unknown-resource', step: name, resource: resourceOf(step) })
  if (resource.version !== undefined) return ok({ kind: 'pinned', name, version: resource.version, by: { kind: 'resource', resource: resource.name } })
  return ok({ kind: 'newest', name, resource, passed: step.passed ?? [] })
}
