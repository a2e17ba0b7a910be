import { quote } from '../quote.ts'
import type { MapEntry } from '../yaml/node.ts'
import { child, type Context, type Place } from './context.ts'
import { isNull, textOrNothing, wrongType, type Reader } from './scalars.ts'

/** The readers of an object's keys. */
export type Shape<T> = { readonly [K in keyof T]-?: Reader<Exclude<T[K], undefined>> }

/** What to put where a key is missing. */
export type Substitutes<T> = { readonly [K in keyof T]?: () => Exclude<T[K], undefined> }

/** A list; items that cannot be read are left out, so where something stands is asked of the Context, never counted. */
export function list<T>(item: Reader<T>): Reader<T[]> {
  return (context, place) => {
    if (place.node.kind !== 'list') return wrongType(context, place, 'a list', 'start each item with `- `')
    const items: T[] = []
    for (let i = 0; i < place.node.items.length; i++) {
      const at = child(place, i)
      const value = at === undefined ? undefined : item(context, at)
      if (value !== undefined) items.push(value)
    }
    return items
  }
}

export const texts = list(textOrNothing)

/** Tags are read strictly everywhere: text only. */
export const tags: Reader<string[]> = (context, place) => texts(context.withCoercion('refuse'), place)

/** A map of names to values of one kind. */
export function mapOf<T>(item: Reader<T>): Reader<{ [name: string]: T }> {
  return (context, place) => {
    if (place.node.kind !== 'map') return wrongType(context, place, 'a map')
    const map: { [name: string]: T } = {}
    for (const name of place.node.entries.keys()) {
      const at = child(place, name)
      const value = at === undefined ? undefined : item(context, at)
      if (value !== undefined) Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true })
    }
    return map
  }
}

/** What becomes of unknown keys: most are refused; in some objects inside of steps Concourse does not even see them. */
type UnknownKeys = 'refused' | 'ignored'

/** Whether `Name` is read as `name`: Go reads the keys of JSON without regard to case; Concourse checks some objects' keys itself. */
type KeyCase = 'any' | 'exact'

interface RecordOptions<T> {
  /** What a missing key counts as, without a finding. */
  readonly defaults?: Substitutes<T>
  /** Default: refused. */
  readonly unknown?: UnknownKeys
  /** Default: any. */
  readonly keyCase?: KeyCase
}

/**
 * An object of known keys, e.g. `record('a resource', {…}, {name: () => ''})`. A `needed` key that is missing is
 * reported, and its substitute lets decoding go on.
 */
export function record<T extends object>(what: string, shape: Shape<T>, needed: Substitutes<T> = {}, options: RecordOptions<T> = {}): Reader<T> {
  const { defaults = {}, unknown = 'refused', keyCase = 'any' } = options
  const known = Object.keys(shape)
  return (context, given) => {
    const place = keyCase === 'any' ? withKnownCase(context, given, known) : given
    if (place.node.kind !== 'map') return wrongType(context, place, `${what}, written as a map`)
    if (unknown === 'ignored') warnOfKeys(context, place, what, known)
    const object = readKeys(context, place, shape, unknown === 'ignored' ? new Map() : unknownKeys(context, place, { what, known }))
    for (const [key, substitute] of Object.entries<(() => unknown) | undefined>(needed)) {
      if (substitute === undefined || (object[key] !== undefined && object[key] !== '')) continue
      const at = child(place, key)
      if (at === undefined || isNull(at.node) || object[key] === '') context.report(at ?? place, 'missing', `${what} needs ${quote(key)}`)
      object[key] = substitute()
    }
    for (const [key, substitute] of Object.entries<(() => unknown) | undefined>(defaults)) object[key] ??= substitute?.()
    context.remember(object, place)
    return object as T
  }
}

/**
 * The place with keys such as `Name` under the name that is known. Where several stand for one name the last by bytes
 * counts, as in Go, that is the one in small letters.
 */
export function withKnownCase(context: Context, place: Place, known: readonly string[]): Place {
  const { node } = place
  if (node.kind !== 'map') return place
  const entries = new Map<string, MapEntry>()
  const written = new Map<string, string>()
  let changed = false
  for (const [key, entry] of node.entries) {
    const lower = key.toLowerCase()
    const name = known.includes(lower) ? lower : key
    const other = written.get(name)
    changed ||= name !== key
    if (other !== undefined) {
      const [hidden, counts] = other < key ? [other, key] : [key, other]
      context.reportKey(child(place, hidden), 'ambiguous', `${quote(hidden)} and ${quote(counts)} are one key; ${quote(counts)} counts`, { severity: 'warning', hint: 'remove one of them' })
    }
    if (other !== undefined && other > key) continue
    written.set(name, key)
    entries.set(name, entry)
  }
  return changed ? { ...place, node: { ...node, entries } } : place
}

/** Reads the keys that are there; a misspelt one under the name that it was meant to have. */
export function readKeys(
  context: Context,
  place: Place,
  shape: { readonly [key: string]: Reader<unknown> },
  meant: ReadonlyMap<string, string> = new Map(),
): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [key, read] of Object.entries(shape)) {
    const at = child(place, meant.get(key) ?? key)
    if (at === undefined || isNull(at.node)) continue
    const value = read(context, at)
    if (value !== undefined) object[key] = value
  }
  return object
}

function warnOfKeys(context: Context, place: Place, what: string, known: readonly string[]): void {
  if (place.node.kind !== 'map') return
  for (const key of place.node.entries.keys()) {
    if (known.includes(key)) continue
    context.reportKey(child(place, key), 'unknown-key', `${what} has no key ${quote(key)}; it is ignored`, {
      severity: 'warning',
      hint: context.didYouMean(key, known, what) ?? `it knows ${known.join(', ')}`,
    })
  }
}

interface KnownKeys {
  /** The object: `a job`. */
  readonly what: string
  readonly known: readonly string[]
  /** What to do about an unknown key; default: a key of a similar name, or the list. */
  readonly hint?: (key: string) => string | undefined
}

/**
 * Reports the keys that are not known. The result tells which known key an unknown one was probably meant to be,
 * where that one is not there: its value is then read all the same, and the one mistake is reported once.
 */
export function unknownKeys(context: Context, place: Place, { what, known, hint }: KnownKeys): Map<string, string> {
  const meant = new Map<string, string>()
  if (place.node.kind !== 'map') return meant
  const names = new Set(known)
  for (const key of place.node.entries.keys()) {
    if (names.has(key)) continue
    const near = context.nearMiss(key, known, what)
    if (near !== undefined && !place.node.entries.has(near) && !meant.has(near)) meant.set(near, key)
    context.reportKey(child(place, key), 'unknown-key', `${what} has no key ${quote(key)}`, {
      hint: hint?.(key) ?? (near === undefined ? undefined : `did you mean \`${near}\`?`) ?? (known.length <= 16 ? `it knows ${known.join(', ')}` : undefined),
    })
  }
  return meant
}
