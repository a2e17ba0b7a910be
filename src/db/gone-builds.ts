import type { Db, Queryable } from './db.ts'
import { notifyIds } from './notify-ids.ts'

/** Ids of builds that are gone, with commas. */
export const buildsGone = 'builds_gone'

/** Those whose events somebody may wait for, of a pipeline or a team that is about to be removed. */
export async function awaitedBuilds(db: Queryable, of: { readonly pipelineId: number; readonly endedAfter: number } | { readonly team: string }): Promise<readonly number[]> {
  const rows = await ('team' in of
    ? db.query<{ id: number }>('select id from builds where team_id = (select id from teams where name = $1) and ended_at is null order by id', [of.team])
    : db.query<{ id: number }>('select id from builds where pipeline_id = $1 and (ended_at is null or ended_at > $2) order by id', [of.pipelineId, of.endedAfter]))
  return rows.map(({ id }) => id)
}

/** Ends the streams of their events on all servers. */
export function tellGone(db: Db, builds: readonly number[]): void {
  notifyIds(db, buildsGone, builds)
}
