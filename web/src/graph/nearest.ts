import type { Box } from './layout/types.ts'
import type { Picture } from './picture.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

const middle = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 })

/** The key of the node that stands next in a direction; what stands askew counts as further away. Undefined: none does. */
export function nearest({ nodes }: Picture, key: string, direction: Direction): string | undefined {
  const start = nodes.find((node) => node.key === key)
  if (start === undefined) return undefined
  const from = middle(start.box)
  let best: { key: string; distance: number } | undefined
  for (const node of nodes) {
    const to = middle(node.box)
    const level = direction === 'left' || direction === 'right'
    const along = (level ? to.x - from.x : to.y - from.y) * (direction === 'left' || direction === 'up' ? -1 : 1)
    const askew = Math.abs(level ? to.y - from.y : to.x - from.x)
    if (along <= 0.5 || (!level && askew > start.box.width)) continue
    const distance = along + 2 * askew
    if (best === undefined || distance < best.distance) best = { key: node.key, distance }
  }
  return best?.key
}
