import type { Json, JsonObject } from '../../model/json.ts'
import type { FoundVar, VarReference } from '../../model/var.ts'
import { getKey, isObject } from '../json-object.ts'
import { formatReference } from './reference.ts'

/** Vars whose values are at hand. */
export type Lookup = (reference: VarReference) => FoundVar

const missing: FoundVar = { kind: 'missing' }

/** Walks the reference's fields into a var's value. */
export function traverse(value: Json, reference: VarReference, options: StaticOptions): FoundVar {
  let at = value
  for (const field of reference.fields) {
    if (!isObject(at)) return { kind: 'not-a-map', name: formatReference(reference), field }
    const next = getKey(at, field)
    if (next === undefined) return { kind: 'missing-field', name: formatReference(reference), field }
    at = next
  }
  return { kind: 'found', value: at, secret: options.secret ?? false, numbersAsText: options.numbersAsText ?? false }
}

interface StaticOptions {
  readonly secret?: boolean
  readonly numbersAsText?: boolean
}

/** Vars given as values, for references without a source. */
export function staticVars(values: JsonObject, options: StaticOptions = {}): Lookup {
  return (reference) => {
    const value = reference.source === undefined ? getKey(values, reference.path) : undefined
    return value === undefined ? missing : traverse(value, reference, options)
  }
}

/** References with a source go to the lookup of that name, without their source. @testonly */
export function namedVars(sources: ReadonlyMap<string, Lookup>): Lookup {
  return (reference) => {
    const { source, path, fields } = reference
    if (source === undefined) return missing
    const lookup = sources.get(source)
    return lookup === undefined ? { kind: 'missing-source', name: formatReference(reference), source } : lookup({ path, fields })
  }
}

/** Asks one after the other: the first that has the var answers, even where the var lacks the field that is asked for. */
export function firstOf(...lookups: readonly Lookup[]): Lookup {
  return (reference) => {
    for (const lookup of lookups) {
      const found = lookup(reference)
      if (found.kind !== 'missing') return found
    }
    return missing
  }
}
