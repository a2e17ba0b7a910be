import type { PendingReason } from '../../model/listed-build.ts'
import type { Version } from '../../model/version.ts'
import type { Slots } from '../../model/slots.ts'
import type { BuildCause, JobId, JobInput, JobSnapshot, PendingBuild, VersionId } from '../../scheduler/ports.ts'
import type { Queryable } from '../db.ts'

/** Pending builds of a job that a pass looks at: those behind them wait for these anyway. */
const mostPending = 100

interface JobRow {
  readonly id: number
  readonly name: string
  readonly active: boolean
  readonly paused: boolean
  readonly max_in_flight: number | null
  readonly pipeline_id: number
  readonly team_id: number
  readonly team: string
  readonly pipeline: string
  readonly pipeline_paused: boolean
  readonly archived: boolean
  readonly config_version: number | null
}

interface InputRow {
  readonly job_id: number
  readonly name: string
  readonly passed_job_id: number | null
  readonly resource_id: number
  readonly of: string
  readonly trigger: boolean
  readonly every: boolean
  readonly pin: string | null
  readonly started: number | null
  readonly ended: number | null
  readonly error: string | null
}

interface PendingRow {
  readonly id: number
  readonly job_id: number
  readonly name: string
  readonly cause: 'automatic' | 'manual' | 'rerun'
  readonly created_at: number
  readonly rerun_of: number | null
  readonly reuses_build: number | null
  readonly reuses_before: string | null
  readonly gone: string | null
  readonly chosen_versions: string | null
  readonly chosen_gone: string | null
  readonly ready: boolean
  readonly pending_reason: string | null
}

/** All that a pass needs of jobs, in four reads however many jobs there are. */
export async function readSnapshots(db: Queryable, jobs: readonly JobId[]): Promise<JobSnapshot[]> {
  const [rows, inputs, pending, slots] = await Promise.all([readJobs(db, jobs), readInputs(db, jobs), readPending(db, jobs), readSlots(db, jobs)])
  return rows.map((row) => ({
    jobId: row.id,
    name: row.name,
    active: row.active,
    paused: row.paused,
    pipeline: {
      id: row.pipeline_id,
      name: row.pipeline,
      teamId: row.team_id,
      team: row.team,
      paused: row.pipeline_paused,
      archived: row.archived,
      ...(row.config_version !== null && { configVersion: row.config_version }),
    },
    inputs: inputs.get(row.id) ?? [],
    pending: pending.get(row.id) ?? [],
    ...slotsOf(row, slots),
  }))
}

const readJobs = (db: Queryable, jobs: readonly JobId[]): Promise<JobRow[]> =>
  db.query<JobRow>(
    `select j.id, j.name, j.active, j.paused, j.max_in_flight, j.pipeline_id, p.name as pipeline, p.team_id, t.name as team, p.paused as pipeline_paused, p.archived, p.config_version
     from jobs j join pipelines p on p.id = j.pipeline_id join teams t on t.id = p.team_id where j.id = any($1::bigint[])`,
    [jobs],
  )

/** The step's pin counts before the resource's (I2). */
async function readInputs(db: Queryable, jobs: readonly JobId[]): Promise<Map<JobId, JobInput[]>> {
  const rows = await db.query<InputRow>(
    `select i.job_id, i.name, i.passed_job_id, i.resource_id, r.name as of, i.trigger, i.every, coalesce(i.pin, r.pin) as pin,
       c.started_at as started, c.ended_at as ended, c.error
     from job_inputs i join resources r on r.id = i.resource_id left join scope_checks c on c.scope_id = r.scope_id
     where i.job_id = any($1::bigint[]) order by i.job_id, i.name, i.passed_job_id`,
    [jobs],
  )
  const inputs = new Map<JobId, Map<string, JobInput>>()
  for (const row of rows) {
    const ofJob = inputs.get(row.job_id) ?? new Map<string, JobInput>()
    inputs.set(row.job_id, ofJob)
    const known = ofJob.get(row.name) ?? inputOf(row)
    ofJob.set(row.name, row.passed_job_id === null ? known : { ...known, passed: [...known.passed, row.passed_job_id] })
  }
  return new Map([...inputs].map(([job, byName]) => [job, [...byName.values()]]))
}

const inputOf = ({ name, resource_id, of, trigger, every, pin, started, ended, error }: InputRow): JobInput => ({
  name,
  resource: resource_id,
  of,
  passed: [],
  trigger,
  every,
  ...(pin !== null && { pin: JSON.parse(pin) as Version }),
  check: { ...(started !== null && { startedAt: started }), ...(ended !== null && { endedAt: ended }), ...(error !== null && { error }) },
})

