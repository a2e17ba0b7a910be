import type { TeamStore } from '../auth/ports.ts'
import type { Team, TeamAuth } from '../model/team.ts'
import { type Db, json } from './db.ts'

export class Teams implements TeamStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async list(): Promise<readonly Team[]> {
    const rows = await this.#db.query<Omit<Team, 'auth'> & { readonly auth: string }>('select id, name, auth, admin from teams order by name')
    return rows.map((row) => ({ ...row, auth: JSON.parse(row.auth) as TeamAuth }))
  }

  async put({ name, auth, admin }: Omit<Team, 'id'>, now: number): Promise<void> {
    await this.#db.query(
      `insert into teams (name, auth, admin, created_at) values ($1, $2, $3, $4)
       on conflict (name) do update set auth = excluded.auth, admin = excluded.admin`,
      [name, json(auth), admin, now],
    )
  }
}
