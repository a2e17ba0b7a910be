import { acyclic } from './acyclic.ts'
import { drawnResources, type Drawn, type DrawnEdge } from './drawn-resources.ts'
import { layOut } from './layout/layout.ts'
import type { Size } from './layout/types.ts'
import { neighbours, type GraphJob } from './model.ts'
import { between, type Picture, type PictureLine } from './picture.ts'

const gap: Size = { width: 56, height: 10 }

/** Concourse's picture: the resources that pass stand between jobs, and a line without a trigger is dotted. */
export function resourcesView(jobs: readonly GraphJob[]): Picture {
  const { nodes, edges } = drawnResources(jobs)
  return pictureOf(nodes, edges)
}

/** Nodes in columns, each behind those that lead to it. */
export function pictureOf(nodes: readonly Drawn[], edges: readonly DrawnEdge[]): Picture {
  const { forward, back, order } = acyclic(nodes.length, edges)
  const sizes = neighbours(nodes.length, edges).map(({ before, after }, node) => sizeOf(nodes[node]!.kind, Math.max(before.length, after.length)))
  const laidOut = layOut({ sizes, edges: forward, order, gap })
  const line = ({ from, to, dotted }: DrawnEdge) => ({ from: [nodes[from]!.key], to: [nodes[to]!.key], dotted })
  const lines: PictureLine[] = [
    ...forward.map((edge, index) => ({ ...line(edge), points: laidOut.lines[index]!, back: false })),
    ...back.map((edge) => ({ ...line(edge), points: between(laidOut.boxes[edge.from]!, laidOut.boxes[edge.to]!), back: true })),
  ]
  return {
    nodes: order.map((node) => ({ ...nodes[node]!, box: laidOut.boxes[node]! })),
    frames: [],
    lines,
    hidden: [],
    captions: [],
    crossings: laidOut.crossings,
    width: laidOut.width,
    height: laidOut.height,
  }
}

/** Lines end below each other at a box's side, 6 apart. */
const sizeOf = (kind: 'job' | 'resource', lines: number): Size => ({ width: kind === 'job' ? 196 : 168, height: Math.max(kind === 'job' ? 34 : 26, lines * 6 + 8) })
