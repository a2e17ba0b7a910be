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

/** Contexts of builds that are stored by one statement with those of others, in characters. */
const longestShared = 100_000

/** Whether a pass can be applied in one transaction with others: it touches no job but its own. */
export const isShared = ({ start, ends, waits }: Changes): boolean =>
  ends.length === 0 && waits.length === 0 && start?.slots === undefined && start?.reused === undefined && (start === undefined || json(start.context).length <= longestShared)

/**
 * Does what passes decided, all of it or nothing: one pass, or several that share (isShared), of different jobs. Rows are locked in this order, here
 * and in db/functions: job_schedule by id, serial groups by id, job, pending builds. Few statements, however many passes: each costs a round trip,
 * and on the embedded database that is most of a pass.
 */
export async function applyChanges(tx: Tx, list: readonly Changes[], cipher: Cipher): Promise<readonly AppliedChanges[]> {
  const held = await beginPasses(tx, list)
  const passes = list.flatMap((changes) => {
    const created = held.get(changes.jobId)
    if (created === undefined) return []
    const idOf = (build: BuildId | 'created'): BuildId => (build === 'created' ? (created ?? 0) : build)
    return [{ changes, idOf, start: changes.start && { ...changes.start, build: idOf(changes.start.build) } }]
  })
  const reasons = new Map<BuildId, PendingReason>()
  for (const { changes, start } of passes) {
    const reason = start && (await slotTaken(tx, changes.jobId, start))
    if (reason !== undefined) reasons.set(start?.build ?? 0, reason)
  }
  const begun = await startBuilds(tx, cipher, passes.flatMap(({ changes: { now }, start }) => (start === undefined || reasons.has(start.build) ? [] : [{ start, now }])))
  const done = new Map<number, AppliedChanges>()
  for (const { changes, idOf, start } of passes) {
    const ended: BuildId[] = []
    for (const end of changes.ends) if (await endBuild(tx, { ...end, build: idOf(end.build) }, changes.now)) ended.push(idOf(end.build))
    const waits = changes.waits.map((wait) => ({ ...wait, build: idOf(wait.build) }))
    const reason = start && reasons.get(start.build)
    if (start !== undefined && reason !== undefined) waits.push({ build: start.build, reason, ready: true })
    const stoodAside = await saveWaits(tx, waits)
    const started = start !== undefined && begun.has(start.build)
    // Who waited behind a build that started waits for its slot now, and is to say so.
    const othersWanted = stoodAside || (started && start.slots !== undefined)
    if (othersWanted) await tx.query('select want_jobs(array(select group_mates($1)))', [changes.jobId])
    done.set(changes.jobId, { applied: { kind: 'applied', othersWanted, ...(started && { started: start.build }) }, ended })
  }
  await endPasses(tx, passes.map(({ changes }) => changes))
  return list.map(({ jobId }) => done.get(jobId) ?? lost)
}

/** Jobs that are still the schedulers' that looked at them, with the build that was made. */
async function beginPasses(tx: Tx, list: readonly Changes[]): Promise<Map<number, BuildId | null>> {
  // Of one that shares no other job is touched.
  const wantsMates = list.some((changes) => !isShared(changes))
  const rows = await tx.query<{ held: number; created: BuildId | null }>('select held, created from begin_passes($1::bigint[], $2::text[], $3::bigint[], $4::boolean[], $5, $6)', [
    list.map(({ jobId }) => jobId),
    list.map(({ owner }) => owner),
    list.map(({ configVersion }) => configVersion ?? null),
    list.map(({ create }) => create),
    wantsMates,
    list[0]?.now ?? 0,
  ])
  return new Map(rows.map(({ held, created }) => [held, created]))
}

/** The jobs are looked at; whoever wanted one meanwhile has it looked at again at once. */
async function endPasses(tx: Tx, list: readonly Changes[]): Promise<void> {
  await tx.query(
    `update job_schedule set done = given.wanted, wanted = job_schedule.wanted + given.more, owner = null, lease_until = null, has_new = given.has_new, why = given.why::json,
       not_before = case when job_schedule.wanted = given.wanted then given.not_before end,
       unsat_since = case when given.unsatisfied then coalesce(unsat_since, given.now) end
     from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::boolean[], $6::text[], $7::bigint[], $8::boolean[], $9::bigint[])
       as given (job, owner, wanted, more, has_new, why, not_before, unsatisfied, now)
     where job_id = given.job and job_schedule.owner = given.owner`,
    [
      list.map(({ jobId }) => jobId),
      list.map(({ owner }) => owner),
      list.map(({ wanted }) => wanted),
      list.map(({ again, againAt }) => (again || againAt !== undefined ? 1 : 0)),
      list.map(({ hasNew }) => hasNew),
      list.map(({ notTriggered }) => (notTriggered === undefined ? null : json(notTriggered))),
      list.map(({ again, againAt }) => (again ? null : (againAt ?? null))),
      list.map(({ notTriggered }) => notTriggered?.kind === 'inputs'),
      list.map(({ now }) => now),
    ],
  )
}

type Starting = StartedBuild & { readonly build: BuildId }

/** Others have taken the slot since it was looked at. */
async function slotTaken(tx: Tx, jobId: number, { build, order, slots }: Starting): Promise<PendingReason | undefined> {
  if (slots === undefined) return undefined
  await tx.query('select id from serial_groups where id = any($1::bigint[]) order by id for no key update', [slots.groups])
  const locked = slotsOf({ id: jobId, max_in_flight: slots.limit }, await readSlots(tx, [jobId])).slots
  return locked && noSlot(locked, { order: order === 'created' ? build : order, build })
}

/** Gives those that have started: others were aborted meanwhile. */
async function startBuilds(tx: Tx, cipher: Cipher, list: readonly { readonly start: Starting; readonly now: number }[]): Promise<ReadonlySet<BuildId>> {
  if (list.length === 0) return new Set()
  const starts = list.map(({ start }) => start)
  const inputs = starts.flatMap(({ build, inputs: all }) => all.map((input) => ({ build, ...input })))
  const pipes = starts.flatMap(({ build, pipes: all }) => all.map((pipe) => ({ build, pipe })))
  const rows = await tx.query<{ id: BuildId }>(
    `select start_builds($1, $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[]) as id`,
    [
      list[0]?.now ?? 0,
      starts.map(({ build }) => build),
      starts.map(({ build, context }) => cipher.encrypt(json(context), contextPlace(build))),
      inputs.map(({ build }) => build),
      inputs.map(({ name }) => name),
      inputs.map(({ resource }) => resource),
      inputs.map(({ version }) => version),
      inputs.map(({ firstOccurrence }) => firstOccurrence),
      pipes.map(({ build }) => build),
      pipes.map(({ pipe }) => pipe),
      starts.map(({ configVersion }) => configVersion ?? null),
    ],
  )
  const begun = new Set(rows.map(({ id }) => id))
  for (const { start: { build, reused }, now } of list) if (reused !== undefined && begun.has(build)) await reuseSteps(tx, cipher, { ...reused, into: build, now })
  return begun
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
