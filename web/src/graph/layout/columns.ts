import type { Edge } from '../model.ts'

/** An edge as what stands on it from column to column: its ends, and in the columns between them bends, which have numbers behind those of the nodes. */
export type Way = readonly number[]

export interface Columns {
  /** Nodes and bends of each column, from top to bottom. */
  readonly columns: readonly (readonly number[])[]
  readonly ways: readonly Way[]
  /** How many nodes and bends there are. */
  readonly count: number
}

/** Splits edges over several columns into links of one column each. */
export function toColumns(ranks: readonly number[], edges: readonly Edge[]): Columns {
  const columns: number[][] = Array.from({ length: Math.max(-1, ...ranks) + 1 }, () => [])
  for (const [node, column] of ranks.entries()) columns[column]!.push(node)
  let count = ranks.length
  const ways = edges.map(({ from, to }) => {
    const way = [from]
    for (let column = ranks[from]! + 1; column < ranks[to]!; column++) {
      columns[column]!.push(count)
      way.push(count++)
    }
    return [...way, to]
  })
  return { columns, ways, count }
}

export const linksOf = (ways: readonly Way[]): Edge[] => ways.flatMap((way) => way.slice(1).map((to, index) => ({ from: way[index]!, to })))
