import type { Db } from './db.ts'

/** More rows than this take longer to add up than to ask for. */
const mostRows = 1_000

/**
 * Adds up all rows into one; a row for each that is gone. Two at once: the second waits for the rows that the first deletes, finds them gone,
 * and inserts nothing. $1: all statements of src/db/stale-rows.ts take a time.
 */
export const addUpListedChanges = `with gone as (delete from listed_changes where $1::bigint is not null returning n),
    added as (insert into listed_changes select sum(n) from gone having count(*) > 0)
  select 1 as one from gone offset 1`

/**
 * Counts commits that changed what lists of pipelines and jobs show (migrations/0034-listed-changes.sql), of all servers. The embedded database
 * is asked again only when it has told of a change (migrations/0036-tell-listed-changes.sql), which it does before it answers the commit.
 */
export class ListedChanges {
  readonly #db: Db
  #listening: Promise<void> | undefined
  /** Notifications so far. */
  #told = 0
  /** What was counted after so many of them. */
  #known: { readonly told: number; readonly count: number } | undefined

  constructor(db: Db) {
    this.#db = db
  }

  async count(): Promise<number> {
    if (this.#db.driver === 'pg') return this.#ask()
    await (this.#listening ??= this.#listen())
    const told = this.#told
    const known = this.#known?.told === told ? this.#known : { told, count: await this.#ask() }
    this.#known = known
    return known.count
  }

  async #listen(): Promise<void> {
    try {
      await this.#db.listen('listed_changes', () => (this.#told += 1))
    } catch (error) {
      this.#listening = undefined
      throw error
    }
  }

  async #ask(): Promise<number> {
    const [row] = await this.#db.query<{ n: number; rows: number }>('select coalesce(sum(n), 0)::bigint as n, count(*)::int as rows from listed_changes')
    // What is asked for is known; the next one asks again where this fails.
    if (row !== undefined && row.rows > mostRows) await this.#db.query(addUpListedChanges, [0]).catch(() => undefined)
    return row?.n ?? 0
  }
}
