import type { CheckBuild } from '../checks/ports.ts'
import { contextPlace } from './build-row.ts'
import type { Cipher } from './cipher.ts'
import { json, type Queryable } from './db.ts'

/** Stores a check that ran in memory, as the one build that shows its scope's checks; the one before goes. */
export async function saveCheckBuild(db: Queryable, cipher: Cipher, { scopeId, teamId, pipelineId, status, context, createdAt, endedAt, events }: CheckBuild): Promise<void> {
  const [{ id } = { id: 0 }] = await db.query<{ id: number }>(`select nextval(pg_get_serial_sequence('builds', 'id')) as id`)
  await db.query('select save_check_build($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
    scopeId,
    id,
    teamId,
    pipelineId,
    status,
    cipher.encrypt(json(context), contextPlace(id)),
    createdAt,
    endedAt,
    events.map(({ key }) => key ?? null),
    events.map(({ type }) => type),
    events.map(({ version }) => version),
    events.map(({ payload }) => payload),
  ])
}

export async function showCheckBuild(db: Queryable, scopeId: number, buildId: number): Promise<void> {
  await db.query('select show_check_build($1, $2)', [scopeId, buildId])
}
