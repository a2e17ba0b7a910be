import { neighbours, type Edge } from '../model.ts'
import { layOutComponent, type ToLayOut } from './component.ts'
import type { Box, Layout, Point } from './types.ts'

/** Parts of the graph that hang together are laid out each by itself, the largest first, and put side by side where there is space: no line of one runs through another. */
export function layOut({ sizes, edges, order, gap }: ToLayOut): Layout {
  const parts = components(sizes.length, edges).toSorted((a, b) => b.length - a.length || a[0]! - b[0]!)
  const partOf = new Map(parts.flatMap((nodes, part) => nodes.map((node) => [node, part])))
  const boxes: Box[] = []
  const lines: Point[][] = []
  let crossings = 0
  const laidOut = parts.map((nodes, part) => {
    const numbers = new Map(nodes.map((node, number) => [node, number]))
    const own = [...edges.keys()].filter((edge) => partOf.get(edges[edge]!.from) === part)
    const layout = layOutComponent({
      sizes: nodes.map((node) => sizes[node]!),
      edges: own.map((edge) => ({ from: numbers.get(edges[edge]!.from)!, to: numbers.get(edges[edge]!.to)! })),
      order: order.filter((node) => partOf.get(node) === part).map((node) => numbers.get(node)!),
      gap,
    })
    return { nodes, own, layout }
  })
  const { corners, width, height } = pack(laidOut.map(({ layout }) => layout), gap)
  for (const [part, { nodes, own, layout }] of laidOut.entries()) {
    const moved = <P extends Point>(point: P): P => ({ ...point, x: point.x + corners[part]!.x, y: point.y + corners[part]!.y })
    for (const [number, node] of nodes.entries()) boxes[node] = moved(layout.boxes[number]!)
    for (const [number, edge] of own.entries()) lines[edge] = layout.lines[number]!.map(moved)
    crossings += layout.crossings
  }
  return { boxes, lines, crossings, width, height }
}

/** Nodes that lines connect, each component in the order of its nodes. */
function components(count: number, edges: readonly Edge[]): number[][] {
  const all = neighbours(count, edges)
  const seen = new Set<number>()
  const found: number[][] = []
  for (let start = 0; start < count; start++) {
    if (seen.has(start)) continue
    const nodes: number[] = []
    const open = [start]
    seen.add(start)
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      nodes.push(node)
      for (const other of [...all[node]!.before, ...all[node]!.after]) {
        if (seen.has(other)) continue
        seen.add(other)
        open.push(other)
      }
    }
    found.push(nodes.toSorted((a, b) => a - b))
  }
  return found
}

/** Below a part, above the next. */
const partGap = 24

/** Shelves as wide as the widest part, filled from left to right. */
function pack(sizes: readonly Layout[], gap: ToLayOut['gap']): { readonly corners: readonly Point[]; readonly width: number; readonly height: number } {
  const width = Math.max(0, ...sizes.map((size) => size.width))
  const corners: Point[] = []
  let shelf = { x: 0, y: 0, height: 0 }
  for (const size of sizes) {
    if (shelf.x > 0 && shelf.x + size.width > width) shelf = { x: 0, y: shelf.y + shelf.height + partGap, height: 0 }
    corners.push({ x: shelf.x, y: shelf.y })
    shelf = { x: shelf.x + size.width + gap.width, y: shelf.y, height: Math.max(shelf.height, size.height) }
  }
  return { corners, width, height: shelf.y + shelf.height }
}
