import type { JobConfig, PipelineConfig, ResourceConfig, ResourceTypeConfig } from '../model/config.ts'
import { sortFindings, type Finding } from './finding.ts'
import { nearMiss } from './near-miss.ts'
import { formatPath, pathKeys, pathOf, under } from './path.ts'
import type { Positions } from './positions.ts'
import { quote } from './quote.ts'
import { unknownTypeHint } from './validate/types.ts'
import { resourceOf, stepsOfJob } from './walk-steps.ts'

/**
 * What stands in the way of running a job: there is no such job, or, with `baseTypes`, it uses a type that is neither defined nor one of
 * them. Other jobs of the pipeline are not looked at.
 */
export function unrunnable(config: PipelineConfig, jobName: string, positions: Positions, baseTypes?: Iterable<string>): readonly Finding[] {
  const index = config.jobs?.findIndex(({ name }) => name === jobName) ?? -1
  const job = config.jobs?.[index]
  if (job === undefined) return [unknownJob(config, jobName, positions)]
  return baseTypes === undefined ? [] : sortFindings(unknownTypes(config, usedBy(config, job), new Set(baseTypes), positions))
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
    const message = `there is no resource type ${quote(thing.type)}`
    return [{ severity: 'error', kind: 'unknown-reference', message, file: positions.file, ...positions.keyAt(pathKeys(at)), path: formatPath(at), hint: unknownTypeHint } as const]
  })
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