async function readPending(db: Queryable, jobs: readonly JobId[]): Promise<Map<JobId, PendingBuild[]>> {
  const rows = await db.query<PendingRow>(
    `select b.* from unnest($1::bigint[]) as job (id) cross join lateral (
       select b.id, b.job_id, b.name, b.cause, b.created_at, b.rerun_of, b.reuses_build, b.reuses_before, b.ready, b.pending_reason,
         (select bi.name from build_inputs bi join resources r on r.id = bi.resource_id
          where bi.build_id = b.rerun_of
            and not exists (select from scope_versions sv where sv.scope_id = r.scope_id and sv.version_id = bi.version_id and sv.check_order > 0)
          order by bi.name limit 1) as gone,
         b.chosen_versions,
         case when b.chosen_versions is not null then (
           select given.key from jsonb_each_text(b.chosen_versions) given
           where not exists (
             select from job_inputs i join resources r on r.id = i.resource_id join scope_versions sv on sv.scope_id = r.scope_id
             where i.job_id = b.job_id and i.name = given.key and sv.version_id = given.value::bigint and sv.check_order > 0)
           order by given.key limit 1) end as chosen_gone
       from builds b where b.job_id = job.id and b.status = 'pending' and b.cause is not null
       order by coalesce(b.rerun_of, b.id), b.id limit ${mostPending}
     ) as b`,
    [jobs],
  )
  return Map.groupBy(rows.map(pendingOf), ({ job }) => job)
}

const pendingOf = (row: PendingRow): PendingBuild & { readonly job: JobId } => ({
  job: row.job_id,
  build: row.id,
  order: row.rerun_of ?? row.id,
  name: row.name,
  createdAt: row.created_at,
  cause: causeOf(row),
  ...(row.chosen_versions !== null && { chosen: { versions: new Map(Object.entries(JSON.parse(row.chosen_versions) as Record<string, VersionId>)), ...(row.chosen_gone !== null && { gone: row.chosen_gone }) } }),
  ready: row.ready,
  ...(row.pending_reason !== null && { reason: JSON.parse(row.pending_reason) as PendingReason }),
})

function causeOf({ cause, rerun_of, gone, reuses_build: build, reuses_before: before }: PendingRow): BuildCause {
  if (cause !== 'rerun') return { kind: cause }
  return { kind: 'rerun', of: rerun_of ?? 0, ...(gone !== null && { gone }), ...(build !== null && before !== null && { reuse: { build, before } }) }
}

interface SlotsRow {
  readonly job_id: number
  readonly groups: readonly number[]
  readonly running: number
  readonly ahead_order: number | null
  readonly ahead_build: number | null
  readonly ahead_name: string | null
  readonly ahead_job: string | null
}

/** Of jobs that are in a serial group; a job with a limit is in one at least. */
export async function readSlots(db: Queryable, jobs: readonly JobId[]): Promise<Map<JobId, SlotsRow>> {
  const rows = await db.query<SlotsRow>(
    `select job.id as job_id, g.groups, running.count as running, ahead.ord as ahead_order, ahead.id as ahead_build, ahead.name as ahead_name, ahead.job as ahead_job
     from unnest($1::bigint[]) as job (id)
     cross join lateral (select array_agg(group_id order by group_id) as groups from job_serial_groups where job_id = job.id) as g
     cross join lateral (
       select count(*) as count from builds b
       where b.status = 'started' and b.job_id in (select job_id from job_serial_groups where group_id = any(g.groups))
     ) as running
     left join lateral (
       select coalesce(b.rerun_of, b.id) as ord, b.id, b.name, j.name as job
       from job_serial_groups m join jobs j on j.id = m.job_id and not j.paused and j.active
       join builds b on b.job_id = j.id and b.status = 'pending' and b.ready
       where m.group_id = any(g.groups) and m.job_id <> job.id
       order by coalesce(b.rerun_of, b.id), b.id limit 1
     ) as ahead on true
     where g.groups is not null`,
    [jobs],
  )
  return new Map(rows.map((row) => [row.job_id, row]))
}

export function slotsOf({ id, max_in_flight }: Pick<JobRow, 'id' | 'max_in_flight'>, slots: ReadonlyMap<JobId, SlotsRow>): { readonly slots?: Slots } {
  const row = slots.get(id)
  if (row === undefined || max_in_flight === null) return {}
  const { groups, running, ahead_order, ahead_build, ahead_name, ahead_job } = row
  const ahead = ahead_order === null || ahead_build === null ? undefined : { order: ahead_order, build: ahead_build, name: ahead_name ?? '', job: ahead_job ?? '' }
  return { slots: { limit: max_in_flight, groups, running, ...(ahead && { ahead }) } }
}
