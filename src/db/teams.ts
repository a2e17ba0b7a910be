import type { TeamStore } from '../auth/ports.ts'
import type { Team, TeamAuth } from '../model/team.ts'
import { type Db, json } from './db.ts'
import { DbError } from './db-error.ts'
import { awaitedBuilds, tellGone } from './gone-builds.ts'

export const teamsChannel = 'teams'

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
    this.#db.notify(teamsChannel, '')
  }

  async rename(name: string, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
    try {
      const rows = await this.#db.query('update teams set name = $2 where name = $1 returning 1 as one', [name, to])
      if (rows.length === 0) return 'unknown'
    } catch (error) {
      if (error instanceof DbError && error.kind === 'constraint') return 'taken'
      throw error
    }
    this.#db.notify(teamsChannel, '')
    return 'renamed'
  }

  async remove(name: string): Promise<'removed' | 'unknown' | 'last-admin'> {
    let gone: readonly number[] = []
    const outcome = await this.#db.transaction(async (tx) => {
      // Locked together: of two that remove the last two teams of admins at once, one must see the other's.
      const admins = await tx.query<{ name: string }>('select name from teams where admin order by id for update')
      if (admins.length === 1 && admins[0]?.name === name) return 'last-admin'
      gone = await awaitedBuilds(tx, { team: name })
      // Events have no foreign key to their build.
      await tx.query('delete from build_events where build_id in (select builds.id from builds join teams on teams.id = team_id where teams.name = $1)', [name])
      const rows = await tx.query('delete from teams where name = $1 returning 1 as one', [name])
      return rows.length === 0 ? 'unknown' : 'removed'
    })
    if (outcome !== 'removed') return outcome
    this.#db.notify(teamsChannel, '')
    tellGone(this.#db, gone)
    return outcome
  }
}
