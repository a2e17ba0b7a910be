import type { WaitReason } from '../runtime/contract.ts'

/** Gives up the oldest container that is kept for intercept; its handle, or undefined when there is none. */
export type GiveUpKept = () => Promise<string | undefined>

/** Whether room is what a container waits for. */
export const needsRoom = ({ kind }: WaitReason): boolean => kind === 'quota' || kind === 'unschedulable'

/**
 * Who gives something up when a step finds no room: guesses and containers that wait for another check, then what is kept for
 * people. Of one server: what others have is theirs.
 */
export class Room {
  private readonly offers = new Set<() => boolean>()
  private readonly giveUpKept: GiveUpKept
  private making = false

  constructor(giveUpKept: GiveUpKept) {
    this.giveUpKept = giveUpKept
  }

  /** `giveUp` drops what nobody would miss, and tells whether there was any; returns what ends the offer. */
  offer(giveUp: () => boolean): () => void {
    this.offers.add(giveUp)
    return () => void this.offers.delete(giveUp)
  }

  /** One thing at a time, since the room that it makes may be enough. Gives a line for the log of the step that waits. */
  async make(reason: WaitReason): Promise<string | undefined> {
    if (this.making) return undefined
    this.making = true
    try {
      let made = false
      for (const giveUp of this.offers) made = giveUp() || made
      // A pod that no node takes may ask for what no node has: nobody's container is given up for that.
      if (made || reason.kind !== 'quota') return undefined
      const handle = await this.giveUpKept()
      return handle === undefined ? undefined : `removed container ${handle}, which was kept for intercept, to make room`
    } finally {
      this.making = false
    }
  }
}
