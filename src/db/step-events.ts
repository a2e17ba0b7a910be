import type { StepContainer, StepEvent, StepEvents as StepEventsPort } from '../api/web-ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { Db } from './db.ts'

/** Beginnings and ends of steps. Lines that processes print have no key: the index of keys skips them, however many there are. What a step waits for has one (engine/leaf/log-ports.ts). */
const types = ['initialize', 'start', 'finish', 'initialize-check', 'initialize-task', 'start-task', 'finish-task', 'initialize-get', 'start-get', 'finish-get', 'initialize-put', 'start-put', 'finish-put', 'error']
const mostEvents = 100_000

export class StepEvents implements StepEventsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async ofBuild(buildId: number): Promise<readonly StepEvent[]> {
    const rows = await this.#db.query<{ type: string; payload: string }>(
      `select type, payload from build_events
       where build_id = $1 and key is not null and (type = any($2::text[]) or (type = 'log' and key like '%:wait:%')) order by event_id limit $3`,
      [buildId, types, mostEvents],
    )
    return rows.map(({ type, payload }) => ({ type, data: JSON.parse(payload) as JsonObject }))
  }

  containersOf(buildId: number): Promise<readonly StepContainer[]> {
    return this.#db.query<StepContainer>(
      `select plan_id as "planId", handle, case state when 'kept' then 'kept' else 'running' end as state from containers where build_id = $1 and state in ('assigned', 'kept') order by created_at limit 10000`,
      [buildId],
    )
  }
}
