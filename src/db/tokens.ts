import type { TokenStore } from '../auth/ports.ts'
import type { Identity } from '../model/team.ts'
import type { Db } from './db.ts'

export class Tokens implements TokenStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** Deletes expired ones as well: as many tokens stand here as were made within their lifetime. */
  async save(hash: Uint8Array, { connector, subject, name }: Identity, now: number, expiresAt: number): Promise<void> {
    await this.#db.query('delete from access_tokens where expires_at <= $1', [now])
    await this.#db.query(
      `with person as (
         insert into users (connector, subject, name, last_login_at) values ($2, $3, $4, $5)
         on conflict (connector, subject) do update set name = excluded.name, last_login_at = excluded.last_login_at
         returning id
       )
       insert into access_tokens (hash, user_id, created_at, expires_at) select $1, id, $5, $6 from person`,
      [hash, connector, subject, name, now, expiresAt],
    )
  }

  async find(hash: Uint8Array, now: number): Promise<Identity | undefined> {
    const [row] = await this.#db.query<Identity>(
      'select connector, subject, name from access_tokens join users on users.id = user_id where hash = $1 and expires_at > $2',
      [hash, now],
    )
    return row
  }

  async revoke(hash: Uint8Array): Promise<void> {
    await this.#db.query('delete from access_tokens where hash = $1', [hash])
  }
}
