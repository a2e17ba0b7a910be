import type { FindingKind, Severity } from '../finding.ts'
import { nearMiss } from '../near-miss.ts'
import { under, type Path } from '../path.ts'
import type { SourceText } from '../source-text.ts'
import type { YamlNode } from '../yaml/node.ts'

/** A value of the file and where in the config it stands. */
export interface Place {
  readonly node: YamlNode
  readonly path: Path | undefined
  /** Offset of the key whose value it is, or of the value itself. */
  readonly keyStart: number
}

/**
 * What becomes of a number or boolean where text is expected: Concourse takes it as text in some places and
 * refuses it in others. Where it is taken and reads differently from what is written (`0755`), a warning tells.
 */
export type Coercion = 'text' | 'refuse'

interface Words {
  readonly severity?: Severity
  readonly hint?: string | undefined
}

/** Collects findings while a tree is decoded, and remembers where each decoded object stood. */
export class Context {
  readonly text: SourceText
  readonly coercion: Coercion
  readonly #places: WeakMap<object, Place>

  constructor(text: SourceText, coercion: Coercion, places: WeakMap<object, Place> = new WeakMap()) {
    this.text = text
    this.coercion = coercion
    this.#places = places
  }

  withCoercion(coercion: Coercion): Context {
    return coercion === this.coercion ? this : new Context(this.text, coercion, this.#places)
  }

  remember(object: object, place: Place): void {
    this.#places.set(object, place)
  }

  /** The place of a decoded object, or of something in it. */
  placeOf(object: object, ...keys: readonly (string | number)[]): Place | undefined {
    const place = this.#places.get(object)
    return place === undefined ? undefined : inside(place, keys)
  }

  /** The candidate that a name was probably meant to be. `among` says what they are: one answer for all of them is kept. */
  nearMiss(name: string, candidates: Iterable<string>, among: string): string | undefined {
    return this.text.guess(`${among}\0${name}`, () => nearMiss(name, candidates))
  }

  didYouMean(name: string, candidates: Iterable<string>, among: string): string | undefined {
    const near = this.nearMiss(name, candidates, among)
    return near === undefined ? undefined : `did you mean \`${near}\`?`
  }

  report(place: Place | undefined, kind: FindingKind, message: string, words: Words = {}): void {
    this.text.add({ kind, message, start: place?.node.start ?? 0, path: place?.path, ...words })
  }

  /** Like report, pointing at the key. */
  reportKey(place: Place | undefined, kind: FindingKind, message: string, words: Words = {}): void {
    this.text.add({ kind, message, start: place?.keyStart ?? 0, path: place?.path, ...words })
  }
}

export const rootPlace = (node: YamlNode): Place => ({ node, path: undefined, keyStart: node.start })

/** The value at a key or index, or undefined if there is none. */
export function child(place: Place, key: string | number): Place | undefined {
  const { node, path } = place
  if (node.kind === 'map') {
    const entry = node.entries.get(String(key))
    return entry === undefined ? undefined : { node: entry.node, path: under(path, key), keyStart: entry.keyStart }
  }
  const item = node.kind === 'list' && typeof key === 'number' ? node.items[key] : undefined
  return item === undefined ? undefined : { node: item, path: under(path, key), keyStart: item.start }
}

/**
 * The place that keys lead to; where they lead nowhere, the last one that is there.
 * The list form of `in_parallel` may be walked through `steps`, as decoded configs have it.
 */
export function inside(place: Place, keys: readonly (string | number)[]): Place {
  let at = place
  for (const key of keys) {
    if (key === 'steps' && at.node.kind === 'list') continue
    const next = child(at, key)
    if (next === undefined) return at
    at = next
  }
  return at
}
