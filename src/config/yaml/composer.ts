import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { MapBuilder, MergeBudget, type Dialect } from './map-builder.ts'
import { listNode, mapNode, mostDepth, scalarNode, type YamlNode } from './node.ts'
import { oldVarAt } from './old-var.ts'
import { resolveScalar, type WrittenScalar } from './resolve-scalar.ts'
import type { Scanner } from './scanner.ts'
import { SyntaxFault, type Token } from './token.ts'
import { misplaced, notClosed, undefinedHandle, valueMissing } from './unexpected.ts'

/** Anchor, tag and where they start. */
interface Properties {
  readonly start: number | undefined
  readonly end: number
  readonly anchor: Anchor | undefined
  readonly tag: string
}

/** What an anchor stands for; nothing while its own value is being read. */
interface Anchor {
  readonly name: string
  node: YamlNode | undefined
}

type Collection = 'block' | 'flow'

const standardTags = 'tag:yaml.org,2002:'

/** Makes nodes of a document's tokens, with its aliases and merges followed. The grammar is libyaml's. */
export class Composer {
  /** Offsets of anchors, in the order of the text. */
  readonly anchors: number[] = []
  readonly #scanner: Scanner
  readonly #text: SourceText
  readonly #handles: ReadonlyMap<string, string>
  readonly #dialect: Dialect
  readonly #budget = new MergeBudget()
  /** The latest anchor of each name. */
  readonly #named = new Map<string, Anchor>()
  /** What stands for aliases of nothing: they have had their error. */
  readonly #broken = new Set<YamlNode>()
  /** Keys `<<` that merge: those without quotes. */
  readonly #merges = new Set<YamlNode>()
  readonly #isNothing = (node: YamlNode): boolean => this.#broken.has(node)
  /** The value that was read last, if an alias stands for it. */
  #fromAlias: YamlNode | undefined
  #depth = 0

  constructor(scanner: Scanner, text: SourceText, handles: ReadonlyMap<string, string>, dialect: Dialect) {
    this.#scanner = scanner
    this.#text = text
    this.#handles = handles
    this.#dialect = dialect
  }

