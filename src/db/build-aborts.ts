import type { Db } from './db.ts'

interface AbortListener {
  readonly buildId: number
  readonly callback: () => void
}

const channel = 'build_aborts'

/** Tells engines that the abort of a build was requested. */
export class BuildAborts {
  readonly #db: Db
  readonly #listeners = new Set<AbortListener>()
  #listening: Promise<unknown> | undefined

  constructor(db: Db) {
    this.#db = db
  }

  notify(buildId: number): void {
    this.#db.notify(channel, String(buildId))
  }

  async listen(buildId: number, callback: () => void): Promise<() => void> {
    const listener = { buildId, callback }
    this.#listeners.add(listener)
    // One listener for all builds while the database is open: builds begin and end far more often than one is aborted.
    this.#listening ??= this.#db.listen(channel, (payload) => this.#notified(payload))
    try {
      await this.#listening
    } catch (error) {
      this.#listening = undefined
      this.#listeners.delete(listener)
      throw error
    }
    await this.#look(listener)
    return () => void this.#listeners.delete(listener)
  }

  #notified(payload: string | undefined): void {
    for (const listener of this.#listeners) {
      if (payload === String(listener.buildId)) listener.callback()
      else if (payload === undefined) this.#look(listener).catch(() => undefined)
    }
  }

  async #look({ buildId, callback }: AbortListener): Promise<void> {
    const [row] = await this.#db.query<{ abort_requested: boolean }>('select abort_requested from builds where id = $1', [buildId])
    if (row?.abort_requested === true) callback()
  }
}
