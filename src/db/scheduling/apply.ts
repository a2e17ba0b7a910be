import type { PendingReason } from '../../model/listed-build.ts'
import { noSlot } from '../../model/slots.ts'
import type { Applied, BuildId, Changes, EndedBuild, StartedBuild, WaitingBuild } from '../../scheduler/ports.ts'
import { contextPlace } from '../build-row.ts'
import type { Cipher } from '../cipher.ts'
import { json, type Tx } from '../db.ts'
import { sealed } from '../step-secrecy.ts'
import { readSlots, slotsOf } from './snapshots.ts'

/** What is to be told after the commit. */
export interface AppliedChanges {
  readonly applied: Applied
  readonly ended: readonly BuildId[]
}

const lost: AppliedChanges = { applied: { kind: 'lost' }, ended: [] }

/**
 * Does what a pass decided, all of it or nothing. Rows are locked in this order, here and in db/functions: job_schedule by id, serial groups by
 * id, job, pending builds.
 */
export async function applyChanges(tx: Tx, changes: Changes, cipher: Cipher): Promise<AppliedChanges> {
  const { jobId, owner, wanted, now, again, againAt, hasNew, notTriggered } = changes
  if (!(await isHeld(tx, changes))) return lost
  const created = changes.create ? await createAutomatic(tx, jobId, now) : undefined
  const idOf = (build: BuildId | 'created'): BuildId => (build === 'created' ? (created ?? 0) : build)
  const start = changes.start && { ...changes.start, build: idOf(changes.start.build) }
  const begun = start && (await startBuild(tx, cipher, { jobId, start, now }))
  const ended: BuildId[] = []
  for (const end of changes.ends) if (await endBuild(tx, { ...end, build: idOf(end.build) }, now)) ended.push(idOf(end.build))
  const waits = changes.waits.map((wait) => ({ ...wait, build: idOf(wait.build) }))
  if (start !== undefined && typeof begun === 'object') waits.push({ build: start.build, reason: begun, ready: true })
  const stoodAside = await saveWaits(tx, waits)
  // Who waited behind a build that started waits for its slot now, and is to say so.
  const tellMates = stoodAside || (begun === 'started' && start?.slots !== undefined)
  if (tellMates) await tx.query('select want_jobs(array(select group_mates($1)))', [jobId])
  const unsatisfied = notTriggered?.kind === 'inputs'
  await tx.query(
    `update job_schedule set done = $2, wanted = wanted + $3, owner = null, lease_until = null, has_new = $4, why = $5,
       -- Whoever wants the job while it is looked at has it looked at again at once.
       not_before = case when wanted = $2 then $9::bigint end,
       unsat_since = case when $6 then coalesce(unsat_since, $7) end
     where job_id = $1 and owner = $8`,
    [jobId, wanted, again || againAt !== undefined ? 1 : 0, hasNew, notTriggered === undefined ? null : json(notTriggered), unsatisfied, now, owner, again ? null : (againAt ?? null)],
  )
  return { applied: { kind: 'applied', othersWanted: tellMates, ...(begun === 'started' && start && { started: start.build }) }, ended }
}

/** Whether the job is still ours, and its pipeline as it was read; locks it, and its group's jobs where they may be wanted. */
async function isHeld(tx: Tx, { jobId, owner, configVersion, start, ends, waits }: Changes): Promise<boolean> {
  const wantsMates = ends.length > 0 || waits.length > 0 || start?.slots !== undefined
  const rows = await tx.query<{ job_id: number; owner: string | null }>(
    `select job_id, owner from job_schedule
     where job_id = $1 or ($2 and job_id in (
       select mate.job_id from job_serial_groups own join job_serial_groups mate on mate.group_id = own.group_id where own.job_id = $1))
     order by job_id for no key update`,
    [jobId, wantsMates],
  )
  if (rows.find(({ job_id }) => job_id === jobId)?.owner !== owner) return false
  const [pipeline] = await tx.query<{ config_version: number | null }>('select config_version from pipelines join jobs on jobs.pipeline_id = pipelines.id where jobs.id = $1', [jobId])
  return (pipeline?.config_version ?? undefined) === configVersion
}

async function createAutomatic(tx: Tx, jobId: number, now: number): Promise<BuildId> {
  const [row] = await tx.query<{ id: number }>(
    `with numbered as (
       update jobs set builds_made = builds_made + 1 from pipelines where jobs.id = $1 and pipelines.id = pipeline_id
       returning jobs.id, builds_made, pipeline_id, team_id
     )
     insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, created_at)
     select 'job', builds_made::text, team_id, pipeline_id, id, 'pending', 'automatic', $2 from numbered returning id`,
    [jobId, now],
  )
  if (row === undefined) throw new Error(`there is no job ${jobId}`)
  return row.id
}

