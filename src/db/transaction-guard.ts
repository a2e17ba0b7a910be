import { AsyncLocalStorage } from 'node:async_hooks'

/** Notices that a handle is used inside a transaction of its own, which on one session is a deadlock without a word. */
export class TransactionGuard {
  readonly #current = new AsyncLocalStorage<{ open: boolean }>()

  /** Runs `work`; everything it calls counts as inside, until it has ended. */
  async inside<T>(work: () => Promise<T>): Promise<T> {
    const frame = { open: true }
    try {
      return await this.#current.run(frame, work)
    } finally {
      frame.open = false
    }
  }

  assertOutside(): void {
    if (this.#current.getStore()?.open === true) {
      throw new Error('the database handle was used inside its own transaction; use the tx that the transaction gives')
    }
  }
}
