import { quote } from '../quote.ts'
import type { SourceText } from '../source-text.ts'
import { fromJson, listNode, mapNode, mostWeight, tooBig, type MapEntry, type YamlNode } from '../yaml/node.ts'
import { describeVarError, Filler } from './interpolate.ts'
import type { Lookup } from './lookup.ts'

/** The vars of a file's tree filled in, undefined ones left as written. What comes from a var keeps the var's place. */
export function interpolateTree(root: YamlNode, lookup: Lookup, text: SourceText): { root: YamlNode; secrets: ReadonlySet<string> } {
  const filler = new Filler(lookup)
  // An anchor's uses share one node: fill it once and they still do.
  const done = new Map<YamlNode, YamlNode>()
  let budget = mostWeight
  const filledIn = (node: YamlNode): YamlNode => {
    budget -= node.weight
    return node
  }
  const report = (start: number): void => {
    if (filler.error === undefined) return
    text.add({ kind: 'invalid-var', message: describeVarError(filler.error), start })
    filler.error = undefined
  }
  const visit = (node: YamlNode): YamlNode => {
    const known = done.get(node)
    if (known !== undefined) return known
    const filled = fill(node)
    done.set(node, filled)
    return filled
  }
  const fill = (node: YamlNode): YamlNode => {
    switch (node.kind) {
      case 'scalar': {
        if (typeof node.value !== 'string') return node
        if (budget < 0) return node
        const value = filler.text(node.value)
        report(node.start)
        return value === node.value ? node : filledIn(fromJson(value, { start: node.start, end: node.end, fromVar: node.value }))
      }
      case 'list': {
        const items = node.items.map(visit)
        return items.every((item, i) => item === node.items[i]) ? node : listNode(items, node.start, node.end)
      }
      case 'map':
        return map(node.entries, node)
    }
  }
  const map = (entries: ReadonlyMap<string, MapEntry>, node: YamlNode & { kind: 'map' }): YamlNode => {
    const filled = new Map<string, MapEntry>()
    let changed = false
    for (const [written, entry] of entries) {
      const key = filler.key(written)
      report(entry.keyStart)
      const value = visit(entry.node)
      if (filled.has(key)) {
        text.add({ kind: 'duplicate-key', message: `with its vars filled in, the key ${quote(written)} stands twice in this map`, start: entry.keyStart })
      }
      changed ||= key !== written || value !== entry.node
      filled.set(key, { keyStart: entry.keyStart, node: value })
    }
    return changed ? mapNode(filled, node.start, node.end) : node
  }
  const filled = visit(root)
  if (budget < 0 || tooBig(filled)) {
    text.add({ kind: 'too-large', message: 'its vars stand for more than this program is willing to write out', start: root.start })
    return { root, secrets: filler.secrets }
  }
  return { root: filled, secrets: filler.secrets }
}
