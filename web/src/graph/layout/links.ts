import type { Edge } from '../model.ts'

/** Ends of the links at each node in one direction, in the order of the links: those of `node` stand in `to` from `from[node]` up to `from[node + 1]`. Some ten thousand links are walked some hundred times. */
export interface Ends {
  readonly from: Int32Array
  readonly to: Int32Array
}

export interface Links {
  readonly before: Ends
  readonly after: Ends
}

export const linksBetween = (count: number, edges: readonly Edge[]): Links => ({ before: endsOf(count, edges, 'to', 'from'), after: endsOf(count, edges, 'from', 'to') })

function endsOf(count: number, edges: readonly Edge[], at: keyof Edge, other: keyof Edge): Ends {
  const from = new Int32Array(count + 1)
  for (const edge of edges) from[edge[at] + 1]!++
  for (let node = 0; node < count; node++) from[node + 1]! += from[node]!
  const next = from.slice(0, count)
  const to = new Int32Array(edges.length)
  for (const edge of edges) to[next[edge[at]]!++] = edge[other]
  return { from, to }
}
