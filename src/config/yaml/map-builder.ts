import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { mostWeight, type MapEntry, type MapNode, type YamlNode } from './node.ts'
import { SyntaxFault } from './token.ts'

/**
 * Which of Concourse's ways a text goes. A pipeline is checked for keys that stand twice, and written out and read again
 * when its vars are filled in, which makes a merge of a quoted `"<<"`; of task files and files of vars the last key counts.
 */
export type Dialect = 'pipeline' | 'file'

/** Bound on the entries that all merges of a text copy. */
export class MergeBudget {
  #copied = 0

  take(entries: number): boolean {
    this.#copied += entries
    return this.#copied <= mostWeight / 64
  }
}

/** The entries of one map, in the order of the text: a later one replaces an earlier one, `<<` included. */
export class MapBuilder {
  readonly #entries = new Map<string, MapEntry>()
  #quotedMerge: MapEntry | undefined
  /** Offset of each key by its text, as it is written. */
  readonly #written = new Map<string, number>()
  readonly #text: SourceText
  readonly #dialect: Dialect
  readonly #budget: MergeBudget

  constructor(text: SourceText, dialect: Dialect, budget: MergeBudget) {
    this.#text = text
    this.#dialect = dialect
    this.#budget = budget
  }

  add(keyStart: number, key: YamlNode, node: YamlNode): void {
    if (key.kind !== 'scalar' || key.value === null) {
      const nothing = key.kind === 'scalar' && (key.source === undefined || key.source === '')
      this.#error(keyStart, nothing ? 'a key is missing before the `:`' : `${key.kind === 'scalar' ? quote(key.source ?? '') : `a ${key.kind}`} cannot be a key`, 'keys are text')
      return
    }
    const written = key.source ?? String(key.value)
    const name = key.digits ?? String(key.value)
    if (typeof key.value === 'boolean' && key.source !== undefined) {
      this.#warn(keyStart, `the key ${quote(written)} is read as ${quote(name)}`, `YAML takes it for a boolean; write "${written}"`)
    }
    const twice = this.#once(written, keyStart)
    const earlier = this.#entries.get(name)
    // Two ways of writing one key, e.g. `true` and `on`.
    if (!twice && earlier !== undefined && earlier.merged !== true) this.#reportTwice(name, earlier.keyStart, keyStart, 'file')
    if (name === '<<' && this.#dialect === 'pipeline') this.#quotedMerge = { keyStart, node }
    else this.#entries.set(name, { keyStart, node })
  }

  /** `<<`: what it brings replaces what stands before it in the map, as in Concourse; of several sources the first counts. */
  merge(keyStart: number, value: YamlNode, aliased: boolean, isNothing: (node: YamlNode) => boolean): void {
    this.#once('<<', keyStart)
    const maps = this.#sources(keyStart, value, aliased, isNothing)
    this.#warnOfOrder(maps, keyStart)
    for (const source of maps.reverse()) this.#copy(source, keyStart, true)
  }

  /** The finished entries. A quoted `"<<"` of a pipeline merges before everything else. */
  finish(isNothing: (node: YamlNode) => boolean): ReadonlyMap<string, MapEntry> {
    if (this.#quotedMerge !== undefined) {
      const { keyStart, node } = this.#quotedMerge
      for (const source of this.#sources(keyStart, node, false, isNothing)) this.#copy(source, keyStart, false)
    }
    return this.#entries
  }

  #copy(source: MapNode, keyStart: number, replaces: boolean): void {
    if (!this.#budget.take(source.entries.size)) {
      throw new SyntaxFault(keyStart, 'its merges stand for more than this program is willing to write out', undefined, 'too-large')
    }
    for (const [key, { keyStart: from, node }] of source.entries) {
      if (replaces || !this.#entries.has(key)) this.#entries.set(key, { keyStart: from, node, merged: true })
    }
  }

  /** One map, or the maps of a list that is written here: a list that an alias stands for cannot be merged. */
  #sources(keyStart: number, value: YamlNode, aliased: boolean, isNothing: (node: YamlNode) => boolean): MapNode[] {
    const sources = value.kind === 'list' && !aliased ? value.items : [value]
    if (sources.some((source) => source.kind !== 'map' && !isNothing(source))) {
      this.#error(keyStart, '`<<` merges maps, and this is none', 'write `<<: *anchor` or `<<: [*one, *two]`')
    }
    return sources.filter((source) => source.kind === 'map')
  }

  /** Notes that a key is written here; whether it was there before. */
  #once(written: string, keyStart: number): boolean {
    const first = this.#written.get(written)
    if (first === undefined) {
      this.#written.set(written, keyStart)
      return false
    }
    this.#reportTwice(written, first, keyStart, this.#dialect)
    return true
  }

  #reportTwice(key: string, first: number, second: number, dialect: Dialect): void {
    const { line } = this.#text.position(first)
    const refused = dialect === 'pipeline'
    this.#text.add({
      severity: refused ? 'error' : 'warning',
      kind: 'duplicate-key',
      message: `the key ${quote(key)} stands twice in one map; first on line ${line}${refused ? '' : '. The last one counts'}`,
      start: second,
      hint: key === '<<' ? 'merge several with `<<: [*one, *two]`' : 'remove one of them',
    })
  }

  #warnOfOrder(sources: readonly MapNode[], keyStart: number): void {
    for (const [key, own] of this.#entries) {
      const merged = own.merged === true ? undefined : sources.find((source) => source.entries.has(key))?.entries.get(key)
      if (merged === undefined || same(merged.node, own.node)) continue
      this.#warn(keyStart, `${quote(key)} stands before a \`<<\` that brings it too: the merged value counts, as in Concourse`, "put `<<` first if the map's own value is meant")
    }
  }

  #warn(start: number, message: string, hint: string): void {
    this.#text.add({ severity: 'warning', kind: 'ambiguous', message, start, hint })
  }

  #error(start: number, message: string, hint?: string): void {
    this.#text.add({ kind: 'yaml', message, start, hint })
  }
}

const same = (a: YamlNode, b: YamlNode): boolean => a === b || (a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value)
