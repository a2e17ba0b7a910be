import type { Clock } from '../../lib/clock.ts'
import type { Delivery, DeliveryChoice } from './options.ts'

const rememberMs = 6 * 3_600_000

/**
 * What the cluster's nodes can do. Support is a node's, not the cluster's: the first pod that fails for want of it is made again
 * without, and for hours no pod asks for it while such a node may get it.
 */
export interface Abilities {
  /** What GET /version says, once it is known. */
  setVersion(minor: number): void
  readonly delivery: Delivery
  readonly userNamespaces: boolean
  lacksImageVolumes(node: string): void
  lacksUserNamespaces(node: string): void
}

export function createAbilities(clock: Clock, delivery: DeliveryChoice, userNamespaces: 'auto' | 'on' | 'off'): Abilities {
  const withoutVolumes = new Map<string, number>()
  const withoutNamespaces = new Map<string, number>()
  let minor = 0
  const anyOf = (nodes: Map<string, number>): boolean => {
    for (const [node, since] of nodes) if (clock.now() - since > rememberMs) nodes.delete(node)
    return nodes.size > 0
  }
  return {
    setVersion: (value) => (minor = value),
    get delivery() {
      if (delivery !== 'auto') return delivery
      // On by default from 1.35.
      return minor >= 35 && !anyOf(withoutVolumes) ? 'image-volume' : 'helper-container'
    },
    get userNamespaces() {
      // On by default from 1.33.
      return userNamespaces === 'auto' ? minor >= 33 && !anyOf(withoutNamespaces) : userNamespaces === 'on'
    },
    lacksImageVolumes: (node) => withoutVolumes.set(node, clock.now()),
    lacksUserNamespaces: (node) => withoutNamespaces.set(node, clock.now()),
  }
}
