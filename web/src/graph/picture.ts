import type { Box, Point, Size } from './layout/types.ts'

/** What is drawn, and where. It holds no states of jobs: those change without a new picture. */
export interface Picture extends Size {
  /** In topological order, so that whoever reads them one by one meets a job behind those that it waits for. */
  readonly nodes: readonly PictureNode[]
  /** Boxes around nodes that share their lines. */
  readonly frames: readonly Box[]
  readonly lines: readonly PictureLine[]
  /** Edges that are not drawn since a longer way connects their ends; they are when an end is selected. */
  readonly hidden: readonly { readonly from: string; readonly to: string }[]
  readonly captions: readonly (Point & { readonly text: string })[]
  readonly crossings: number
}

export interface PictureNode {
  readonly key: string
  readonly kind: 'job' | 'resource'
  readonly name: string
  readonly box: Box
}

export interface PictureLine {
  /** Keys of the nodes at each end: all of a frame. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly points: readonly Point[]
  /** No version that comes along it starts a build. */
  readonly dotted: boolean
  /** It closes a circle, and runs to the left. */
  readonly back: boolean
}

export const jobKey = (name: string): string => `job:${name}`

/** As the `d` of an SVG path: level between the points of a pair, a curve from pair to pair. */
export function pathOf([first, ...points]: readonly Point[]): string {
  if (first === undefined) return ''
  let at = first
  let path = `M${round(at.x)},${round(at.y)}`
  for (const [index, point] of points.entries()) {
    const bow = Math.max((point.x - at.x) / 2, point.x < at.x ? 40 : 0)
    path += index % 2 === 1 ? `H${round(point.x)}` : `C${round(at.x + bow)},${round(at.y)} ${round(point.x - bow)},${round(point.y)} ${round(point.x)},${round(point.y)}`
    at = point
  }
  return path
}

const round = (number: number): number => Math.round(number * 10) / 10

/** From the middle of the right side of one box to the middle of the left side of the other. */
export const between = (from: Box, to: Box): readonly [Point, Point] => [
  { x: from.x + from.width, y: from.y + from.height / 2 },
  { x: to.x, y: to.y + to.height / 2 },
]

/** Lines at a node that is selected, and the edges at it that are not drawn else. */
export function lit({ lines, hidden }: Picture, key: string): { readonly lines: ReadonlySet<PictureLine>; readonly hidden: Picture['hidden'] } {
  return {
    lines: new Set(lines.filter(({ from, to }) => from.includes(key) || to.includes(key))),
    hidden: hidden.filter(({ from, to }) => from === key || to === key),
  }
}
