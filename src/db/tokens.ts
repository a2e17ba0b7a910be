import { mostApiTokens, type ApiToken, type Ceiling, type HeldToken, type NewApiToken, type NewToken, type Person, type TokenKind, type TokenStore } from '../auth/ports.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Identity, Role } from '../model/team.ts'
import { type Db, json, type Queryable } from './db.ts'

/** A person's tokens: with more, the oldest of those that a login made goes. */
const mostOfPerson = 1_000

export const tokensChannel = 'access_tokens'

export class Tokens implements TokenStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  login(identity: Identity, now: number): Promise<Person> {
    return this.#db.transaction((tx) => recordLogin(tx, identity, now))
  }

  issue(ownerId: number, token: NewToken, now: number): Promise<void> {
    return this.#db.transaction((tx) => insert(tx, ownerId, token, now))
  }

  async find(hash: Uint8Array, now: number): Promise<HeldToken | undefined> {
    const [row] = await this.#db.query<PersonRow & Ceilings & { token_id: number; kind: TokenKind; expires_at: number; last_used_at: number | null }>(
      `select access_tokens.id as token_id, kind, teams.name as team, role, expires_at, last_used_at, ${personColumns}
       from access_tokens join users on users.id = user_id left join teams on teams.id = access_tokens.team_id ${withName}
       where hash = $1 and expires_at > $2`,
      [hash, now],
    )
    if (row === undefined) return undefined
    return { id: row.token_id, kind: row.kind, owner: personOf(row), ceiling: ceilingOf(row), expiresAt: row.expires_at, ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }) }
  }

  async revoke(hash: Uint8Array): Promise<void> {
    const rows = await this.#db.query('delete from access_tokens where hash = $1 returning 1 as one', [hash])
    if (rows.length > 0) this.#db.notify(tokensChannel, '')
  }

  createApiToken(ownerId: number, { hash, name, prefix, ceiling, expiresAt }: NewApiToken, now: number): Promise<Result<ApiToken, 'no-team' | 'too-many'>> {
    return this.#db.transaction(async (tx) => {
      await tx.query('delete from access_tokens where expires_at <= $1', [now])
      // One at a time for each owner: the count below must hold.
      await tx.query('select id from users where id = $1 for update', [ownerId])
      const [count] = await tx.query<{ n: number }>(`select count(*)::int as n from access_tokens where user_id = $1 and kind = 'api'`, [ownerId])
      if ((count?.n ?? 0) >= mostApiTokens) return fail('too-many')
      const [team] = ceiling.team === undefined ? [] : await tx.query<{ id: number }>('select id from teams where name = $1', [ceiling.team])
      if (ceiling.team !== undefined && team === undefined) return fail('no-team')
      const [row] = await tx.query<{ id: number }>(
        `insert into access_tokens (hash, user_id, kind, name, prefix, team_id, role, created_at, expires_at) values ($1, $2, 'api', $3, $4, $5, $6, $7, $8) returning id`,
        [hash, ownerId, name, prefix, team?.id ?? null, ceiling.role ?? null, now, expiresAt],
      )
      return ok({ id: row?.id ?? 0, name, prefix, ceiling, createdAt: now, expiresAt })
    })
  }

  async apiTokens(ownerId: number, now: number): Promise<readonly ApiToken[]> {
    const rows = await this.#db.query<Ceilings & { id: number; name: string; prefix: string; created_at: number; expires_at: number; last_used_at: number | null }>(
      `select access_tokens.id, access_tokens.name, prefix, teams.name as team, role, access_tokens.created_at, expires_at, last_used_at
       from access_tokens left join teams on teams.id = team_id where user_id = $1 and kind = 'api' and expires_at > $2 order by access_tokens.id desc`,
      [ownerId, now],
    )
    return rows.map((row) => ({
      id: row.id, name: row.name, prefix: row.prefix, ceiling: ceilingOf(row), createdAt: row.created_at, expiresAt: row.expires_at,
      ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
    }))
  }

  async revokeApiToken(ownerId: number, id: number): Promise<boolean> {
    const rows = await this.#db.query(`delete from access_tokens where id = $1 and user_id = $2 and kind = 'api' returning 1 as one`, [id, ownerId])
    if (rows.length > 0) this.#db.notify(tokensChannel, '')
    return rows.length > 0
  }

  async used(id: number, now: number): Promise<void> {
    await this.#db.query('update access_tokens set last_used_at = $2 where id = $1', [id, now])
  }
}

