import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { isObject, objectOf } from '../json-object.ts'
import type { FoundValue, FoundVar, VarReference } from '../../model/var.ts'
import type { Lookup } from './lookup.ts'
import { formatReference, parseReference, varPattern, wholeVar, type BadReference } from './reference.ts'

export type VarError =
  | { readonly kind: 'undefined-vars'; readonly names: readonly string[] }
  | { readonly kind: 'not-scalar'; readonly name: string; readonly found: 'map' | 'list' | 'null' | 'number' | 'boolean' }
  | Exclude<FoundVar, { kind: 'found' | 'missing' }>
  | BadReference

export interface Interpolated<T> {
  readonly value: T
  /** Every text that came from a secret var: what a log must not show. */
  readonly secrets: ReadonlySet<string>
}

/**
 * A value with its `((vars))` filled in, deep into lists and maps, keys too. A text that is one var becomes the var's
 * value of whatever type; a var inside of a longer text must be text, or a number where Concourse knows its digits. All undefined vars are named at once.
 * With `keepMissing`, undefined vars stay as they are written.
 */
export function interpolate<T extends Json>(value: T, lookup: Lookup, options: { keepMissing?: boolean } = {}): Result<Interpolated<T>, VarError> {
  const filler = new Filler(lookup)
  const filled = filler.fill(value)
  if (filler.error !== undefined) return fail(filler.error)
  const names = [...filler.missing].sort()
  if (names.length > 0 && options.keepMissing !== true) return fail({ kind: 'undefined-vars', names })
  return ok({ value: filled as T, secrets: filler.secrets })
}

/** Every var that a value refers to, each once. */
export function varsIn(value: Json): VarReference[] {
  const found = new Map<string, VarReference>()
  const collect: Lookup = (reference) => {
    found.set(formatReference(reference), reference)
    return { kind: 'missing' }
  }
  new Filler(collect).fill(value)
  return [...found.values()]
}

export function describeVarError(error: VarError): string {
  switch (error.kind) {
    case 'undefined-vars':
      return `undefined vars: ${error.names.join(', ')}`
    case 'not-scalar':
      return `cannot put a ${error.found} into the middle of a text, from var: ${error.name}${error.found === 'number' || error.found === 'boolean' ? '; write its value in quotes' : ''}`
    case 'missing-field':
      return `missing field '${error.field}' in var: ${error.name}`
    case 'not-a-map':
      return `cannot access field '${error.field}' of a value that is no map, from var: ${error.name}`
    case 'missing-source':
      return `missing source '${error.source}' in var: ${error.name}`
    case 'failed':
      return `var ${error.name} could not be read: ${error.message}`
    case 'invalid-var':
      return `invalid var '${error.name}': ${error.reason}`
  }
}

/** Fills texts and remembers what went wrong, what was missing and what was secret. */
export class Filler {
  readonly secrets = new Set<string>()
  readonly missing = new Set<string>()
  /** The first fault that is more than a missing var. */
  error: VarError | undefined
  readonly #lookup: Lookup

  constructor(lookup: Lookup) {
    this.#lookup = lookup
  }

  fill(value: Json): Json {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.fill(item))
    if (!isObject(value)) return value
    return objectOf(Object.entries(value).map(([key, child]) => [this.key(key), this.fill(child)] as const))
  }

  key(key: string): string {
    const filled = this.text(key)
    if (typeof filled === 'string') return filled
    if (typeof filled === 'object') {
      this.error ??= { kind: 'not-scalar', name: wholeVar(key) ?? key, found: shape(filled) }
      return key
    }
    return String(filled)
  }

  text(text: string): Json {
    if (!text.includes('((')) return text
    const whole = wholeVar(text)
    if (whole !== undefined) {
      const found = this.#find(whole)
      return found === undefined ? text : found.value
    }
    return text.replace(varPattern, (written, name: string) => {
      const found = this.#find(name)
      if (found === undefined) return written
      const { value } = found
      if (typeof value === 'string' || (typeof value === 'number' && found.numbersAsText === true)) return String(value)
      this.error ??= { kind: 'not-scalar', name, found: shape(value) }
      return written
    })
  }

  #find(name: string): FoundValue | undefined {
    const reference = parseReference(name)
    if (!reference.ok) {
      this.error ??= reference.error
      return undefined
    }
    const found = this.#lookup(reference.value)
    switch (found.kind) {
      case 'found':
        if (found.secret) texts(found.value, this.secrets)
        return found
      case 'missing':
        this.missing.add(formatReference(reference.value))
        return undefined
      case 'missing-field':
      case 'not-a-map':
      case 'missing-source':
      case 'failed':
        this.error ??= found
        return undefined
    }
  }
}

function shape(value: Exclude<Json, string>): 'map' | 'list' | 'null' | 'number' | 'boolean' {
  if (value === null) return 'null'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  return Array.isArray(value) ? 'list' : 'map'
}

/** What a log must not show of a secret value: all texts inside of it, and numbers that are long enough to be a secret. */
export function textsIn(value: Json): ReadonlySet<string> {
  const found = new Set<string>()
  texts(value, found)
  return found
}

function texts(value: Json, into: Set<string>): void {
  if (typeof value === 'string' || (typeof value === 'number' && String(value).length >= 4)) into.add(String(value))
  else if (Array.isArray(value)) for (const item of value) texts(item, into)
  else if (isObject(value)) for (const item of Object.values(value)) texts(item, into)
}
