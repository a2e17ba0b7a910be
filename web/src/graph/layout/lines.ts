import type { Way } from './columns.ts'
import type { Box, Point } from './types.ts'

export interface ToDraw {
  readonly ways: readonly Way[]
  readonly boxes: readonly Box[]
  /** Of a bend: the left and right edge of its column, at the height where it stands. */
  readonly bendAt: (bend: number) => readonly [Point, Point]
}

/** Between two lines at one side of a box. */
const usualPitch = 6

/** The points of each way. Lines that end at one side of a box end below each other, in the order of where they come from, so that each can be followed with the eye. */
export function linesOf({ ways, boxes, bendAt }: ToDraw): Point[][] {
  const bends = ways.map((way) => way.slice(1, -1).flatMap(bendAt))
  const leave = spread(ways.map((way, index) => ({ at: way[0]!, towards: bends[index]![0]?.y ?? middle(boxes[way.at(-1)!]!) })), boxes)
  const arrive = spread(ways.map((way, index) => ({ at: way.at(-1)!, towards: bends[index]!.at(-1)?.y ?? middle(boxes[way[0]!]!) })), boxes)
  return ways.map((way, index) => {
    const from = boxes[way[0]!]!
    const to = boxes[way.at(-1)!]!
    return [{ x: from.x + from.width, y: leave[index]! }, ...bends[index]!, { x: to.x, y: arrive[index]! }]
  })
}

const middle = ({ y, height }: Box): number => y + height / 2

function spread(ends: readonly { readonly at: number; readonly towards: number }[], boxes: readonly Box[]): number[] {
  const heights: number[] = ends.map(() => 0)
  const byBox = Map.groupBy(ends.keys(), (end) => ends[end]!.at)
  for (const [node, there] of byBox) {
    const box = boxes[node]!
    const pitch = Math.min(usualPitch, (box.height - 8) / Math.max(1, there.length - 1))
    for (const [index, end] of there.toSorted((a, b) => ends[a]!.towards - ends[b]!.towards || a - b).entries()) {
      heights[end] = middle(box) + (index - (there.length - 1) / 2) * pitch
    }
  }
  return heights
}
