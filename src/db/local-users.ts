import type { LocalUserStore } from '../auth/ports.ts'
import type { Db } from './db.ts'

export class LocalUsers implements LocalUserStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async passwordHash(name: string): Promise<string | undefined> {
    const [row] = await this.#db.query<{ password_hash: string }>('select password_hash from local_users where name = $1', [name])
    return row?.password_hash
  }

  async addFirst(name: string, passwordHash: string, now: number): Promise<boolean> {
    const rows = await this.#db.query(
      `insert into local_users (name, password_hash, created_at) select $1, $2, $3 where not exists (select from local_users)
       on conflict (name) do nothing returning 1 as one`,
      [name, passwordHash, now],
    )
    return rows.length > 0
  }

  async setPassword(name: string, passwordHash: string, now: number): Promise<void> {
    await this.#db.query(
      'insert into local_users (name, password_hash, created_at) values ($1, $2, $3) on conflict (name) do update set password_hash = excluded.password_hash',
      [name, passwordHash, now],
    )
  }
}
