import { canonicalJson } from '../lib/canonical-json.ts'
import type { JsonObject } from '../model/json.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ConfigToSave, SaveError } from '../pipelines/ports.ts'
import { applyRows } from './apply-rows.ts'
import type { Cipher } from './cipher.ts'
import { type Db, json, type Queryable } from './db.ts'
import { jobsIn } from './pipeline-row.ts'
import { resourcesIn } from './resources.ts'
import { saveShown } from './shown-config.ts'

/** Configs of a pipeline that are kept. */
const keptConfigs = 20

export const instanceText = (vars: JsonObject | undefined): string | null => (vars === undefined ? null : canonicalJson(vars))
export const configPlace = (pipelineId: number, version: number): string => `pipeline_configs/${pipelineId}/${version}/config`

/** Thrown in a transaction that is to leave nothing, to be given as its result. */
class Refused extends Error {
  readonly refusal: SaveError

  constructor(refusal: SaveError) {
    super(refusal.kind)
    this.refusal = refusal
  }
}

interface Saving {
  readonly cipher: Cipher
  readonly ref: PipelineRef
  readonly save: ConfigToSave
  readonly now: number
}

/** Makes a config the pipeline's, and its rows what the config says, in one transaction. */
export async function savePipeline(db: Db, saving: Saving): Promise<Result<'created' | 'updated', SaveError>> {
  try {
    return ok(await db.transaction((tx) => saveIn(tx, saving)))
  } catch (error) {
    if (error instanceof Refused) return fail(error.refusal)
    throw error
  }
}

async function saveIn(tx: Queryable, saving: Saving): Promise<'created' | 'updated'> {
  const { ref, save, now } = saving
  const row = await lockedRow(tx, ref, now)
  const { expected, parent } = save
  // An archived pipeline has no version; fly sends none, or 0.
  if (row.config_version === null ? expected !== undefined && expected !== 0 : row.config_version !== expected) throw new Refused({ kind: 'stale' })
  if (parent !== undefined && row.parent_build_id !== null && row.parent_build_id > parent.buildId) throw new Refused({ kind: 'newer-build' })
  const changes = save.changes({ jobs: await jobsIn(tx, [row.id]), resources: await resourcesIn(tx, row.id) })
  if (!changes.ok) throw new Refused(changes.error)
  const version = await saveConfig(tx, row.id, saving)
  await applyRows(tx, row.id, changes.value, now)
  await saveShown(tx, row.id, save.config)
  // What paused a pipeline is told of an archived one too; only what is set anew by somebody is paused anew.
  const pause = row.config_version !== null ? 'keep' : save.initially
  await tx.query(
    `update pipelines set config_version = $2, updated_at = $3, archived = false, parent_job_id = $4, parent_build_id = $5, parent_plan_id = $6,
       paused = case $7 when 'keep' then paused else $7 = 'paused' end,
       paused_by = case $7 when 'keep' then paused_by when 'paused' then $8 end,
       paused_at = case $7 when 'keep' then paused_at when 'paused' then $3 end,
       paused_why = case $7 when 'keep' then paused_why end
     where id = $1`,
    [row.id, version, now, parent?.jobId ?? null, parent?.buildId ?? null, parent?.planId ?? null, pause, save.by],
  )
  // What failed may be mended by it: checks back off no more than after one failure.
  await tx.query(
    `update scope_checks set failures = 1
     from (select c.scope_id as id from scope_checks c join resources r using (scope_id) where r.pipeline_id = $1 and c.failures > 1 order by c.scope_id for no key update of c) as locked
     where scope_id = locked.id`,
    [row.id],
  )
  // Pipelines that were set by jobs that are gone from now on. After the update: this one may have set itself.
  await tx.query('select archive_pipelines(array(select id from pipelines where parent_job_id = any($1::bigint[])), $2)', [changes.value.jobs.deactivate, now])
  return row.updated_at === null ? 'created' : 'updated'
}

interface LockedRow {
  readonly id: number
  readonly config_version: number | null
  readonly updated_at: number | null
  readonly parent_build_id: number | null
}

/** The pipeline's row, made where there is none. Locked: whoever else saves the pipeline waits, and finds the version that this one leaves. */
async function lockedRow(tx: Queryable, ref: PipelineRef, now: number): Promise<LockedRow> {
  const [team] = await tx.query<{ id: number }>('select id from teams where name = $1', [ref.team])
  if (team === undefined) throw new Refused({ kind: 'no-team' })
  const key = [team.id, ref.name, instanceText(ref.instanceVars)]
  // Instances stand together, the newest last; a new name stands behind all others of its team.
  await tx.query(
    `insert into pipelines (team_id, name, instance_vars, created_at, ordering, instance_ordering)
     select $1, $2, $3, $4,
       coalesce(max(ordering) filter (where name = $2), max(ordering) + 1, 1), coalesce(max(instance_ordering) filter (where name = $2), 0) + 1
     from pipelines where team_id = $1
     on conflict (team_id, name, instance_vars) do nothing`,
    [...key, now],
  )
  const [row] = await tx.query<LockedRow>(
    `select id, config_version, updated_at, parent_build_id from pipelines
     where team_id = $1 and name = $2 and instance_vars is not distinct from $3 for update`,
    key,
  )
  if (row === undefined) throw new Error('a pipeline was removed while it was set')
  return row
}

async function saveConfig(tx: Queryable, pipelineId: number, { cipher, save: { config, by, parent }, now }: Saving): Promise<number> {
  const [{ version } = { version: 0 }] = await tx.query<{ version: number }>(`select nextval('config_versions') as version`)
  await tx.query('insert into pipeline_configs (pipeline_id, version, config, set_by, set_by_build, set_at) values ($1, $2, $3, $4, $5, $6)', [
    pipelineId,
    version,
    cipher.encrypt(json(config), configPlace(pipelineId, version)),
    by,
    parent?.buildId ?? null,
    now,
  ])
  await tx.query(
    'delete from pipeline_configs where pipeline_id = $1 and version <= (select version from pipeline_configs where pipeline_id = $1 order by version desc offset $2 limit 1)',
    [pipelineId, keptConfigs],
  )
  return version
}
