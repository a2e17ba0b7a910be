import { neighbours } from '../model.ts'
import { linksOf, type Way } from './columns.ts'

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
  const all = neighbours(heights.length, linksOf(ways))
  const middles = heights.map(() => 0)
  const isBend = (node: number): boolean => heights[node] === 0
  for (const column of columns) settle(column, column.map(() => 0), column.map(() => 1))
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const last = sweep >= sweeps - 2
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wishes = column.map((node) => {
        const { before, after } = all[node]!
        const near = last ? [...before, ...after] : sweep % 2 === 0 ? before : after
        const weights = near.map((other) => (isBend(node) && isBend(other) ? weightOfBends : 1))
        const weight = weights.reduce((sum, one) => sum + one, 0)
        return weight === 0 ? { at: middles[node]!, weight: 0.01 } : { at: near.reduce((sum, other, index) => sum + middles[other]! * weights[index]!, 0) / weight, weight }
      })
      settle(column, wishes.map(({ at }) => at), wishes.map(({ weight }) => weight))
    }
  }
  const top = Math.min(...heights.map((height, node) => middles[node]! - height / 2))
  return middles.map((middle) => middle - top)

  /** The places nearest to the wishes (least squares) that keep the order and the gaps: wishes that collide become a block at their weighted mean. */
  function settle(column: readonly number[], wishes: readonly number[], weights: readonly number[]): void {
    const offsets: number[] = []
    for (const [index, node] of column.entries()) {
      const above = column[index - 1]
      offsets.push(above === undefined ? 0 : offsets[index - 1]! + heights[above]! / 2 + gap + heights[node]! / 2)
    }
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
