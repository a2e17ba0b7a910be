import type { CheckStore, EndedCheck } from './ports.ts'

/** Ends of checks on their way to the database: nearly all are saved together, since nobody looks for them. */
export class CheckEnds {
  readonly #store: Pick<CheckStore, 'saveEnds' | 'wakeSchedulers'>
  #waiting: EndedCheck[] = []
  #saving: Promise<void> = Promise.resolve()

  constructor(store: Pick<CheckStore, 'saveEnds' | 'wakeSchedulers'>) {
    this.#store = store
  }

  async add(end: EndedCheck): Promise<void> {
    this.#waiting.push(end)
    if (end.urgent) await this.flush()
  }

  /** Saves all that have ended by now. What cannot be saved is tried again with the next. */
  flush(): Promise<void> {
    const saved = this.#saving.then(() => this.#save())
    this.#saving = saved.catch(() => undefined)
    return saved
  }

  async #save(): Promise<void> {
    const ends = this.#waiting
    if (ends.length === 0) return
    this.#waiting = []
    try {
      await this.#store.saveEnds(ends)
    } catch (error) {
      this.#waiting = [...ends, ...this.#waiting]
      throw error
    }
    if (ends.some((end) => end.urgent)) await this.#store.wakeSchedulers()
  }
}
