import type { Wall, WallStore as WallPort } from '../api/ports.ts'
import { type Db, json } from './db.ts'

const name = 'wall'

/** The installation's one message to everybody, a row of its settings. */
export class WallStore implements WallPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async get(now: number): Promise<Wall | undefined> {
    const [row] = await this.#db.query<{ value: string }>('select value from settings where name = $1', [name])
    const wall = row && (JSON.parse(row.value) as Wall)
    return wall?.expiresAt !== undefined && wall.expiresAt <= now ? undefined : wall
  }

  async set(wall: Wall): Promise<void> {
    await this.#db.query(
      'insert into settings (name, value, encrypted) values ($1, $2, false) on conflict (name) do update set value = excluded.value',
      [name, json(wall)],
    )
  }

  async clear(): Promise<void> {
    await this.#db.query('delete from settings where name = $1', [name])
  }
}
