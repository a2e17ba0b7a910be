import type { ContainerSpec } from '../../contract.ts'

/** Pods that wait for steps. A step that takes one starts as fast as a container does, without a pod's start. */
export interface Sandboxes {
  /** The pod that has become this step's; undefined: none fits, and it needs a pod of its own. */
  take(spec: ContainerSpec): Promise<{ readonly name: string; readonly uid: string } | undefined>
  /** A container is being made ready; call what it returns when it is, or has failed. Sandboxes are made at the next lull, so that they do not compete with steps for the node. */
  preparing(): () => void
  /** Removes all that wait, and makes none for a while, since a step or a guess lacks capacity. False: there were none. */
  giveWay(): Promise<boolean>
  start(): void
  /** Removes what this process has made and nobody has taken. */
  stop(): Promise<void>
}
