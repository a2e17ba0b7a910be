import type { Db } from '../db.ts'
import { Pipelines } from '../pipelines.ts'
import { Teams } from '../teams.ts'
import { rowChanges } from '../../pipelines/row-changes.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { pipelineToJson } from '../../config/wire.ts'
import type { PipelineConfig } from '../../model/config.ts'
import { cipher } from './build-fixtures.ts'

export function parsed(yaml: string): PipelineConfig {
  const { config, findings } = parsePipeline(yaml, { file: 'p.yml' })
  if (config === undefined) throw new Error(JSON.stringify(findings))
  return config
}

/** Sets an unpaused pipeline, creating its team if it is missing, and returns its id. */
export async function setPipeline(db: Db, config: PipelineConfig, { team = 'main', name = 'p' }: { readonly team?: string; readonly name?: string } = {}): Promise<number> {
  if ((await db.query('select 1 from teams where name = $1', [team])).length === 0) await new Teams(db).put({ name: team, auth: {}, admin: false }, 0)
  const pipelines = new Pipelines(db, cipher)
  const version = (await pipelines.find({ team, name }))?.configVersion
  const saved = await pipelines.save(
    { team, name },
    { config: pipelineToJson(config), by: 'jo', initially: 'unpaused', changes: (present) => rowChanges(present, config), ...(version !== undefined && { expected: version }) },
    1,
  )
  if (!saved.ok) throw new Error(saved.error.kind)
  return (await pipelines.find({ team, name }))?.id ?? 0
}

/** A resource's id. */
export async function resourceId(db: Db, pipelineId: number, name = 'r'): Promise<number> {
  const [row] = await db.query<{ id: number }>('select id from resources where pipeline_id = $1 and name = $2', [pipelineId, name])
  if (row === undefined) throw new Error(`there is no resource ${name}`)
  return row.id
}
