import type { Json } from '../../model/json.ts'
import { objectOf } from '../json-object.ts'

/**
 * A file's values with their places, anchors and merges already followed. An anchor's uses share one node, so the
 * tree is a graph without cycles: a few lines can stand for millions of values, and `weight` says for how many.
 */
export type YamlNode = ScalarNode | ListNode | MapNode

interface Placed {
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
  /** Rough size when every use of an anchor is written out. */
  readonly weight: number
  readonly depth: number
  /** Text of the `((var))` that this came from: its value may be secret, and is not shown. */
  readonly fromVar?: string
}

export interface ScalarNode extends Placed {
  readonly kind: 'scalar'
  readonly value: null | boolean | number | string
  /** As written, where that is not the value itself: `0755`, `yes`, `1.10`. */
  readonly source?: string
  /** All digits of a whole number that is too large for `value` to hold exactly. */
  readonly digits?: string
}

export interface ListNode extends Placed {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

export interface MapNode extends Placed {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, MapEntry>
}

export interface MapEntry {
  /** Offset of the key. */
  readonly keyStart: number
  readonly node: YamlNode
  /** It came by `<<`. */
  readonly merged?: boolean
}

/** Bound on `weight`: some hundred thousand values, which no hand-written pipeline comes near. */
export const mostWeight = 32 * 1024 * 1024
export const mostDepth = 300

const shell = 20

export function scalarNode(value: ScalarNode['value'], start: number, end: number, extra: { source?: string; digits?: string; fromVar?: string } = {}): ScalarNode {
  return { kind: 'scalar', value, start, end, weight: shell + (typeof value === 'string' ? value.length : 0), depth: 0, ...extra }
}

export function listNode(items: readonly YamlNode[], start: number, end: number, fromVar?: string): ListNode {
  return { kind: 'list', items, start, end, ...measure(items), ...(fromVar !== undefined && { fromVar }) }
}

export function mapNode(entries: ReadonlyMap<string, MapEntry>, start: number, end: number, fromVar?: string): MapNode {
  const { weight, depth } = measure(Array.from(entries.values(), (entry) => entry.node))
  let keys = 0
  for (const key of entries.keys()) keys += shell + key.length
  return { kind: 'map', entries, start, end, weight: weight + keys, depth, ...(fromVar !== undefined && { fromVar }) }
}

function measure(children: readonly YamlNode[]): { weight: number; depth: number } {
  let weight = shell
  let depth = 0
  for (const child of children) {
    weight += child.weight
    depth = Math.max(depth, child.depth + 1)
  }
  return { weight, depth }
}

export const tooBig = (node: YamlNode): boolean => node.weight > mostWeight || node.depth > mostDepth

/** The plain value. Only for nodes that are not tooBig. */
export function toJson(node: YamlNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toJson)
    case 'map':
      return objectOf(Array.from(node.entries, ([key, entry]) => [key, toJson(entry.node)] as const))
  }
}

/** A node for a value that has no text of its own: everything stands at one place. A value nested too deeply comes out tooBig. */
export function fromJson(value: Json, at: Pick<YamlNode, 'start' | 'end' | 'fromVar'>, level = 0): YamlNode {
  const { start, end, fromVar } = at
  if (level > mostDepth) return { ...scalarNode(null, start, end), depth: mostDepth + 1 }
  const node = (child: Json): YamlNode => fromJson(child, at, level + 1)
  if (Array.isArray(value)) return listNode(value.map(node), start, end, fromVar)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, child]) => [key, { keyStart: start, node: node(child) }] as const)
    return mapNode(new Map(entries), start, end, fromVar)
  }
  return scalarNode(value, start, end, fromVar === undefined ? {} : { fromVar })
}
