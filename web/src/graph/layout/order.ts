import { neighbours, type Neighbours } from '../model.ts'
import { linksOf, type Columns } from './columns.ts'
import { allCrossings } from './crossings.ts'

const mostSweeps = 24
/** Sweeps without fewer crossings, after which no more are tried. */
const patience = 4

/** Sorts each column so that few links cross: by the mean place of the neighbours, sweeping right and left, and by swapping neighbours of a column. Answers the best that it saw. */
export function order({ columns, ways, count }: Columns): { readonly columns: readonly (readonly number[])[]; readonly crossings: number } {
  const all = neighbours(count, linksOf(ways))
  let current = depthFirst(columns, all)
  let best = current
  let fewest = allCrossings(best, all)
  for (let sweep = 0, since = 0; sweep < mostSweeps && since < patience && fewest > 0; sweep++, since++) {
    current = swapped(swept(current, all, sweep % 2 === 0 ? 'before' : 'after'), all)
    const found = allCrossings(current, all)
    if (found >= fewest) continue
    best = current
    fewest = found
    since = 0
  }
  return { columns: best, crossings: fewest }
}

/** Nodes in the order in which a walk along the links meets them: a tree has no crossings then. */
function depthFirst(columns: readonly (readonly number[])[], all: readonly Neighbours[]): number[][] {
  const columnOf = new Map(columns.flatMap((column, index) => column.map((node) => [node, index])))
  const sorted: number[][] = columns.map(() => [])
  const seen = new Set<number>()
  for (const start of columns.flat()) {
    const open = [start]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node)) continue
      seen.add(node)
      sorted[columnOf.get(node)!]!.push(node)
      open.push(...all[node]!.before.toReversed(), ...all[node]!.after.toReversed())
    }
  }
  return sorted
}

function swept(columns: readonly (readonly number[])[], all: readonly Neighbours[], side: keyof Neighbours): number[][] {
  const place = new Map<number, number>()
  const note = (column: readonly number[]): void => column.forEach((node, index) => place.set(node, index))
  const result = columns.map((column) => [...column])
  columns.forEach(note)
  const walk = side === 'before' ? result : result.toReversed()
  for (const column of walk) {
    const wish = new Map(column.map((node, index) => {
      const near = all[node]![side]
      return [node, near.length === 0 ? index : near.reduce((sum, other) => sum + place.get(other)!, 0) / near.length]
    }))
    column.sort((a, b) => wish.get(a)! - wish.get(b)! || place.get(a)! - place.get(b)!)
    note(column)
  }
  return result
}

/** Swaps neighbours of a column as long as that makes fewer crossings. */
function swapped(columns: number[][], all: readonly Neighbours[]): number[][] {
  const place = new Map<number, number>()
  for (const column of columns) column.forEach((node, index) => place.set(node, index))
  for (const column of columns) {
    for (let again = true, passes = 0; again && passes < 8; passes++) {
      again = false
      for (let index = 1; index < column.length; index++) {
        const upper = column[index - 1]!
        const lower = column[index]!
        if (crossing(upper, lower, { all, place }) <= crossing(lower, upper, { all, place })) continue
        column[index - 1] = lower
        column[index] = upper
        place.set(lower, index - 1).set(upper, index)
        again = true
      }
    }
  }
  return columns
}

/** Crossings between the links of two nodes of a column, when one stands above the other. */
function crossing(upper: number, lower: number, { all, place }: { readonly all: readonly Neighbours[]; readonly place: ReadonlyMap<number, number> }): number {
  let found = 0
  for (const side of ['before', 'after'] as const) {
    for (const a of all[upper]![side]) for (const b of all[lower]![side]) if (place.get(a)! > place.get(b)!) found++
  }
  return found
}
