import type { JsonObject } from '../model/json.ts'
import type { PipelineParent } from '../model/pipeline.ts'
import type { NotInTeam } from '../pipelines/ports.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Db } from './db.ts'
import { DbError } from './db-error.ts'
import { awaitedBuilds, tellGone } from './gone-builds.ts'
import { instanceText } from './save-pipeline.ts'

/** Builds whose events are removed in one statement. */
const removedAtOnce = 200

/** Whoever follows a build that ended so long before has had time to read its end, ms. */
const unreadMs = 60_000

/** Archives a pipeline and what its jobs have set, and tells those who watch the pending builds that end. */
export async function archivePipeline(db: Db, id: number, now: number): Promise<void> {
  const ended = await db.query<{ build: number }>('select archive_pipelines(array[$1::bigint], $2) as build', [id, now])
  for (const { build } of ended) db.notify('build_events', String(build))
}

/** Removes a pipeline with its builds. What it has set is archived first: with the jobs it would lose its parent. */
export async function removePipeline(db: Db, id: number, now: number): Promise<void> {
  // Nothing new is scheduled from here on.
  await archivePipeline(db, id, now)
  await removeEvents(db, id)
  const { ended, gone } = await db.transaction(async (tx) => {
    const children = await tx.query<{ build: number }>(
      'select archive_pipelines(array(select child.id from pipelines child join jobs on jobs.id = child.parent_job_id where jobs.pipeline_id = $1), $2) as build',
      [id, now],
    )
    const awaited = await awaitedBuilds(tx, { pipelineId: id, endedAfter: now - unreadMs })
    // Events of builds that wrote meanwhile. They have no foreign key.
    await tx.query('delete from build_events where build_id in (select id from builds where pipeline_id = $1 for update)', [id])
    await tx.query('delete from pipelines where id = $1', [id])
    return { ended: children, gone: awaited }
  })
  tellGone(db, gone)
  for (const { build } of ended) db.notify('build_events', String(build))
}

/** Events are many: they go in small transactions, so that none of them is long. */
async function removeEvents(db: Db, pipelineId: number): Promise<void> {
  for (let after = 0; ; ) {
    const builds = await db.query<{ id: number }>('select id from builds where pipeline_id = $1 and id > $2 order by id limit $3', [pipelineId, after, removedAtOnce])
    if (builds.length === 0) return
    const ids = builds.map(({ id }) => id)
    await db.query('delete from build_events where build_id = any($1::bigint[])', [ids])
    after = ids.at(-1) ?? after
  }
}

/** All instances of the name. */
export async function renamePipelines(db: Db, { team, name }: { readonly team: string; readonly name: string }, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
  try {
    const rows = await db.query(
      `update pipelines p set name = $3 from teams where teams.id = team_id and teams.name = $1 and p.name = $2 and p.updated_at is not null returning 1 as one`,
      [team, name, to],
    )
    return rows.length > 0 ? 'renamed' : 'unknown'
  } catch (error) {
    if (error instanceof DbError && error.kind === 'constraint') return 'taken'
    throw error
  }
}

export function orderPipelines(db: Db, team: string, names: readonly string[]): Promise<Result<void, NotInTeam>> {
  return db.transaction(async (tx) => {
    const known = await tx.query<{ name: string }>(
      `select distinct p.name from pipelines p join teams on teams.id = team_id where teams.name = $1 and p.name = any($2::text[]) and p.updated_at is not null`,
      [team, names],
    )
    const missing = names.find((name) => !known.some((row) => row.name === name))
    if (missing !== undefined) return fail({ name: missing })
    await tx.query(
      `update pipelines p set ordering = given.place
       from teams, (select name, max(place)::integer as place from unnest($2::text[]) with ordinality as each (name, place) group by name) as given
       where teams.id = team_id and teams.name = $1 and p.name = given.name`,
      [team, names],
    )
    return ok(undefined)
  })
}

export function orderInstances(db: Db, { team, name }: { readonly team: string; readonly name: string }, instances: readonly JsonObject[]): Promise<Result<void, NotInTeam>> {
  // fly writes {} for the pipeline of the name that is no instance.
  const texts = instances.map((vars) => instanceText(Object.keys(vars).length === 0 ? undefined : vars))
  return db.transaction(async (tx) => {
    const known = await tx.query<{ instance_vars: string | null }>(
      'select instance_vars from pipelines p join teams on teams.id = team_id where teams.name = $1 and p.name = $2 and p.updated_at is not null',
      [team, name],
    )
    const missing = texts.findIndex((text) => !known.some((row) => row.instance_vars === text))
    if (missing >= 0) return fail({ name, instanceVars: instances[missing] ?? {} })
    await tx.query(
      `update pipelines p set instance_ordering = given.place
       from teams, (select vars, max(place)::integer as place from unnest($3::text[]) with ordinality as each (vars, place) group by vars) as given
       where teams.id = team_id and teams.name = $1 and p.name = $2 and p.instance_vars is not distinct from given.vars`,
      [team, name, texts],
    )
    return ok(undefined)
  })
}

/** What a set_pipeline step does that finds nothing to change. False: a newer build has set it. */
export async function setParent(db: Db, id: number, { jobId, buildId, planId }: PipelineParent): Promise<boolean> {
  const rows = await db.query(
    `update pipelines set parent_job_id = $2, parent_build_id = $3, parent_plan_id = $4
     where id = $1 and (parent_build_id is null or parent_build_id <= $3) returning 1 as one`,
    [id, jobId, buildId, planId ?? null],
  )
  return rows.length > 0
}