interface ToStart {
  readonly jobId: number
  readonly start: StartedBuild & { readonly build: BuildId }
  readonly now: number
}

/** A reason: others have taken the slot since it was looked at. `gone`: the build was aborted meanwhile. */
async function startBuild(tx: Tx, cipher: Cipher, { jobId, start, now }: ToStart): Promise<'started' | 'gone' | PendingReason> {
  const { build, context, inputs, pipes, slots } = start
  if (slots !== undefined) {
    await tx.query('select id from serial_groups where id = any($1::bigint[]) order by id for no key update', [slots.groups])
    const locked = slotsOf({ id: jobId, max_in_flight: slots.limit }, await readSlots(tx, [jobId])).slots
    const reason = locked && noSlot(locked, { order: start.order === 'created' ? build : start.order, build })
    if (reason !== undefined) return reason
  }
  const rows = await tx.query(
    `update builds set status = 'started', started_at = $2, context = $3, adopted = true, ready = false where id = $1 and status = 'pending' returning 1 as one`,
    [build, now, cipher.encrypt(json(context), contextPlace(build))],
  )
  if (rows.length === 0) return 'gone'
  const resources = inputs.map(({ resource }) => resource)
  const versions = inputs.map(({ version }) => version)
  const names = inputs.map(({ name }) => name)
  await tx.query(
    `insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence)
     select $1, name, resource, version, first from unnest($2::text[], $3::bigint[], $4::bigint[], $5::boolean[]) as given (name, resource, version, first)`,
    [build, names, resources, versions, inputs.map(({ firstOccurrence }) => firstOccurrence)],
  )
  await tx.query(
    `insert into job_used (job_id, resource_id, version_id, input, last_build)
     select $1, resource, version, name, $2 from unnest($3::text[], $4::bigint[], $5::bigint[]) as given (name, resource, version)
     on conflict (job_id, resource_id, version_id, input) do update set last_build = greatest(job_used.last_build, excluded.last_build)`,
    [jobId, build, names, resources, versions],
  )
  if (start.reused !== undefined) await reuseSteps(tx, cipher, { ...start.reused, into: build, now })
  await tx.query('insert into build_pipes (to_build, from_build) select distinct $1::bigint, id from unnest($2::bigint[]) as given (id) join builds using (id)', [build, pipes])
  return 'started'
}

interface Reused extends NonNullable<StartedBuild['reused']> {
  readonly into: BuildId
  readonly now: number
}

/** As commit_build saves a step's end. What a put made is an output of the build that takes it, or later jobs would not see it pass. */
async function reuseSteps(tx: Tx, cipher: Cipher, { build, steps, into, now }: Reused): Promise<void> {
  const rows = steps.map((step) => sealed(into, step, cipher))
  const [ids, records] = [rows.map(({ planId }) => planId), rows.map(({ record }) => json(record))]
  await tx.query('insert into steps (build_id, plan_id, record, saved_at) select $1, id, record::json, $4 from unnest($2::text[], $3::text[]) as given (id, record)', [into, ids, records, now])
  await tx.query('select save_step_artifacts($1, $2::text[], $3::text[])', [into, ids, records])
  await tx.query(
    `insert into build_outputs (build_id, plan_id, name, resource_id, version_id)
     select $1, plan_id, name, resource_id, version_id from build_outputs where build_id = $2 and plan_id = any($3::text[])`,
    [into, build, ids],
  )
}

async function endBuild(tx: Tx, { build, status, message }: EndedBuild & { readonly build: BuildId }, now: number): Promise<boolean> {
  const [row] = await tx.query<{ ended: boolean }>('select fail_pending_build($1, $2, $3, $4) as ended', [
    build,
    now,
    status,
    json({ message, origin: { id: '' }, time: Math.floor(now / 1000) }),
  ])
  return row?.ended === true
}

/** Whether one that others of its group waited for lets them go first now. */
async function saveWaits(tx: Tx, waits: readonly (WaitingBuild & { readonly build: BuildId })[]): Promise<boolean> {
  if (waits.length === 0) return false
  const rows = await tx.query<{ aside: boolean }>(
    `update builds b set pending_reason = given.reason, ready = given.ready
     from unnest($1::bigint[], $2::text[], $3::boolean[]) as given (id, reason, ready) join builds before on before.id = given.id
     where b.id = given.id and b.status = 'pending' and (b.pending_reason is distinct from given.reason or b.ready <> given.ready)
     returning before.ready and not given.ready as aside`,
    [waits.map(({ build }) => build), waits.map(({ reason }) => json(reason)), waits.map(({ ready }) => ready)],
  )
  return rows.some(({ aside }) => aside)
}