interface Ceilings {
  readonly team: string | null
  readonly role: Role | null
}

const ceilingOf = ({ team, role }: Ceilings): Ceiling => ({ ...(team !== null && { team }), ...(role !== null && { role }) })

interface PersonRow {
  readonly id: number
  readonly connector: string
  readonly subject: string
  readonly name: string
  readonly full_name: string | null
  readonly email: string | null
  readonly groups: string
  readonly last_login_at: number
  readonly name_is_theirs: boolean
}

const personColumns = 'users.id, users.connector, users.subject, users.name, full_name, email, groups, last_login_at, coalesce(bound_names.subject = users.subject, false) as name_is_theirs'
const withName = 'left join bound_names on bound_names.connector = users.connector and bound_names.name = users.folded_name'

const personOf = (row: PersonRow): Person => ({
  id: row.id, connector: row.connector, subject: row.subject, name: row.name,
  ...(row.full_name !== null && { fullName: row.full_name }),
  ...(row.email !== null && { email: row.email }),
  groups: JSON.parse(row.groups) as string[],
  nameIsTheirs: row.name_is_theirs, lastLoginAt: row.last_login_at,
})

async function recordLogin(tx: Queryable, { connector, subject, name, fullName, email, groups }: Identity, now: number): Promise<Person> {
  const [folded, foldedSubject] = [name.toLowerCase(), subject.toLowerCase()]
  await tx.query(
    `insert into users (connector, subject, name, folded_name, full_name, email, groups, last_login_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (connector, subject) do update set name = excluded.name, folded_name = excluded.folded_name, full_name = excluded.full_name, email = excluded.email,
       groups = excluded.groups, last_login_at = excluded.last_login_at`,
    [connector, subject, name, folded, fullName ?? null, email ?? null, json(groups), now],
  )
  // The text of a subject is never somebody else's name, even where somebody has taken it for one before.
  await tx.query(
    'insert into bound_names (connector, name, subject, bound_at) values ($1, $2, $3, $4) on conflict (connector, name) do update set subject = excluded.subject, bound_at = excluded.bound_at where bound_names.subject <> excluded.subject',
    [connector, foldedSubject, subject, now],
  )
  await tx.query('insert into bound_names (connector, name, subject, bound_at) values ($1, $2, $3, $4) on conflict (connector, name) do nothing', [connector, folded, subject, now])
  const [row] = await tx.query<PersonRow>(`select ${personColumns} from users ${withName} where users.connector = $1 and users.subject = $2`, [connector, subject])
  if (row === undefined) throw new Error('a person was removed while logging in')
  return personOf(row)
}

/** Deletes expired ones as well: as many tokens stand here as were made within their lifetime. */
async function insert(tx: Queryable, ownerId: number, { hash, kind, expiresAt }: NewToken, now: number): Promise<void> {
  await tx.query('delete from access_tokens where expires_at <= $1', [now])
  await tx.query('insert into access_tokens (hash, user_id, kind, created_at, expires_at) values ($1, $2, $3, $4, $5)', [hash, ownerId, kind, now, expiresAt])
  await tx.query(
    `delete from access_tokens where id in (select id from access_tokens where user_id = $1 and kind <> 'api' order by id desc offset $2)`,
    [ownerId, mostOfPerson],
  )
}
