import type { RowChanges, TableChanges, WantedJob, WantedResource } from '../pipelines/ports.ts'
import { json, type Queryable } from './db.ts'
import { canonicalJson } from './version-json.ts'

/** Writes what setting a pipeline does to its rows. The caller holds the lock of the pipeline's row. */
export async function applyRows(tx: Queryable, pipelineId: number, changes: RowChanges, now: number): Promise<void> {
  // Before the jobs' rows, as everywhere: scheduling locks them in this order.
  await tx.query('select job_id from job_schedule join jobs on jobs.id = job_id where pipeline_id = $1 order by job_id for no key update of job_schedule', [pipelineId])
  await applyJobs(tx, pipelineId, changes.jobs, now)
  await applyResources(tx, pipelineId, changes.resources)
  await applyTypes(tx, pipelineId, changes.types)
  await applyInputs(tx, pipelineId, changes.inputs)
  await applySerialGroups(tx, pipelineId, changes.serialGroups)
  await wantJobs(tx, pipelineId)
}

/** Every job of a pipeline is to be scheduled; those that it had, too: their pending builds end. */
async function wantJobs(tx: Queryable, pipelineId: number): Promise<void> {
  await tx.query(
    `insert into job_schedule (job_id) select id from jobs where pipeline_id = $1 order by id
     on conflict (job_id) do update set wanted = job_schedule.wanted + 1, not_before = null`,
    [pipelineId],
  )
}

async function moveNames(tx: Queryable, table: 'jobs' | 'resources', { remove, rename }: TableChanges<unknown>): Promise<void> {
  await tx.query(`delete from ${table} where id = any($1::bigint[])`, [remove])
  for (const { id, name } of rename) await tx.query(`update ${table} set name = $2 where id = $1`, [id, name])
}

async function applyJobs(tx: Queryable, pipelineId: number, changes: TableChanges<WantedJob>, now: number): Promise<void> {
  await moveNames(tx, 'jobs', changes)
  await tx.query(
    `insert into jobs (pipeline_id, name, public, max_in_flight, created_at)
     select $1, name, public, "maxInFlight", $3
     from rows from (json_to_recordset($2) as (name text, public boolean, "maxInFlight" integer)) with ordinality as given (name, public, "maxInFlight", place) order by place`,
    [pipelineId, json(changes.insert), now],
  )
  await tx.query(
    `update jobs set active = true, public = given.public, max_in_flight = given."maxInFlight"
     from json_to_recordset($1) as given (id bigint, public boolean, "maxInFlight" integer) where jobs.id = given.id`,
    [json(changes.update)],
  )
  await tx.query('update jobs set active = false where id = any($1::bigint[])', [changes.deactivate])
}

async function applyResources(tx: Queryable, pipelineId: number, changes: TableChanges<WantedResource>): Promise<void> {
  await moveNames(tx, 'resources', changes)
  const columns = `name text, type text, "textHash" text, "keepsScope" boolean, pin text, "pinComment" text, "pinInConfig" boolean, "checkEvery" text`
  await tx.query(
    `insert into resources (pipeline_id, name, type, text_hash, pin, pin_comment, pin_in_config, check_every)
     select $1, name, type, "textHash", pin::jsonb, "pinComment", "pinInConfig", "checkEvery"
     from rows from (json_to_recordset($2) as (${columns})) with ordinality
       as given (name, type, "textHash", "keepsScope", pin, "pinComment", "pinInConfig", "checkEvery", place) order by place`,
    [pipelineId, json(changes.insert.map(resourceColumns))],
  )
  await tx.query(
    `update resources set active = true, type = given.type, text_hash = "textHash", scope_id = case when "keepsScope" then scope_id end,
       pin = given.pin::jsonb, pin_comment = "pinComment", pin_in_config = "pinInConfig", check_every = "checkEvery"
     from json_to_recordset($1) as given (id bigint, ${columns}) where resources.id = given.id`,
    [json(changes.update.map((row) => ({ id: row.id, ...resourceColumns(row) })))],
  )
  await tx.query('update resources set active = false where id = any($1::bigint[])', [changes.deactivate])
}

const resourceColumns = ({ name, type, textHash, keepsScope, pin, checkEvery }: WantedResource) => ({
  name,
  type,
  textHash,
  keepsScope,
  pin: pin && canonicalJson(pin.version),
  pinComment: pin?.comment,
  pinInConfig: pin?.inConfig ?? false,
  checkEvery,
})

async function applyTypes(tx: Queryable, pipelineId: number, types: RowChanges['types']): Promise<void> {
  const given = json(types)
  await tx.query(
    `delete from resource_types where pipeline_id = $1
       and (kind, name) not in (select kind, name from json_to_recordset($2) as given (kind text, name text))`,
    [pipelineId, given],
  )
  await tx.query(
    `insert into resource_types (pipeline_id, kind, name, type, text_hash)
     select $1, kind, name, type, "textHash" from json_to_recordset($2) as given (kind text, name text, type text, "textHash" text)
     on conflict (pipeline_id, kind, name) do update
       set type = excluded.type, text_hash = excluded.text_hash,
           scope_id = case when resource_types.text_hash = excluded.text_hash then resource_types.scope_id end`,
    [pipelineId, given],
  )
}

async function applyInputs(tx: Queryable, pipelineId: number, inputs: RowChanges['inputs']): Promise<void> {
  await tx.query('delete from job_inputs using jobs where jobs.id = job_id and pipeline_id = $1', [pipelineId])
  const rows = inputs.flatMap(({ passed, pin, ...input }) =>
    (passed.length === 0 ? [null] : passed).map((passedJob) => ({ ...input, passedJob, pin: pin && canonicalJson(pin) })),
  )
  await tx.query(
    `insert into job_inputs (job_id, name, passed_job_id, resource_id, trigger, every, pin)
     select job.id, given.name, passed.id, resource.id, given.trigger, given.every, given.pin::jsonb
     from json_to_recordset($2) as given (job text, name text, "passedJob" text, resource text, trigger boolean, every boolean, pin text)
     join jobs job on job.pipeline_id = $1 and job.name = given.job
     join resources resource on resource.pipeline_id = $1 and resource.name = given.resource
     left join jobs passed on passed.pipeline_id = $1 and passed.name = given."passedJob"`,
    [pipelineId, json(rows)],
  )
}

async function applySerialGroups(tx: Queryable, pipelineId: number, groups: RowChanges['serialGroups']): Promise<void> {
  const given = json(groups)
  await tx.query(
    `delete from serial_groups where pipeline_id = $1 and name not in (select "group" from json_to_recordset($2) as given ("group" text))`,
    [pipelineId, given],
  )
  await tx.query(
    `insert into serial_groups (pipeline_id, name)
     select distinct $1::bigint, "group" from json_to_recordset($2) as given ("group" text)
     on conflict (pipeline_id, name) do nothing`,
    [pipelineId, given],
  )
  await tx.query('delete from job_serial_groups using jobs where jobs.id = job_id and pipeline_id = $1', [pipelineId])
  await tx.query(
    `insert into job_serial_groups (job_id, group_id)
     select job.id, grp.id from json_to_recordset($2) as given (job text, "group" text)
     join jobs job on job.pipeline_id = $1 and job.name = given.job
     join serial_groups grp on grp.pipeline_id = $1 and grp.name = given."group"`,
    [pipelineId, given],
  )
}
