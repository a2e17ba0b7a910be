import type { Json, JsonObject } from '../model/json.ts'
import { json, type Queryable } from './db.ts'

/** Saves what a pipeline's card shows of its config. Names of groups and the background are no secrets: everybody who sees the pipeline sees them. */
export async function saveShown(tx: Queryable, pipelineId: number, config: JsonObject): Promise<void> {
  const { display } = config
  await tx.query('update pipelines set shown = $2 where id = $1', [pipelineId, json({ groups: namesIn(config['groups']), ...(isObject(display) && { display }) })])
  await tx.query(
    `update jobs set place = given.place from json_array_elements_text($2) with ordinality as given (name, place)
     where pipeline_id = $1 and jobs.name = given.name and jobs.place is distinct from given.place`,
    [pipelineId, json(namesIn(config['jobs']))],
  )
}

const namesIn = (list: Json | undefined): string[] => (Array.isArray(list) ? list.flatMap((item) => (isObject(item) && typeof item['name'] === 'string' ? [item['name']] : [])) : [])
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
