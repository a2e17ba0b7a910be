import { setImmediate as turn } from 'node:timers/promises'

/** How long work goes on without a pause, in ms. */
const longest = 5

/** Pauses of long work, so that other work is not held up. */
export class Turns {
  #since = performance.now()

  /** Undefined while there is no need of a pause. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#since < longest ? undefined : turn().then(() => void (this.#since = performance.now()))
  }
}
