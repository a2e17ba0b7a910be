import type { ActiveUser, UserList as UserListPort } from '../api/ports.ts'
import type { Db } from './db.ts'

const most = 10_000

/** People who have logged in. */
export class UserList implements UserListPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  activeSince(time: number): Promise<readonly ActiveUser[]> {
    return this.#db.query<ActiveUser>(
      `select id, name, connector, last_login_at as "lastLoginAt" from users where last_login_at >= $1 order by last_login_at desc, id desc limit $2`,
      [time, most],
    )
  }
}
