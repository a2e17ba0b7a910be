import type { Db } from './db.ts'

/** Rejects, with the reason, while nothing can be written: the database is away, or a standby, as after a failover to the wrong one. */
export async function checkWritable(db: Db): Promise<void> {
  const [row] = await db.query<{ read_only: string }>(`select current_setting('transaction_read_only') as read_only`)
  if (row?.read_only !== 'off') throw new Error('the database is read-only')
}
