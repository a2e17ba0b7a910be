import type { ComponentName } from '../model/component.ts'
import type { Db } from './db.ts'

const channel = 'components'

/** Components that an operator has paused, for all servers. */
export class PausedComponents {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async list(): Promise<readonly string[]> {
    return (await this.#db.query<{ name: string }>('select name from paused_components')).map(({ name }) => name)
  }

  async pause(names: readonly ComponentName[], now: number): Promise<void> {
    await this.#db.query('insert into paused_components (name, paused_at) select name, $2 from unnest($1::text[]) name on conflict do nothing', [names, now])
    this.#db.notify(channel, '')
  }

  async unpause(names: readonly ComponentName[]): Promise<void> {
    await this.#db.query('delete from paused_components where name = any($1::text[])', [names])
    this.#db.notify(channel, '')
  }

  /** Calls back after a change by any server, and when one may have been missed. */
  onChange(callback: () => void): Promise<() => Promise<void>> {
    return this.#db.listen(channel, () => callback())
  }
}
