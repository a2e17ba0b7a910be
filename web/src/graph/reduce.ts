import type { Edge } from './model.ts'

/**
 * Transitive reduction: without the edges between nodes that a longer way connects too, since they show nothing that the way does not.
 * `edges` close no circle; `order` has each node behind those before it.
 */
export function reduce<E extends Edge>(order: readonly number[], edges: readonly E[]): { readonly kept: E[]; readonly hidden: E[] } {
  const place = new Map(order.map((node, index) => [node, index]))
  const placeOf = (node: number): number => place.get(node) ?? 0
  const leaving = order.map(() => [] as E[])
  for (const edge of edges) leaving[placeOf(edge.from)]?.push(edge)
  // A set of bits for each node: what it reaches. 1 000 jobs take 125 kB.
  const words = Math.ceil(order.length / 32)
  const reaches = new Uint32Array(order.length * words)
  const has = (node: number, other: number): boolean => ((reaches[node * words + (other >>> 5)]! >>> (other & 31)) & 1) === 1
  const keep = new Set<E>()
  for (let node = order.length - 1; node >= 0; node--) {
    // The nearest first: whatever a longer way reaches is marked before the edge to it is looked at.
    for (const edge of leaving[node]!.toSorted((a, b) => placeOf(a.to) - placeOf(b.to))) {
      const to = placeOf(edge.to)
      if (has(node, to)) continue
      keep.add(edge)
      for (let word = 0; word < words; word++) reaches[node * words + word]! |= reaches[to * words + word]!
      reaches[node * words + (to >>> 5)]! |= 1 << (to & 31)
    }
  }
  return { kept: edges.filter((edge) => keep.has(edge)), hidden: edges.filter((edge) => !keep.has(edge)) }
}
