import type { Places as PlacesPort } from '../api/web-ports.ts'
import type { NotTriggered } from '../model/listed-build.ts'
import type { Db } from './db.ts'

export class Places implements PlacesPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  pipelineOfJob(jobId: number): Promise<number | undefined> {
    return this.#pipelineOf('jobs', jobId)
  }

  pipelineOfResource(resourceId: number): Promise<number | undefined> {
    return this.#pipelineOf('resources', resourceId)
  }

  async #pipelineOf(table: 'jobs' | 'resources', id: number): Promise<number | undefined> {
    return (await this.#db.query<{ pipeline_id: number }>(`select pipeline_id from ${table} where id = $1 and active`, [id]))[0]?.pipeline_id
  }
}

export async function notTriggered(db: Db, jobId: number): Promise<NotTriggered | undefined> {
  const [row] = await db.query<{ why: string | null }>('select why from job_schedule where job_id = $1', [jobId])
  return row === undefined || row.why === null ? undefined : (JSON.parse(row.why) as NotTriggered)
}
