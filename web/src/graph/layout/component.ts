import type { Edge } from '../model.ts'
import { toColumns } from './columns.ts'
import { linesOf } from './lines.ts'
import { order } from './order.ts'
import { place } from './place.ts'
import { rank } from './rank.ts'
import type { Layout, Size } from './types.ts'

export interface ToLayOut {
  readonly sizes: readonly Size[]
  /** They close no circle. */
  readonly edges: readonly Edge[]
  /** All nodes, each behind those before it. */
  readonly order: readonly number[]
  readonly gap: Size
}

/** Nodes in columns, each right of all before it, as Sugiyama has it: columns, order in each, heights, lines. */
export function layOutComponent({ sizes, edges, order: topological, gap }: ToLayOut): Layout {
  const ranks = rank(topological, edges)
  const unsorted = toColumns(ranks, edges)
  const { columns, crossings } = order(unsorted)
  const heights = Array.from({ length: unsorted.count }, (_none, node) => sizes[node]?.height ?? 0)
  const middles = place({ columns, ways: unsorted.ways, heights, gap: gap.height })

  const widths = columns.map((column) => Math.max(0, ...column.map((node) => sizes[node]?.width ?? 0)))
  const lefts: number[] = []
  for (const index of columns.keys()) {
    const turning = edges.filter(({ from, to }) => ranks[from]! < index && ranks[to]! >= index).length
    // Where many lines turn side by side they get up to twice the space.
    lefts.push(index === 0 ? 0 : lefts[index - 1]! + widths[index - 1]! + gap.width + Math.min(gap.width, 2 * (turning - 1)))
  }
  const columnOf = new Map(columns.flatMap((column, index) => column.map((node) => [node, index])))
  const boxes = sizes.map((size, node) => ({ ...size, x: lefts[columnOf.get(node)!]!, y: middles[node]! - size.height / 2 }))
  const bendAt = (bend: number) => {
    const column = columnOf.get(bend)!
    return [{ x: lefts[column]!, y: middles[bend]! }, { x: lefts[column]! + widths[column]!, y: middles[bend]! }] as const
  }
  return {
    boxes,
    lines: linesOf({ ways: unsorted.ways, boxes, bendAt }),
    crossings,
    width: Math.max(0, ...boxes.map(({ x, width }) => x + width)),
    height: Math.max(0, ...middles.map((middle, node) => middle + heights[node]! / 2)),
  }
}
