import type { Holder } from '../model/holder.ts'
import type { Db } from './db.ts'

/** A server that has not been heard of for so long is gone. */
const goneMs = 20_000

/** Servers on this database. */
export class Servers {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** Says that a server runs; forgets those that are long gone. */
  async seen(id: string, peerUrl: string, now: number): Promise<void> {
    await this.#db.query('delete from servers where seen_at < $1', [now - 3 * goneMs])
    await this.#db.query('insert into servers (id, peer_url, seen_at) values ($1, $2, $3) on conflict (id) do update set peer_url = excluded.peer_url, seen_at = excluded.seen_at', [id, peerUrl, now])
  }

  async left(id: string): Promise<void> {
    await this.#db.query('delete from servers where id = $1', [id])
  }

  /** URLs of the servers that run, without this one. */
  async others(self: string, now: number): Promise<readonly string[]> {
    const rows = await this.#db.query<{ peer_url: string }>('select peer_url from servers where id <> $1 and seen_at > $2 order by id', [self, now - goneMs])
    return rows.map((row) => row.peer_url)
  }

  /** Which server is connected to the containers of a build: the one that leases it, or ran it to its end. `self` names this one. */
  async holderOf(buildId: number, self: string, now: number): Promise<Holder> {
    const [row] = await this.#db.query<{ ended: boolean; lease_owner: string | null; id: string | null; peer_url: string | null }>(
      `select b.status not in ('pending', 'started') as ended, b.lease_owner, s.id, s.peer_url
       from builds b left join servers s on starts_with(b.lease_owner, s.id || '-') and s.seen_at > $2
       where b.id = $1`,
      [buildId, now - goneMs],
    )
    if (row?.lease_owner?.startsWith(`${self}-`) === true) return { kind: 'here' }
    if (row?.id != null && row.peer_url !== null) return { kind: 'peer', id: row.id, url: row.peer_url }
    return row?.ended === false ? { kind: 'nobody' } : { kind: 'here' }
  }
}
