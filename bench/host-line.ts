/**
 * How a bare container says to the host that it runs, at no cost to speak of. It says a name, once, and may wait for the
 * host to let it go on.
 */
export interface HostLine {
  /** For `sh` in the container. */
  say(name: string): string
  /** The same, and then waits until `letGo`. */
  sayAndWait(name: string): string
  /** Resolves at the first byte of whoever says this name. */
  heard(name: string): Promise<Heard>
  close(): Promise<void>
}

export interface Heard {
  /** performance.now of the first byte. */
  readonly at: number
  readonly letGo: () => void
}

/** Names that are waited for. */
export function createHearing() {
  const waiting = new Map<string, (heard: Heard) => void>()
  return {
    heard: (name: string): Promise<Heard> =>
      new Promise((resolve) => {
        waiting.set(name, resolve)
      }),
    tell: (name: string, heard: Heard): void => {
      waiting.get(name)?.(heard)
      waiting.delete(name)
    },
  }
}
