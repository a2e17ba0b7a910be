import { resourceOf, stepsOfJob } from '../../config/walk-steps.ts'
import type { GetStepConfig, JobConfig, PipelineConfig, PutStepConfig, ResourceConfig } from '../../model/config.ts'
import type { Version } from '../../model/version.ts'
import { CommandError } from '../exit.ts'

/** Where an input's version comes from. */
export type InputChoice =
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'pinned'; readonly name: string; readonly version: Version; readonly by: string }
  | { readonly kind: 'newest'; readonly name: string; readonly resource: ResourceConfig; readonly passed: readonly string[] }

export interface InputOptions {
  /** `--input name=DIR`: names. */
  readonly local: ReadonlySet<string>
  /** `--input-version name=key:value`, by name. */
  readonly versions: ReadonlyMap<string, Version>
}

/** One choice for each get step; a pin on the command line stands above the step's, the step's above the resource's. */
export function jobInputs(config: PipelineConfig, job: JobConfig, options: InputOptions): InputChoice[] {
  const gets = stepsOf(job).filter((step) => step.kind === 'get')
  const names = new Set(gets.map((step) => step.get))
  for (const name of [...options.local, ...options.versions.keys()]) {
    if (!names.has(name)) {
      throw new CommandError(`job "${job.name}" has no input "${name}"; ${names.size === 0 ? 'it has none' : `its inputs are: ${[...names].join(', ')}`}`)
    }
  }
  return [...new Map(gets.map((step) => [step.get, choose(config, step, options)])).values()]
}

function choose(config: PipelineConfig, step: GetStepConfig, options: InputOptions): InputChoice {
  const name = step.get
  if (options.local.has(name)) return { kind: 'local', name }
  const given = options.versions.get(name)
  if (given !== undefined) return { kind: 'pinned', name, version: given, by: '--input-version' }
  if (typeof step.version === 'object') return { kind: 'pinned', name, version: step.version, by: 'the get step' }
  const resource = config.resources?.find((candidate) => candidate.name === resourceOf(step))
  if (resource === undefined) throw new CommandError(`get "${name}": there is no resource "${resourceOf(step)}"`)
  if (resource.version !== undefined) return { kind: 'pinned', name, version: resource.version, by: `resource ${resource.name}` }
  return { kind: 'newest', name, resource, passed: step.passed ?? [] }
}

/** `name=key:value`, repeatable: pairs of one name make one version. */
export function parseInputVersions(pairs: readonly string[]): Map<string, Version> {
  const versions = new Map<string, Record<string, string>>()
  for (const pair of pairs) {
    const parts = /^([^=]+)=([^:]+):(.*)$/s.exec(pair)
    if (parts === null) throw new CommandError(`--input-version "${pair}": write it as name=key:value, e.g. repo=ref:4d2a9c1`)
    const [, name = '', key = '', value = ''] = parts
    versions.set(name, { ...versions.get(name), [key]: value })
  }
  return versions
}

export function puts(job: JobConfig): PutStepConfig[] {
  return stepsOf(job).filter((step) => step.kind === 'put')
}

function stepsOf(job: JobConfig) {
  return [...stepsOfJob(job)].map(({ step }) => step)
}
