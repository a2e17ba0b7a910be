/**
 * The seam between our SQL and a database. Both drivers give the same values: int8 is a number (bigint beyond 2^53),
 * bytea a Uint8Array, numeric and interval are text, and json and jsonb are JSON text in both directions (`JSON.parse` is the
 * caller's): a driver that guesses would treat an array or a string differently.
 */
export type Param = string | number | bigint | boolean | null | Uint8Array | readonly (string | number | bigint | boolean | null)[]

export interface Queryable {
  /** One statement; rows as objects. Throws DbError. */
  query<T = Row>(sql: string, params?: readonly Param[]): Promise<T[]>
  /** Several statements without parameters, for migrations. */
  script(sql: string): Promise<void>
}

export type Row = { readonly [column: string]: unknown }

/** A transaction. It cannot be used after its function has ended. */
export interface Tx extends Queryable {
  readonly transactional: true
}

export interface Db extends Queryable {
  readonly driver: 'pg' | 'pglite'
  /**
   * Commits when `work` resolves, rolls back when it rejects. Within `work` only `tx` may be used: the outer handle throws
   * there, since on the embedded database it would wait for the transaction that waits for it.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Calls `callback` for each notification of the channel, and with undefined when some may have been missed (a connection was
   * lost). Resolves when listening; the function that it gives ends it.
   */
  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => Promise<void>>
  /**
   * Notifies the listeners, on this handle soon, on other servers within about 10 ms. Does not wait. It may be lost with a connection,
   * and this handle may hear it twice. Call it after the commit: inside a transaction the reader would look too early.
   */
  notify(channel: string, payload: string): void
  /** Connections that are open; absent: the database is in this process. */
  connections?(): number
  close(): Promise<void>
}

/** A parameter for a json or jsonb column. */
export const json = (value: unknown): string => JSON.stringify(value)

/** LISTEN takes no parameters: its channel must be a plain identifier. */
export function checkChannel(channel: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(channel)) throw new Error(`not a channel name: ${JSON.stringify(channel)}`)
  return channel
}
