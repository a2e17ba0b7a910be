import { acyclic } from './acyclic.ts'
import { group } from './group.ts'
import { layOut } from './layout/layout.ts'
import type { Box, Size } from './layout/types.ts'
import { jobEdges, type GraphJob } from './model.ts'
import { between, jobKey, type Picture, type PictureLine } from './picture.ts'
import { reduce } from './reduce.ts'

export const jobSize: Size = { width: 196, height: 34 }
const gap: Size = { width: 56, height: 18 }
const rowGap = 6
const padding = 8
/** Of a frame, before it gets a further column. */
const mostRows = 16
const captionHeight = 30

/** Jobs, and lines only for `passed`: without those that a longer way shows too, and one for all jobs that have the same. Jobs without a line stand in a grid below. */
export function jobsView(jobs: readonly GraphJob[]): Picture {
  const edges = jobEdges(jobs)
  const { forward, back, order } = acyclic(jobs.length, edges)
  const { kept, hidden } = reduce(order, forward)
  const grouping = group(jobs.length, { forward: kept, back })
  const { groups, alone } = grouping
  const place = new Map(order.map((node, index) => [node, index]))
  const laidOut = layOut({
    sizes: groups.map((nodes) => frameSize(nodes.length)),
    edges: grouping.forward,
    // All of a group stand behind all of the groups before it.
    order: [...groups.keys()].toSorted((a, b) => place.get(groups[a]![0]!)! - place.get(groups[b]![0]!)!),
    gap,
  })

  const boxes = new Map<number, Box>()
  for (const [number, nodes] of groups.entries()) {
    for (const [index, node] of nodes.entries()) boxes.set(node, inFrame(laidOut.boxes[number]!, index, nodes.length))
  }
  const grid = gridOf(alone, laidOut)
  for (const [node, box] of grid.boxes) boxes.set(node, box)

  const keys = jobs.map(({ name }) => jobKey(name))
  const keysOf = (number: number): string[] => groups[number]!.map((node) => keys[node]!)
  const startsBuilds = new Set(edges.flatMap(({ from, to, trigger }) => (trigger ? [from * jobs.length + to] : [])))
  const line = (from: number, to: number) => ({
    from: keysOf(from),
    to: keysOf(to),
    dotted: !groups[from]!.some((one) => groups[to]!.some((other) => startsBuilds.has(one * jobs.length + other))),
  })
  const lines: PictureLine[] = [
    ...grouping.forward.map(({ from, to }, index) => ({ ...line(from, to), points: laidOut.lines[index]!, back: false })),
    ...grouping.back.map(({ from, to }) => ({ ...line(from, to), points: between(laidOut.boxes[from]!, laidOut.boxes[to]!), back: true })),
  ]
  return {
    nodes: order.map((node) => ({ key: keys[node]!, kind: 'job', name: jobs[node]!.name, box: boxes.get(node)! })),
    frames: laidOut.boxes.filter((_box, number) => groups[number]!.length > 1),
    lines,
    hidden: hidden.map(({ from, to }) => ({ from: keys[from]!, to: keys[to]! })),
    captions: grid.captions,
    crossings: laidOut.crossings,
    width: Math.max(laidOut.width, grid.width),
    height: grid.height,
  }
}

const framed = (count: number): { readonly rows: number; readonly columns: number } => {
  const columns = Math.ceil(count / mostRows)
  return { columns, rows: Math.ceil(count / columns) }
}

function frameSize(count: number): Size {
  if (count === 1) return jobSize
  const { rows, columns } = framed(count)
  return { width: columns * (jobSize.width + padding) + padding, height: rows * (jobSize.height + rowGap) - rowGap + 2 * padding }
}

function inFrame(frame: Box, index: number, count: number): Box {
  if (count === 1) return frame
  const { rows } = framed(count)
  return { ...jobSize, x: frame.x + padding + Math.floor(index / rows) * (jobSize.width + padding), y: frame.y + padding + (index % rows) * (jobSize.height + rowGap) }
}

function gridOf(alone: readonly number[], above: Size): { readonly boxes: ReadonlyMap<number, Box>; readonly captions: Picture['captions'] } & Size {
  if (alone.length === 0) return { boxes: new Map(), captions: [], width: above.width, height: above.height }
  const pitch = { width: jobSize.width + 14, height: jobSize.height + 8 }
  const square = Math.ceil(Math.sqrt(alone.length / 2)) + 1
  const columns = Math.min(alone.length, Math.max(square, Math.floor((above.width + 14) / pitch.width)))
  const isAll = above.height === 0
  const top = isAll ? 0 : above.height + captionHeight
  const boxes = new Map(alone.map((node, index) => [node, { ...jobSize, x: (index % columns) * pitch.width, y: top + Math.floor(index / columns) * pitch.height }]))
  return {
    boxes,
    captions: isAll ? [] : [{ x: 0, y: top - 8, text: `Jobs that are not connected (${alone.length})` }],
    width: columns * pitch.width - 14,
    height: top + Math.ceil(alone.length / columns) * pitch.height - 8,
  }
}
