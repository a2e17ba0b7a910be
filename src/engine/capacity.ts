import type { WaitReason } from '../runtime/contract.ts'

/** Removes the oldest container that is kept for intercept; resolves with its handle, or with undefined when there is none. */
export type RemoveOldestKept = () => Promise<string | undefined>

/** Whether a container waits for capacity: of the quota, or of the nodes. */
export const lacksCapacity = ({ kind }: WaitReason): boolean => kind === 'quota' || kind === 'unschedulable'

/**
 * Frees capacity for a step that lacks it: first containers that no step uses (prepared ahead, or waiting for another check), then those
 * that are kept for intercept. Covers one server; containers of other servers are not touched.
 */
export class Capacity {
  private readonly offers = new Set<() => boolean>()
  private readonly removeOldestKept: RemoveOldestKept
  private releasing = false

  constructor(removeOldestKept: RemoveOldestKept) {
    this.removeOldestKept = removeOldestKept
  }

  /** `release` removes containers that no step uses, and returns whether there were any. Returns a function that withdraws the offer. */
  offer(release: () => boolean): () => void {
    this.offers.add(release)
    return () => void this.offers.delete(release)
  }

  /** Releases one thing at a time, since it may be enough. Resolves with a line for the log of the step that waits, if there is something to say. */
  async release(reason: WaitReason): Promise<string | undefined> {
    if (this.releasing) return undefined
    this.releasing = true
    try {
      let released = false
      for (const release of this.offers) released = release() || released
      // A pod that no node takes may ask for what no node has: kept containers are not removed for it.
      if (released || reason.kind !== 'quota') return undefined
      const handle = await this.removeOldestKept()
      return handle === undefined ? undefined : `removed container ${handle}, which was kept for intercept, to make room`
    } finally {
      this.releasing = false
    }
  }
}
