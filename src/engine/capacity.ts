import type { WaitReason } from '../runtime/contract.ts'

/** Removes the oldest container that is kept for intercept; resolves with its handle, or with undefined when there is none. */
export type RemoveOldestKept = () => Promise<string | undefined>

export type Released =
  | { readonly kind: 'released'; /** For the log of the step that waits, if there is something to say. */ readonly line?: string }
  | { readonly kind: 'nothing' }
  /** Something is being released for another step. */
  | { readonly kind: 'busy' }

/** Whether a container waits for capacity: of the quota, or of the nodes. */
export const lacksCapacity = ({ kind }: WaitReason): boolean => kind === 'quota' || kind === 'unschedulable'

/** A pod that no node takes for another reason than capacity, such as a label, would not be taken either when kept containers are gone. */
const keptMayHelp = ({ kind, message }: WaitReason): boolean => kind === 'quota' || /Insufficient (?:cpu|memory|ephemeral-storage)|Too many pods/.test(message)

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

  /** Releases one thing at a time, since it may be enough. */
  async release(reason: WaitReason): Promise<Released> {
    if (this.releasing) return { kind: 'busy' }
    this.releasing = true
    try {
      let released = false
      for (const release of this.offers) released = release() || released
      if (released) return { kind: 'released' }
      const handle = keptMayHelp(reason) ? await this.removeOldestKept() : undefined
      return handle === undefined ? { kind: 'nothing' } : { kind: 'released', line: `removed container ${handle}, which was kept for intercept, to make room` }
    } finally {
      this.releasing = false
    }
  }
}
