import type { StepConfig } from '../../model/config.ts'
import { hookNames, stepKinds, type StepKind } from '../inner-steps.ts'
import { quote } from '../quote.ts'
import { readKeys, unknownKeys } from './collections.ts'
import { child, type Context, type Place } from './context.ts'
import { isNull, wrongType, type Reader } from './scalars.ts'
import { ownTimeout, stepFields } from './step-fields.ts'

// Called late: steps hold steps.
const { coreFields, fieldsOf, modifierFields } = stepFields((context, place) => step(context, place))

/** A step: exactly one core step and any modifiers. */
export const step: Reader<StepConfig> = (context, place) => {
  const { node } = place
  if (node.kind !== 'map') return wrongType(context, place, 'a step, written as a map', stepHint(place))
  const kinds = stepKinds.filter((kind) => node.entries.has(kind))
  const misspelt = kinds.length === 0 ? misspeltKind(context, place) : undefined
  const kind = misspelt?.kind ?? kinds[0]
  if (kind === undefined) return undefined
  if (kinds.length > 1) reportSeveral(context, place, kinds)
  const fields = fieldsOf(kind)
  const known = Object.keys(fields).filter((key) => key !== 'fail_fast' || node.entries.has('across'))
  const meant = kinds.length > 1
    ? new Map<string, string>() // whose key it is cannot be told
    : unknownKeys(context, without(place, misspelt?.written), { what: `a ${kind} step`, known, hint: ownerHint })
  if (misspelt !== undefined) meant.set(kind, misspelt.written)
  const read: Record<string, unknown> = { kind, ...readKeys(context, place, fields, meant) }
  for (const key of neverNull(kind)) reportNull(context, place, key)
  if (read[kind] === '') context.report(child(place, meant.get(kind) ?? kind), 'missing', `the ${kind} step needs a name`)
  if (read[kind] === undefined) read[kind] = emptyCore(kind)
  context.remember(read, place)
  return read as unknown as StepConfig
}

/** Keys that are refused without a value; for the others, and for the steps of a `do`, nothing counts as none. */
const neverNull = (kind: StepKind): readonly string[] => [
  ...(kind === 'do' ? [] : [kind]),
  ...hookNames,
  'attempts',
  'across',
  ...(ownTimeout.has(kind) ? [] : ['timeout']),
]

function reportNull(context: Context, place: Place, key: string): void {
  const at = child(place, key)
  if (at !== undefined && isNull(at.node)) context.reportKey(at, 'missing', `${quote(key)} has no value`)
}

function emptyCore(kind: StepKind): unknown {
  switch (kind) {
    case 'do':
      return []
    case 'in_parallel':
      return { steps: [] }
    case 'try':
      return { kind: 'do', do: [] }
    case 'get':
    case 'put':
    case 'task':
    case 'run':
    case 'set_pipeline':
    case 'load_var':
      return ''
  }
}

function without(place: Place, key: string | undefined): Place {
  if (place.node.kind !== 'map' || key === undefined) return place
  const entries = new Map(place.node.entries)
  entries.delete(key)
  return { ...place, node: { ...place.node, entries } }
}

function reportSeveral(context: Context, place: Place, kinds: readonly StepKind[]): void {
  const places = kinds.map((kind) => child(place, kind)).sort((a, b) => (a?.keyStart ?? 0) - (b?.keyStart ?? 0))
  const names = places.map((at) => quote(String(at?.path?.key))).join(' and ')
  context.reportKey(places[1], 'step-shape', `one step does one thing, but this one has ${names}`, {
    hint: 'make a step of each, every one starting with `- `',
  })
}

function misspeltKind(context: Context, place: Place): { kind: StepKind; written: string } | undefined {
  const keys = place.node.kind === 'map' ? [...place.node.entries.keys()] : []
  const unknown = keys.filter((key) => !Object.hasOwn(modifierFields, key))
  for (const key of unknown) {
    const near = context.nearMiss(key, stepKinds, 'steps')
    const kind = stepKinds.find((known) => known === near)
    if (kind === undefined) continue
    context.reportKey(child(place, key), 'unknown-key', `there is no step ${quote(key)}`, { hint: `did you mean \`${kind}\`?` })
    return { kind, written: key }
  }
  if (keys.includes('aggregate')) {
    context.reportKey(child(place, 'aggregate'), 'step-shape', '`aggregate` is gone from Concourse since version 7', { hint: 'write `in_parallel`' })
    return { kind: 'in_parallel', written: 'aggregate' }
  }
  const [first] = unknown
  context.report(place, 'step-shape', first === undefined ? 'this step does nothing' : `this step has no get, put, task or the like, only ${unknown.map(quote).join(', ')}`, {
    hint: `a step has one of ${stepKinds.join(', ')}`,
  })
  return undefined
}

function stepHint({ node }: Place): string | undefined {
  if (node.kind === 'list') return 'remove one `- `, or put the steps into `do:`'
  return node.kind === 'scalar' && isNull(node) ? 'remove the `-`, or write a step after it' : undefined
}

function ownerHint(key: string): string | undefined {
  const owners = stepKinds.filter((kind) => Object.hasOwn(coreFields[kind], key))
  if (key === 'fail_fast') return 'it belongs inside of in_parallel, or beside `across`'
  if (owners.length > 0 && owners.length < 4) return `it belongs to ${owners.map((kind) => `\`${kind}\``).join(', ')} steps`
  return undefined
}
