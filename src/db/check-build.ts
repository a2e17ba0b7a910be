import type { CheckBuild } from '../checks/ports.ts'
import { contextPlace } from './build-row.ts'
import type { Cipher } from './cipher.ts'
import { type Db, json, type Queryable } from './db.ts'

/** Stores a check that ran in memory, as the one build that shows its scope's checks; the one before goes. */
export async function saveCheckBuild(db: Db, cipher: Cipher, { scopeId, teamId, pipelineId, status, context, createdAt, endedAt, events }: CheckBuild): Promise<void> {
  await db.transaction(async (tx) => {
    const [before] = await tx.query<{ build_id: number | null }>('select build_id from scope_checks where scope_id = $1 for no key update', [scopeId])
    if (before === undefined) return // its resources are gone
    const [{ id } = { id: 0 }] = await tx.query<{ id: number }>(`select nextval(pg_get_serial_sequence('builds', 'id')) as id`)
    await tx.query(
      `insert into builds (id, kind, name, team_id, pipeline_id, status, context, created_at, started_at, ended_at) values ($1, 'check', 'check', $2, $3, $4, $5, $6, $6, $7)`,
      [id, teamId, pipelineId, status, cipher.encrypt(json(context), contextPlace(id)), createdAt, endedAt],
    )
    await tx.query('select append_build_events($1, $2, $3, $4, $5, $6, false)', [
      id,
      endedAt,
      events.map(({ key }) => key ?? null),
      events.map(({ type }) => type),
      events.map(({ version }) => version),
      events.map(({ payload }) => payload),
    ])
    await show(tx, scopeId, before.build_id, id)
  })
}

export async function showCheckBuild(db: Db, scopeId: number, buildId: number): Promise<void> {
  await db.transaction(async (tx) => {
    const [before] = await tx.query<{ build_id: number | null }>('select build_id from scope_checks where scope_id = $1 for no key update', [scopeId])
    if (before !== undefined && before.build_id !== buildId) await show(tx, scopeId, before.build_id, buildId)
  })
}

async function show(tx: Queryable, scopeId: number, before: number | null, id: number): Promise<void> {
  await tx.query('update scope_checks set build_id = $2 where scope_id = $1', [scopeId, id])
  // One that still runs is not removed under its engine.
  const removed = await tx.query(`delete from builds where id = $1 and kind = 'check' and status not in ('pending', 'started') returning 1 as one`, [before])
  if (removed.length > 0) await tx.query('delete from build_events where build_id = $1', [before])
}
