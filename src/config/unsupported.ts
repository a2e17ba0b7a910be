import type { JobConfig, PipelineConfig, ResourceConfig, ResourceTypeConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import { sortFindings, type Finding } from './finding.ts'
import { ownFields } from './inner-steps.ts'
import { nearMiss } from './near-miss.ts'
import { formatPath, pathKeys, pathOf, under, type Path } from './path.ts'
import type { Positions } from './positions.ts'
import { quote } from './quote.ts'
import { unknownTypeHint } from './validate/types.ts'
import { varsIn } from './vars/interpolate.ts'
import { resourceOf, stepsOfJob } from './walk-steps.ts'

/** Types of var sources that can be asked. */
const asked: ReadonlySet<string> = new Set(['dummy', 'files', 'environment', 'vault', 'ssm', 'secretsmanager'])

/** Something that is parsed and checked, but cannot be run yet. */
interface Gap {
  readonly message: string
  readonly path: Path
}

/**
 * Findings for the features that a job, its resources and their types use and that Airside does not run yet. Other jobs of the pipeline
 * are not looked at. With `baseTypes`, a type that the job uses and that is neither defined nor one of them is a finding too.
 */
export function unsupported(config: PipelineConfig, jobName: string, positions: Positions, baseTypes?: Iterable<string>): readonly Finding[] {
  const index = config.jobs?.findIndex(({ name }) => name === jobName) ?? -1
  const job = config.jobs?.[index]
  if (job === undefined) return [unknownJob(config, jobName, positions)]

  const sources = new Set((config.var_sources ?? []).filter(({ type }) => !asked.has(type)).map((source) => source.name))
  const used = usedBy(config, job)
  const gaps: Gap[] = [
    ...jobGaps(job, pathOf('jobs', index), sources),
    ...(config.resources ?? []).flatMap((each, i) => (used.resources.has(each) ? varGaps(each, pathOf('resources', i), sources) : [])),
    ...(config.resource_types ?? []).flatMap((each, i) => (used.types.has(each) ? varGaps(each, pathOf('resource_types', i), sources) : [])),
  ]
  const blocking = gaps.map((gap) => finding(gap, positions))
  if (baseTypes !== undefined) blocking.push(...unknownTypes(config, used, new Set(baseTypes), positions))
  return sortFindings(blocking)
}

function jobGaps(job: JobConfig, path: Path | undefined, sources: ReadonlySet<string>): Gap[] {
  return [...stepsOfJob(job, path)].flatMap(({ step, path: at }) => varGaps(ownFields(step), at, sources))
}

function varGaps(fields: object, path: Path | undefined, sources: ReadonlySet<string>): Gap[] {
  if (sources.size === 0) return []
  return Object.entries(fields).flatMap(([key, value]: [string, Json]) => {
    const names = new Set(varsIn(value).flatMap(({ source }) => (source !== undefined && sources.has(source) ? [source] : [])))
    return [...names].map((name) => ({ message: `vars from the var source ${quote(name)} cannot be looked up yet`, path: under(path, key) }))
  })
}

interface Used {
  readonly resources: ReadonlySet<ResourceConfig>
  readonly types: ReadonlySet<ResourceTypeConfig>
}

/** The resources that the job gets and puts, their types and the types of its tasks' images, and the types of those types. */
function usedBy(config: PipelineConfig, job: JobConfig): Used {
  const byName = new Map((config.resources ?? []).map((resource) => [resource.name, resource]))
  const typesByName = new Map((config.resource_types ?? []).map((type) => [type.name, type]))
  const resources = new Set<ResourceConfig>()
  const types = new Set<ResourceTypeConfig>()
  const addType = (name: string): void => {
    for (let type = typesByName.get(name); type !== undefined && !types.has(type); type = typesByName.get(type.type)) types.add(type)
  }
  for (const { step } of stepsOfJob(job)) {
    if (step.kind === 'task' && step.config?.image_resource !== undefined) addType(step.config.image_resource.type)
    const resource = step.kind === 'get' || step.kind === 'put' ? byName.get(resourceOf(step)) : undefined
    if (resource === undefined) continue
    resources.add(resource)
    addType(resource.type)
  }
  return { resources, types }
}

function unknownTypes(config: PipelineConfig, { resources, types }: Used, baseTypes: ReadonlySet<string>, positions: Positions): Finding[] {
  const defined = new Map((config.resource_types ?? []).map((type) => [type.name, type]))
  const known = (thing: { readonly type: string }): boolean => {
    const type = defined.get(thing.type)
    return baseTypes.has(thing.type) || (type !== undefined && type !== thing)
  }
  const users = [
    ...(config.resources ?? []).map((thing, i) => ({ thing, used: resources.has(thing), path: pathOf('resources', i) })),
    ...(config.resource_types ?? []).map((thing, i) => ({ thing, used: types.has(thing), path: pathOf('resource_types', i) })),
  ]
  return users.flatMap(({ thing, used, path }) => {
    if (!used || known(thing)) return []
    const at = under(path, 'type')
    return [{ ...finding({ message: `there is no resource type ${quote(thing.type)}`, path: at }, positions), kind: 'unknown-reference' as const, hint: unknownTypeHint }]
  })
}

function finding({ message, path }: Gap, positions: Positions): Finding {
  return {
    severity: 'error',
    kind: 'unsupported',
    message,
    file: positions.file,
    ...positions.keyAt(pathKeys(path)),
    path: formatPath(path),
  }
}

function unknownJob(config: PipelineConfig, jobName: string, positions: Positions): Finding {
  const names = (config.jobs ?? []).map((job) => job.name)
  const near = nearMiss(jobName, names)
  return {
    severity: 'error',
    kind: 'unknown-reference',
    message: `there is no job ${quote(jobName)} in this pipeline`,
    file: positions.file,
    ...positions.keyAt(['jobs']),
    path: 'jobs',
    hint: near === undefined ? `its jobs are ${names.slice(0, 20).join(', ')}` : `did you mean \`${near}\`?`,
  }
}
