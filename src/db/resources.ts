import type { JobInput, Resource } from '../model/pipeline.ts'
import type { ResourceStore } from '../pipelines/ports.ts'
import type { Db, Queryable } from './db.ts'
import { inputOf, type InputRow, resourceColumns, resourceOf, type ResourceRow } from './resource-row.ts'

/** Resources and inputs of jobs, as setting a pipeline wrote them. */
export class Resources implements ResourceStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  resources(pipelineId: number): Promise<readonly Resource[]> {
    return resourcesIn(this.#db, pipelineId)
  }

  async inputs(pipelineId: number): Promise<readonly JobInput[]> {
    const rows = await this.#db.query<InputRow>(
      `select job_id, i.name, resource_id, coalesce(json_agg(passed_job_id order by passed_job_id) filter (where passed_job_id is not null), '[]') as passed,
         trigger, every, pin
       from job_inputs i join jobs on jobs.id = job_id where pipeline_id = $1
       group by job_id, i.name, resource_id, trigger, every, pin order by job_id, i.name`,
      [pipelineId],
    )
    return rows.map(inputOf)
  }
}

export async function resourcesIn(db: Queryable, pipelineId: number): Promise<readonly Resource[]> {
  return (await db.query<ResourceRow>(`select ${resourceColumns} from resources where pipeline_id = $1 order by id`, [pipelineId])).map(resourceOf)
}
