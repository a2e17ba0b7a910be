import { linksOf, type Columns } from './columns.ts'
import { allCrossings } from './crossings.ts'
import { linksBetween, type Ends, type Links } from './links.ts'
import { swapped } from './swaps.ts'

const mostSweeps = 24
/** Sweeps without fewer crossings, after which no more are tried. */
const patience = 4

/** Sorts each column so that few links cross: by the mean place of the neighbours, sweeping right and left, and by swapping neighbours of a column. Answers the best that it saw. */
export function order({ columns, ways, count }: Columns): { readonly columns: readonly (readonly number[])[]; readonly crossings: number } {
  const links = linksBetween(count, linksOf(ways))
  const place = new Int32Array(count)
  let current = depthFirst(columns, links, count)
  note(current, place)
  let best = current
  let fewest = allCrossings(best, links, place)
  for (let sweep = 0, since = 0; sweep < mostSweeps && since < patience && fewest > 0; sweep++, since++) {
    current = swapped(swept(current, links, place, sweep % 2 === 0), links, place)
    const found = allCrossings(current, links, place)
    if (found >= fewest) continue
    best = current
    fewest = found
    since = 0
  }
  return { columns: best, crossings: fewest }
}

function note(columns: readonly (readonly number[])[], place: Int32Array): void {
  for (const column of columns) column.forEach((node, index) => (place[node] = index))
}

/** Nodes in the order in which a walk along the links meets them: a tree has no crossings then. */
function depthFirst(columns: readonly (readonly number[])[], { before, after }: Links, count: number): number[][] {
  const columnOf = new Int32Array(count)
  columns.forEach((column, index) => column.forEach((node) => (columnOf[node] = index)))
  const sorted: number[][] = columns.map(() => [])
  const seen = new Uint8Array(count)
  const pushLast = (open: number[], { from, to }: Ends, node: number): void => {
    for (let at = from[node + 1]! - 1; at >= from[node]!; at--) open.push(to[at]!)
  }
  for (const start of columns.flat()) {
    const open = [start]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen[node] === 1) continue
      seen[node] = 1
      sorted[columnOf[node]!]!.push(node)
      pushLast(open, before, node)
      pushLast(open, after, node)
    }
  }
  return sorted
}

/** Each column by the mean places of its neighbours at one side; `place` is kept true. */
function swept(columns: readonly (readonly number[])[], { before, after }: Links, place: Int32Array, right: boolean): number[][] {
  const { from, to } = right ? before : after
  const wishes = new Float64Array(place.length)
  note(columns, place)
  const result = columns.map((column) => [...column])
  for (const column of right ? result : result.toReversed()) {
    for (const node of column) {
      const [first, end] = [from[node]!, from[node + 1]!]
      let sum = 0
      for (let at = first; at < end; at++) sum += place[to[at]!]!
      wishes[node] = first === end ? place[node]! : sum / (end - first)
    }
    column.sort((a, b) => wishes[a]! - wishes[b]! || place[a]! - place[b]!)
    column.forEach((node, index) => (place[node] = index))
  }
  return result
}