  /** Reads one value. Throws a SyntaxFault. */
  node(within: Collection, indentless = false): YamlNode {
    const token = this.#scanner.peek()
    if (token.kind === 'alias') return this.#alias(this.#scanner.take() as Token & { kind: 'alias' })
    const properties = this.#properties()
    if (++this.#depth > mostDepth) throw new SyntaxFault(0, `nested more than ${mostDepth} levels deep`, undefined, 'too-large')
    const node = this.#content(within, indentless, properties)
    this.#depth--
    this.#fromAlias = undefined
    if (properties.anchor !== undefined) properties.anchor.node = node
    return node
  }

  #alias({ name, start, end }: Token & { kind: 'alias' }): YamlNode {
    const anchor = this.#named.get(name)
    if (anchor?.node !== undefined) return (this.#fromAlias = anchor.node)
    this.#text.add({
      kind: 'yaml',
      message: anchor === undefined ? `no anchor ${quote(name)} stands above this alias` : `the value of anchor ${quote(name)} contains itself`,
      start,
      hint: anchor === undefined ? `define it with \`&${name}\` before using it` : undefined,
    })
    const nothing = scalarNode(null, start, end)
    this.#broken.add(nothing)
    return nothing
  }

  #properties(): Properties {
    let start: number | undefined
    let end = this.#scanner.peek().start
    let anchor: Anchor | undefined
    let tag = ''
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === 'anchor' && anchor === undefined) {
        anchor = { name: token.name, node: undefined }
        this.#named.set(token.name, anchor)
        this.anchors.push(token.start)
      } else if (token.kind === 'tag' && tag === '') tag = this.#tag(token)
      else return { start, end, anchor, tag }
      start ??= token.start
      end = token.end
      this.#scanner.take()
    }
  }

  #tag({ handle, suffix, start }: Token & { kind: 'tag' }): string {
    if (handle === '') return suffix
    const prefix = this.#handles.get(handle)
    if (prefix === undefined) throw undefinedHandle(handle, start)
    return prefix + suffix
  }

  #content(within: Collection, indentless: boolean, properties: Properties): YamlNode {
    const token = this.#scanner.peek()
    const start = properties.start ?? token.start
    switch (token.kind) {
      case 'scalar':
        this.#scanner.take()
        return this.#scalar({ text: token.text, plain: token.style === 'plain', tag: properties.tag, start, end: token.end })
      case 'flow-sequence-start':
        this.#noteTag(properties, start)
        return this.#flowList(start)
      case 'flow-mapping-start':
        this.#noteTag(properties, start)
        return this.#oldVar(token.start) ?? this.#flowMap(start)
      case 'block-entry':
        if (!indentless) break
        this.#noteTag(properties, start)
        return this.#indentlessList(start)
      case 'block-sequence-start':
        if (within === 'flow') break
        this.#noteTag(properties, start)
        return this.#blockList(start)
      case 'block-mapping-start':
        if (within === 'flow') break
        this.#noteTag(properties, start)
        return this.#blockMap(start)
      default:
    }
    if (properties.start === undefined) throw valueMissing(token, this.#text)
    return this.#scalar({ text: '', plain: true, tag: properties.tag, start, end: properties.end })
  }

  #scalar(scalar: WrittenScalar): YamlNode {
    const { text, plain, tag, start, end } = scalar
    const resolved = resolveScalar(scalar)
    if ('fault' in resolved) {
      this.#text.add({ kind: 'yaml', start, ...resolved.fault })
      return this.#nothing(start, end)
    }
    if (text === '<<' && (tag === '' ? plain : tag === '!' || tag === `${standardTags}merge`)) this.#merges.add(resolved.node)
    else if (tag !== '' && tag !== '!' && !tag.startsWith(standardTags)) this.#warnOfTag(tag, start)
    return resolved.node
  }

  #nothing(start: number, end: number): YamlNode {
    const nothing = scalarNode(null, start, end)
    this.#broken.add(nothing)
    return nothing
  }

  #noteTag({ tag }: Properties, start: number): void {
    if (tag !== '' && tag !== '!' && tag !== `${standardTags}map` && tag !== `${standardTags}seq`) this.#warnOfTag(tag, start)
  }

  #warnOfTag(tag: string, start: number): void {
    this.#text.add({ severity: 'warning', kind: 'yaml', message: `the tag ${quote(tag)} has no meaning here; a plain value with a tag is text`, start })
  }

  /** Whether the next token is none of these, that is, whether a value stands here. */
  #hasValue(...without: readonly Token['kind'][]): boolean {
    return !without.includes(this.#scanner.peek().kind)
  }

  #valueOr(within: Collection, at: number, ends: readonly Token['kind'][], indentless = false): YamlNode {
    return this.#hasValue(...ends) ? this.node(within, indentless) : scalarNode(null, at, at)
  }

  #blockList(start: number): YamlNode {
    this.#scanner.take()
    const items: YamlNode[] = []
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind !== 'block-entry' && token.kind !== 'block-end') throw misplaced(token, 'list', start, this.#text)
      this.#scanner.take()
      if (token.kind === 'block-end') return listNode(items, start, items.at(-1)?.end ?? token.start)
      items.push(this.#valueOr('block', token.end, ['block-entry', 'block-end']))
    }
  }

  /** Items that stand in the column of the key whose value they are. */
  #indentlessList(start: number): YamlNode {
    const items: YamlNode[] = []
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind !== 'block-entry') return listNode(items, start, items.at(-1)?.end ?? token.start)
      this.#scanner.take()
      items.push(this.#valueOr('block', token.end, ['block-entry', 'key', 'value', 'block-end']))
    }
  }

  #blockMap(start: number): YamlNode {
    this.#scanner.take()
    const map = new MapBuilder(this.#text, this.#dialect, this.#budget)
    const ends = ['key', 'value', 'block-end'] as const
    let end = start
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === 'block-end') {
        this.#scanner.take()
        return mapNode(map.finish(this.#isNothing), start, end)
      }
      if (token.kind !== 'key') throw misplaced(token, 'map', start, this.#text)
      this.#scanner.take()
      const aliased = this.#scanner.peek().kind === 'alias'
      const keyStart = this.#scanner.peek().start
      const key = this.#valueOr('block', token.end, ends, true)
      const value = this.#blockValue(ends, key.end)
      this.#entry(map, { node: key, start: keyStart, aliased }, value)
      end = value.end
    }
  }

  #blockValue(ends: readonly Token['kind'][], keyEnd: number): YamlNode {
    const token = this.#scanner.peek()
    if (token.kind !== 'value') return scalarNode(null, keyEnd, keyEnd)
    this.#scanner.take()
    return this.#valueOr('block', token.end, ends, true)
  }

  #entry(map: MapBuilder, key: { readonly node: YamlNode; readonly start: number; readonly aliased: boolean }, value: YamlNode): void {
    if (!key.aliased && this.#merges.has(key.node)) map.merge(key.start, value, value === this.#fromAlias, this.#isNothing)
    else if (!this.#broken.has(key.node)) map.add(key.start, key.node, value)
  }

  #flowList(start: number): YamlNode {
    this.#scanner.take()
    const items: YamlNode[] = []
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === 'flow-sequence-end') break
      items.push(token.kind === 'key' ? this.#pair(token.start) : this.node('flow'))
      if (!this.#nextInFlow('flow-sequence-end', start)) break
    }
    return listNode(items, start, this.#scanner.take().end)
  }

  /** `[a: b]` is a list of a map with one key. */
  #pair(start: number): YamlNode {
    const map = new MapBuilder(this.#text, this.#dialect, this.#budget)
    const value = this.#flowEntry(map, 'flow-sequence-end')
    return mapNode(map.finish(this.#isNothing), start, value.end)
  }

  #flowMap(start: number): YamlNode {
    this.#scanner.take()
    const map = new MapBuilder(this.#text, this.#dialect, this.#budget)
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === 'flow-mapping-end') break
      if (token.kind === 'key') this.#flowEntry(map, 'flow-mapping-end')
      else {
        const aliased = token.kind === 'alias'
        const key = this.node('flow')
        this.#entry(map, { node: key, start: token.start, aliased }, scalarNode(null, key.end, key.end))
      }
      if (!this.#nextInFlow('flow-mapping-end', start)) break
    }
    return mapNode(map.finish(this.#isNothing), start, this.#scanner.take().end)
  }

  /** From the key's sign to the end of its value. */
  #flowEntry(map: MapBuilder, closing: Token['kind']): YamlNode {
    const sign = this.#scanner.take()
    const aliased = this.#scanner.peek().kind === 'alias'
    const keyStart = this.#scanner.peek().start
    const key = this.#valueOr('flow', sign.end, ['value', 'flow-entry', closing])
    let value = scalarNode(null, key.end, key.end) as YamlNode
    if (this.#scanner.peek().kind === 'value') {
      const colon = this.#scanner.take()
      value = this.#valueOr('flow', colon.end, ['flow-entry', closing])
    }
    this.#entry(map, { node: key, start: keyStart, aliased }, value)
    return value
  }

  /** Passes the comma behind an entry; false where the bracket closes. */
  #nextInFlow(closing: 'flow-sequence-end' | 'flow-mapping-end', start: number): boolean {
    const token = this.#scanner.peek()
    if (token.kind === closing) return false
    if (token.kind !== 'flow-entry') throw notClosed(token, closing, start, this.#text)
    this.#scanner.take()
    return true
  }

  /** An old var gets a finding, and is read as the var that is meant. */
  #oldVar(start: number): YamlNode | undefined {
    const found = oldVarAt(this.#text.source, start)
    if (found === undefined) return undefined
    this.#text.add({ kind: 'yaml', message: 'vars are not written `{{…}}` any more', start, hint: `write \`((${found.name}))\`` })
    while (this.#scanner.peek().start < found.end) this.#scanner.take()
    return scalarNode(`((${found.name}))`, start, found.end)
  }
}
