import type { AuditEntry, AuditLog, StoredAuditEntry } from '../model/audit.ts'
import type { JsonObject } from '../model/json.ts'
import type { Db } from './db.ts'

interface AuditRow {
  readonly id: number
  readonly at: number
  readonly action: string
  readonly user_id: number | null
  readonly user_name: string
  readonly token_kind: string | null
  readonly token_id: number | null
  readonly team: string | null
  readonly subject: string
  readonly status: number
  readonly address: string
  readonly detail: string | null
}

/** Longer texts are cut: a path may be as long as a request's line. */
const longest = 2_000

/** PostgreSQL's texts hold no NUL. */
const clean = (text: string): string => text.slice(0, longest).replaceAll('\0', '\uFFFD')

export class Audit implements AuditLog {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async add({ at, action, user, token, team, subject, status, address, detail }: AuditEntry): Promise<void> {
    await this.#db.query(
      `insert into audit (at, action, user_id, user_name, token_kind, token_id, team, subject, status, address, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        at, action, user?.id ?? null, clean(user?.name ?? ''), token?.kind ?? null, token?.id ?? null, team === undefined ? null : clean(team), clean(subject), status, clean(address),
        // As JSON writes it, a NUL is six characters, which jsonb refuses.
        detail === undefined ? null : JSON.stringify(detail).replaceAll(String.raw`\u0000`, String.raw`\ufffd`),
      ],
    )
  }

  async page({ team, from, to, limit }: Parameters<AuditLog['page']>[0]): Promise<readonly StoredAuditEntry[]> {
    const rows = await this.#db.query<AuditRow>(
      'select * from audit where ($1::text is null or team = $1) and ($2::bigint is null or id >= $2) and ($3::bigint is null or id <= $3) order by id desc limit $4',
      [team ?? null, from ?? null, to ?? null, limit],
    )
    return rows.map(entryOf)
  }
}

const entryOf = ({ id, at, action, user_id: userId, user_name: name, token_kind: kind, token_id: tokenId, team, subject, status, address, detail }: AuditRow): StoredAuditEntry => ({
  id, at, action,
  ...(name !== '' && { user: { ...(userId !== null && { id: userId }), name } }),
  ...(kind !== null && tokenId !== null && { token: { kind, id: tokenId } }),
  ...(team !== null && { team }),
  subject, status, address,
  ...(detail !== null && { detail: JSON.parse(detail) as JsonObject }),
})
