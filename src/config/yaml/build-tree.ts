import { isAlias, isMap, isScalar, isSeq, type Alias, type Document, type Node, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { listNode, mapNode, mostWeight, scalarNode, type MapEntry, type MapNode, type YamlNode } from './node.ts'
import { plainScalar } from './plain-scalar.ts'

/** The document's values with anchors and merges followed; faults go to `text`. */
export function buildTree(document: Document, source: string, text: SourceText): { root: YamlNode | undefined; anchors: readonly number[] } {
  const builder = new TreeBuilder(text, source)
  const contents = document.contents as ParsedNode | null
  if (contents === null || (isScalar(contents) && contents.source === '' && !contents.tag && !quoted(contents))) {
    return { root: undefined, anchors: [] }
  }
  return { root: builder.node(contents), anchors: builder.anchors }
}

/** `yq` writes it before each `<<`. */
const mergeTag = 'tag:yaml.org,2002:merge'

const quoted = (scalar: Scalar): boolean => scalar.type !== undefined && scalar.type !== 'PLAIN'

class TreeBuilder {
  /** Offsets of anchors, in the order of the text. */
  readonly anchors: number[] = []
  readonly #text: SourceText
  /** What each anchor means at this point of the text; `building` while its own value is being read. */
  readonly #named = new Map<string, YamlNode | 'building'>()
  /** What stands for aliases of nothing: they have had their error. */
  readonly #broken = new Set<YamlNode>()
  #merged = 0

  readonly #written: string
  /** Offset of the text's end where its last line has no line feed. */
  readonly #openEnd: number | undefined

  constructor(text: SourceText, written: string) {
    this.#text = text
    this.#written = written
    this.#openEnd = written.endsWith('\n') ? undefined : written.length
  }

  node(node: Node | null | undefined): YamlNode {
    if (node === null || node === undefined) return scalarNode(null, 0, 0)
    if (isAlias(node)) return this.#alias(node)
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor !== undefined) {
      this.anchors.push(start(node))
      this.#named.set(anchor, 'building')
    }
    const built = isMap(node) ? this.#map(node) : isSeq(node) ? this.#list(node) : this.#scalar(node as Scalar)
    if (anchor !== undefined) this.#named.set(anchor, built)
    return built
  }

  #alias(alias: Alias): YamlNode {
    const target = this.#named.get(alias.source)
    if (target !== undefined && target !== 'building') return target
    this.#error(
      start(alias),
      target === 'building' ? `the value of anchor ${quote(alias.source)} contains itself` : `no anchor ${quote(alias.source)} stands above this alias`,
      target === 'building' ? undefined : `define it with \`&${alias.source}\` before using it`,
    )
    const nothing = scalarNode(null, start(alias), end(alias))
    this.#broken.add(nothing)
    return nothing
  }

  #scalar(node: Scalar): YamlNode {
    const [from, to] = [start(node), end(node)]
    const source = this.#source(node, to)
    const tag = node.tag
    if (tag === undefined && quoted(node)) return scalarNode(source, from, to)
    if (tag === 'tag:yaml.org,2002:str' || tag === '!') return scalarNode(source, from, to)
    if (tag === 'tag:yaml.org,2002:binary') return scalarNode(Buffer.from(source, 'base64').toString('utf8'), from, to)
    if (tag?.startsWith('tag:yaml.org,2002:') === false) this.#unknownTag(tag, from)
    const value = quoted(node) && !tag?.startsWith('tag:yaml.org,2002:') ? source : plainScalar(source)
    if (typeof value !== 'number') return scalarNode(value, from, to, String(value) === source ? {} : { source })
    if (!Number.isFinite(value)) {
      this.#error(from, `${quote(source)} is no number that a config can hold`, 'put quotes around it if it is meant as text')
      return scalarNode(null, from, to)
    }
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[-+]?\d+$/.test(source)) {
      this.#text.add({
        severity: 'warning',
        kind: 'ambiguous',
        message: `${quote(source)} is too large a number to be kept exactly: it becomes ${value}`,
        start: from,
        hint: 'put quotes around it to keep every digit',
      })
    }
    return scalarNode(value, from, to, String(value) === source ? {} : { source })
  }

  #source(node: Scalar, to: number): string {
    const source = typeof node.source === 'string' ? node.source : String(node.value)
    // The library gives a block at the end of the text a line feed that is not there; Concourse's reader does not.
    return to === this.#openEnd && node.type?.startsWith('BLOCK') ? source.replace(/\n$/, '') : source
  }

  #list(node: YAMLSeq): YamlNode {
    this.#collectionTag(node)
    return listNode(
      node.items.map((item) => this.node(item as Node | null)),
      start(node),
      end(node),
    )
  }

  /** `{{name}}`, which fly once filled in before it read YAML: told once, and read as the var that is meant. */
  #oldVar(node: YAMLMap): YamlNode | undefined {
    const name = this.#written.startsWith('{{', start(node)) ? /^\{\{\s*([-\w./:]+)\s*\}\}$/.exec(this.#written.slice(start(node), end(node)))?.[1] : undefined
    if (name === undefined) return undefined
    this.#error(start(node), 'vars are not written `{{…}}` any more', `write \`((${name}))\``)
    return scalarNode(`((${name}))`, start(node), end(node))
  }

  #map(node: YAMLMap): YamlNode {
    const oldVar = this.#oldVar(node)
    if (oldVar !== undefined) return oldVar
    this.#collectionTag(node)
    const entries = new Map<string, MapEntry>()
    const merges: MapNode[] = []
    let mergeAt: number | undefined
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null
      const keyStart = keyNode === null ? start(node) : start(keyNode)
      if (isScalar(keyNode) && keyNode.source === '<<' && (keyNode.tag === undefined || keyNode.tag === '!' || keyNode.tag === mergeTag)) {
        if (mergeAt !== undefined) this.#duplicate('<<', mergeAt, keyStart, 'merge several with `<<: [*one, *two]`')
        mergeAt = keyStart
        merges.push(...this.#mergeSources(this.node(pair.value as Node | null), keyStart))
        this.#warnOfOrder(entries, merges, keyStart)
        continue
      }
      const key = this.#key(keyNode, keyStart)
      const value = this.#value(pair.value as Node | null, keyNode, keyStart)
      if (key === undefined) continue
      const earlier = entries.get(key)
      if (earlier !== undefined) this.#duplicate(key, earlier.keyStart, keyStart)
      else entries.set(key, { keyStart, node: value })
    }
    this.#merge(entries, merges, mergeAt ?? start(node))
    return mapNode(entries, start(node), end(node))
  }

  #value(value: Node | null, keyNode: Node | null, keyStart: number): YamlNode {
    if (value !== null) return this.node(value)
    const at = keyNode === null ? keyStart : end(keyNode)
    return scalarNode(null, at, at)
  }

  #key(key: Node | null, keyStart: number): string | undefined {
    const node = key === null ? scalarNode(null, keyStart, keyStart) : this.node(key)
    if (node.kind !== 'scalar' || node.value === null) {
      this.#error(keyStart, node.kind === 'scalar' ? 'a key is missing before the `:`' : `a ${node.kind} cannot be a key`, 'keys are text')
      return undefined
    }
    if (typeof node.value === 'boolean' && node.source !== undefined) {
      this.#text.add({
        severity: 'warning',
        kind: 'ambiguous',
        message: `the key ${quote(node.source)} is read as ${quote(String(node.value))}`,
        start: keyStart,
        hint: `YAML takes it for a boolean; write "${node.source}"`,
      })
    }
    return String(node.value)
  }

  #mergeSources(value: YamlNode, keyStart: number): MapNode[] {
    const sources = value.kind === 'list' ? value.items : [value]
    const maps = sources.filter((source) => source.kind === 'map')
    if (sources.some((source) => source.kind !== 'map' && !this.#broken.has(source))) this.#error(keyStart, '`<<` merges maps, and this is none', 'write `<<: *anchor` or `<<: [*one, *two]`')
    return maps
  }

  /** Keys of the map itself win, then the first source that has a key. */
  #merge(entries: Map<string, MapEntry>, sources: readonly MapNode[], at: number): void {
    for (const source of sources) {
      this.#merged += source.entries.size
      if (this.#merged > mostWeight / 64) {
        this.#error(at, 'its merges stand for more than this program is willing to write out')
        return
      }
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry)
    }
  }

  /** Concourse's reader lets a merge overwrite the keys before it, against YAML's own rule: tell who relies on either. */
  #warnOfOrder(entries: ReadonlyMap<string, MapEntry>, sources: readonly MapNode[], keyStart: number): void {
    for (const [key, own] of entries) {
      const merged = sources.find((source) => source.entries.has(key))?.entries.get(key)
      if (merged === undefined || same(merged.node, own.node)) continue
      this.#text.add({
        severity: 'warning',
        kind: 'ambiguous',
        message: `${quote(key)} stands before a \`<<\` that brings it too; here the map's own value counts, in Concourse the merged one`,
        start: keyStart,
        hint: 'put `<<` first',
      })
    }
  }

  #collectionTag(node: YAMLMap | YAMLSeq): void {
    const tag = node.tag
    if (tag === undefined || tag === 'tag:yaml.org,2002:map' || tag === 'tag:yaml.org,2002:seq' || tag === '!') return
    this.#unknownTag(tag, start(node))
  }

  #unknownTag(tag: string, at: number): void {
    this.#text.add({ severity: 'warning', kind: 'yaml', message: `the tag ${quote(tag)} means nothing here and is ignored`, start: at })
  }

  #duplicate(key: string, first: number, second: number, hint?: string): void {
    const { line } = this.#text.position(first)
    this.#text.add({
      kind: 'duplicate-key',
      message: `the key ${quote(key)} stands twice in one map; first on line ${line}`,
      start: second,
      hint: hint ?? 'remove one of them',
    })
  }

  #error(at: number, message: string, hint?: string): void {
    this.#text.add({ kind: 'yaml', message, start: at, hint })
  }
}

const same = (a: YamlNode, b: YamlNode): boolean => a === b || (a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value)
const start = (node: Node): number => node.range?.[0] ?? 0
const end = (node: Node): number => node.range?.[1] ?? start(node)
