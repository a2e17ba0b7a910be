import type { Db } from './db.ts'

/** A notification carries less than 8 000 bytes. */
const idsInOne = 400

/** Tells of ids, with commas between them, in as many notifications as they need. */
export function notifyIds(db: Db, channel: string, ids: readonly number[]): void {
  for (let at = 0; at < ids.length; at += idsInOne) db.notify(channel, ids.slice(at, at + idsInOne).join(','))
}
