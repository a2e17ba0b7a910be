import { formatPath, pathOf } from '../config/path.ts'
import type { JobConfig, PipelineConfig } from '../model/config.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { PresentRows, RowChanges, RowChangesError, TableChanges, WantedJob } from './ports.ts'
import { renames } from './renames.ts'
import { wantedInputs } from './wanted-inputs.ts'
import { wantedResource, wantedTypes } from './wanted-resources.ts'

/**
 * What becomes of a pipeline's rows when a config is set. A job or resource keeps its row, and so its builds, numbers and versions, by its
 * name or its `old_name`; one that the config has no more becomes inactive, and gets its row back when it comes back.
 */
export function rowChanges(present: PresentRows, config: PipelineConfig): Result<RowChanges, RowChangesError> {
  const { jobs: jobConfigs = [], resources: resourceConfigs = [] } = config
  const unstorable = unstorableText(config)
  if (unstorable !== undefined) return fail({ kind: 'unstorable', path: unstorable })
  const jobs = changesOf(present.jobs, jobConfigs, wantedJob)
  if (!jobs.ok) return fail({ kind: 'swapped', what: 'job', names: jobs.error })
  const resources = changesOf(present.resources, resourceConfigs, wantedResource)
  if (!resources.ok) return fail({ kind: 'swapped', what: 'resource', names: resources.error })
  return ok({
    jobs: jobs.value,
    resources: resources.value,
    types: wantedTypes(config),
    inputs: wantedInputs(jobConfigs),
    serialGroups: jobConfigs.flatMap((job) => groupsOf(job).map((group) => ({ job: job.name, group }))),
  })
}

function changesOf<Row extends { readonly id: number; readonly name: string; readonly active: boolean }, Config extends { readonly name: string; readonly old_name?: string }, Wanted>(
  present: readonly Row[],
  configs: readonly Config[],
  wanted: (config: Config, row: Row | undefined) => Wanted,
): Result<TableChanges<Wanted>, readonly string[]> {
  const renamed = renames(present, configs)
  if (!renamed.ok) return renamed
  const rows = new Map(present.map((row) => [row.id, row]))
  const moved = new Set(renamed.value.map(({ id }) => id))
  const remove = renamed.value.flatMap(({ remove: id }) => (id === undefined ? [] : [id]))
  const byName = new Map(present.flatMap((row) => (moved.has(row.id) || remove.includes(row.id) ? [] : [[row.name, row] as const])))
  for (const { id, name } of renamed.value) byName.set(name, rows.get(id) as Row)

  const insert: Wanted[] = []
  const update: ({ readonly id: number } & Wanted)[] = []
  const kept = new Set(remove)
  for (const config of configs) {
    const row = byName.get(config.name)
    if (row === undefined) insert.push(wanted(config, undefined))
    else {
      update.push({ id: row.id, ...wanted(config, row) })
      kept.add(row.id)
    }
  }
  const deactivate = present.filter(({ id, active }) => active && !kept.has(id)).map(({ id }) => id)
  return ok({ remove, rename: renamed.value.map(({ id, name }) => ({ id, name })), insert, update, deactivate })
}

function wantedJob(job: JobConfig): WantedJob {
  const maxInFlight = maxInFlightOf(job)
  return { name: job.name, public: job.public ?? false, ...(maxInFlight !== undefined && { maxInFlight }) }
}

function maxInFlightOf({ serial, serial_groups = [], max_in_flight }: JobConfig): number | undefined {
  if (serial === true || serial_groups.length > 0) return 1
  return max_in_flight !== undefined && max_in_flight > 0 ? max_in_flight : undefined
}

/** A limited job without groups of its own is in the group of its name, as in Concourse: another job may name that group. */
function groupsOf(job: JobConfig): readonly string[] {
  const { serial_groups: groups = [] } = job
  if (groups.length > 0) return [...new Set(groups)]
  return maxInFlightOf(job) === undefined ? [] : [job.name]
}

/** The place of a text that becomes part of a row, and that no database holds. */
function unstorableText({ jobs = [], resources = [], resource_types = [], prototypes = [] }: PipelineConfig): string | undefined {
  const lists = { jobs, resources, resource_types, prototypes }
  for (const [list, items] of Object.entries(lists)) {
    for (const [i, { name }] of items.entries()) if (!storable(name)) return formatPath(pathOf(list, i, 'name'))
  }
  for (const [i, { version, type }] of resources.entries()) {
    if (!storable(type)) return formatPath(pathOf('resources', i, 'type'))
    if (!storable(version)) return formatPath(pathOf('resources', i, 'version'))
  }
  for (const { list, items } of [{ list: 'resource_types', items: resource_types }, { list: 'prototypes', items: prototypes }]) {
    for (const [i, { type }] of items.entries()) if (!storable(type)) return formatPath(pathOf(list, i, 'type'))
  }
  for (const [i, job] of jobs.entries()) {
    if (!storable(job.serial_groups)) return formatPath(pathOf('jobs', i, 'serial_groups'))
    if (!wantedInputs([job]).every(({ name, pin }) => storable(name) && storable(pin))) return formatPath(pathOf('jobs', i, 'plan'))
  }
  return undefined
}

function storable(value: string | readonly string[] | Readonly<Record<string, string>> | undefined): boolean {
  const texts = typeof value === 'string' ? [value] : Object.entries(value ?? {}).flat()
  return texts.every((text) => !text.includes('\0') && text.isWellFormed())
}
