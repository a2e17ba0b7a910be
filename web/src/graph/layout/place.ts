import { linksOf, type Way } from './columns.ts'
import { linksBetween, type Ends } from './links.ts'

export interface ToPlace {
  /** In their order from top to bottom. */
  readonly columns: readonly (readonly number[])[]
  readonly ways: readonly Way[]
  /** Of nodes and bends. */
  readonly heights: readonly number[]
  readonly gap: number
}

const sweeps = 12
/** A link between two bends is kept straight before one between nodes. */
const weightOfBends = 8

/** The middle of each node and bend, from the top: near those of its neighbours, at least `gap` below what stands above it. */
export function place({ columns, ways, heights, gap }: ToPlace): number[] {
  const { before, after } = linksBetween(heights.length, linksOf(ways))
  const middles = new Float64Array(heights.length)
  let [sum, weight] = [0, 0]
  const pull = (node: number, { from, to }: Ends): void => {
    const isBend = heights[node] === 0
    for (let at = from[node]!; at < from[node + 1]!; at++) {
      const other = to[at]!
      const pulls = isBend && heights[other] === 0 ? weightOfBends : 1
      weight += pulls
      sum += middles[other]! * pulls
    }
  }
  for (const column of columns) settle(column, new Float64Array(column.length), new Float64Array(column.length).fill(1))
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const last = sweep >= sweeps - 2
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wishes = new Float64Array(column.length)
      const weights = new Float64Array(column.length)
      for (const [index, node] of column.entries()) {
        sum = weight = 0
        if (last || sweep % 2 === 0) pull(node, before)
        if (last || sweep % 2 === 1) pull(node, after)
        wishes[index] = weight === 0 ? middles[node]! : sum / weight
        weights[index] = weight === 0 ? 0.01 : weight
      }
      settle(column, wishes, weights)
    }
  }
  const top = heights.reduce((least, height, node) => Math.min(least, middles[node]! - height / 2), Infinity)
  return Array.from(middles, (middle) => middle - top)

  /** The places nearest to the wishes (least squares) that keep the order and the gaps: wishes that collide become a block at their weighted mean. */
  function settle(column: readonly number[], wishes: Float64Array, weights: Float64Array): void {
    const offsets = new Float64Array(column.length)
    for (let index = 1; index < column.length; index++) offsets[index] = offsets[index - 1]! + heights[column[index - 1]!]! / 2 + gap + heights[column[index]!]! / 2
    const blocks: { sum: number; weight: number; size: number }[] = []
    for (const index of column.keys()) {
      const weight = weights[index]!
      let block = { sum: (wishes[index]! - offsets[index]!) * weight, weight, size: 1 }
      for (let above = blocks.at(-1); above !== undefined && above.sum / above.weight > block.sum / block.weight; above = blocks.at(-1)) {
        block = { sum: above.sum + block.sum, weight: above.weight + block.weight, size: above.size + block.size }
        blocks.pop()
      }
      blocks.push(block)
    }
    let index = 0
    for (const { sum, weight, size } of blocks) {
      for (let end = index + size; index < end; index++) middles[column[index]!] = sum / weight + offsets[index]!
    }
  }
}
