import { canonicalJson } from '../lib/canonical-json.ts'
import type { Job, Resource } from '../model/pipeline.ts'
import type { PresentRows, RowChanges, TableChanges, WantedResource } from './ports.ts'

/** What setting a config does to jobs and resources, beyond what the config itself shows: a sentence for each. */
export function tellChanges(present: PresentRows, { jobs, resources }: RowChanges): readonly string[] {
  const rows = new Map(present.resources.map((row) => [row.id, row]))
  return [
    ...tellTable('job', 'builds', present.jobs, jobs),
    ...tellTable('resource', 'versions', present.resources, resources),
    ...resources.insert.flatMap((resource) => tellPin(undefined, resource)),
    ...resources.update.flatMap((resource) => [...tellHistory(rows.get(resource.id), resource), ...tellPin(rows.get(resource.id), resource)]),
  ]
}

function tellTable(what: string, kept: string, present: readonly (Job | Resource)[], changes: TableChanges<{ readonly name: string }>): readonly string[] {
  const rows = new Map(present.map((row) => [row.id, row]))
  const nameOf = (id: number): string => rows.get(id)?.name ?? ''
  const moved = new Set(changes.rename.map(({ id }) => id))
  return [
    ...changes.rename.map(({ id, name }) => `${what} ${name} keeps the ${kept} of ${nameOf(id)}`),
    ...changes.remove.map((id) => `the ${kept} of the former ${what} ${nameOf(id)} are removed: another ${what} takes its name by old_name`),
    ...changes.insert.map(({ name }) => `${what} ${name} is new`),
    ...changes.update.flatMap(({ id, name }) => (rows.get(id)?.active === false && !moved.has(id) ? [`${what} ${name} comes back with its ${kept}`] : [])),
    ...changes.deactivate.map((id) => `${what} ${nameOf(id)} goes; its ${kept} are kept`),
  ]
}

const tellHistory = (row: Resource | undefined, { name, keepsScope }: WantedResource): readonly string[] =>
  keepsScope || row?.scopeId === undefined ? [] : [`resource ${name} begins a new history of versions, since its type or source is another`]

function tellPin(row: Resource | undefined, { name, pin }: WantedResource): readonly string[] {
  const before = row?.pin
  if (pin === undefined) return before === undefined ? [] : [`resource ${name} is not pinned any more`]
  if (before?.inConfig === pin.inConfig && canonicalJson(before.version) === canonicalJson(pin.version)) return []
  return [`resource ${name} is pinned to ${canonicalJson(pin.version)}${before !== undefined && !before.inConfig ? ', in place of the pin that was set by hand' : ''}`]
}
