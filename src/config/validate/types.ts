import type { PipelineConfig, ResourceTypeConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'
import { validateNames } from './names.ts'

/** Longer circles are cut in the message. */
const mostShown = 8

/**
 * Resource types and prototypes, and who uses them. A type may have the name of a base type and be made from it;
 * which base types there are is known only where `baseTypes` is given, and may differ where the pipeline runs: a
 * type that is none of them gets a warning.
 */
export function validateTypes(context: Context, config: PipelineConfig, baseTypes: ReadonlySet<string> | undefined): void {
  const types = config.resource_types ?? []
  const prototypes = config.prototypes ?? []
  const seen = new Map<string, string>()
  validateNames(context, 'resource type', types, seen)
  validateNames(context, 'prototype', prototypes, seen)

  const byName = new Map(types.map((type) => [type.name, type]))
  for (const user of [...(config.resources ?? []), ...types, ...prototypes]) {
    const known = (byName.has(user.type) && byName.get(user.type) !== user) || baseTypes === undefined || baseTypes.has(user.type)
    if (known || user.type === '') continue
    context.report(context.placeOf(user, 'type'), 'unknown-reference', `there is no resource type ${quote(user.type)}`, {
      severity: 'warning',
      hint: context.didYouMean(user.type, [...byName.keys(), ...baseTypes], 'type') ?? unknownTypeHint,
    })
  }
  reportCycles(context, types, byName, baseTypes)
}

/** What to do about a type that is neither defined nor a base type. */
export const unknownTypeHint = 'define it under `resource_types`, or make it a base type with `--base-resource-type`'

function reportCycles(context: Context, types: readonly ResourceTypeConfig[], byName: ReadonlyMap<string, ResourceTypeConfig>, baseTypes: ReadonlySet<string> | undefined): void {
  const done = new Set<ResourceTypeConfig>()
  for (const first of types) {
    const way: ResourceTypeConfig[] = []
    let at: ResourceTypeConfig | undefined = first
    while (at !== undefined && !done.has(at)) {
      done.add(at)
      way.push(at)
      at = byName.get(at.type)
    }
    const start = at === undefined ? -1 : way.indexOf(at)
    const cycle = start < 0 ? [] : way.slice(start)
    const [head] = cycle
    // A circle of one stands for the base type of that name; so does a longer one if every name in it is a base type's.
    if (head === undefined || cycle.length === 1 || cycle.every((type) => baseTypes?.has(type.name))) continue
    const names = [...cycle.slice(0, mostShown), ...(cycle.length > mostShown ? [] : [head])].map((type) => quote(type.name))
    context.report(context.placeOf(head, 'type'), 'cycle', `resource types are made from each other in a circle: ${names.join(' → ')}${cycle.length > mostShown ? ' → …' : ''}`)
  }
}
