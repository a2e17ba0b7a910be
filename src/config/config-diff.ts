import { diffLines } from 'diff'
import type { Json, JsonObject } from '../model/json.ts'
import { writeYaml } from './yaml/write-yaml.ts'

/** One line of a changed item's YAML: taken away, added, or as before. */
export interface DiffLine {
  readonly change: 'removed' | 'added' | 'same'
  readonly text: string
}

/** An item of a config that is new, gone or other than before. */
export interface ItemDiff {
  /** As Concourse calls it: `resource type`, `job`, …; `display` and the like have no name. */
  readonly what: string
  readonly section: string
  readonly name?: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly lines: readonly DiffLine[]
}

/** In the order that fly shows them; the singular of each. */
const sections: Readonly<Record<string, string>> = {
  groups: 'group',
  var_sources: 'variable source',
  resources: 'resource',
  resource_types: 'resource type',
  prototypes: 'prototype',
  jobs: 'job',
}
const single = ['display', 'user_data'] as const
/** Beyond so many changed lines an item is shown as taken away and added: the comparison's time grows with their square. */
const mostEdits = 2_000

/** What setting `after` in place of `before` changes; both as JSON (`pipelineToJson`). The order of items alone changes nothing. */
export function configDiff(before: JsonObject, after: JsonObject): readonly ItemDiff[] {
  const found: ItemDiff[] = []
  for (const [section, what] of Object.entries(sections)) {
    const [old, now] = [itemsOf(before[section]), itemsOf(after[section])]
    for (const name of new Set([...old.keys(), ...now.keys()])) add(found, { what, section, name }, old.get(name), now.get(name))
  }
  for (const section of single) add(found, { what: section, section }, before[section] ?? undefined, after[section] ?? undefined)
  return found
}

function add(found: ItemDiff[], item: Pick<ItemDiff, 'what' | 'section' | 'name'>, before: Json | undefined, after: Json | undefined): void {
  const [old, now] = [before === undefined ? '' : writeYaml(sorted(before)), after === undefined ? '' : writeYaml(sorted(after))]
  if (old === now) return
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  found.push({ ...item, change, lines: linesOf(old, now) })
}

function linesOf(before: string, after: string): DiffLine[] {
  const parts = diffLines(before, after, { maxEditLength: mostEdits }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ]
  return parts.flatMap(({ value, added, removed }) =>
    value.replace(/\n$/, '').split('\n').map((text): DiffLine => ({ change: added ? 'added' : removed ? 'removed' : 'same', text })),
  )
}

function itemsOf(list: Json | undefined): Map<string, Json> {
  const items = Array.isArray(list) ? list : []
  return new Map(items.map((item) => [String(typeof item === 'object' && item !== null && !Array.isArray(item) ? item['name'] : ''), item]))
}

/** Keys in one order: the server may answer them in another than the file has. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a === 'name' ? -1 : b === 'name' ? 1 : a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inside]) => [key, sorted(inside)]))
}

/** As lines of text, as fly shows a diff: a heading for each section and item, then its lines with + and -. */
export function* diffText(items: readonly ItemDiff[]): Generator<DiffLine> {
  let section: string | undefined
  for (const item of items) {
    if (item.section !== section) yield { change: 'same', text: `${item.section}:` }
    section = item.section
    const changed = item.change === 'changed' ? 'has changed' : `has been ${item.change}`
    yield { change: 'same', text: `  ${item.what}${item.name === undefined ? '' : ` ${item.name}`} ${changed}:` }
    for (const { change, text } of item.lines) yield { change, text: `${{ removed: '-', added: '+', same: ' ' }[change]} ${text}` }
    yield { change: 'same', text: '' }
  }
}
