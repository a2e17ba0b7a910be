import type { ContainerRow, ContainerState, KeptContainer } from '../model/build.ts'
import { type ContainerTableRow, containerColumns, containerOf } from './container-row.ts'
import type { Queryable } from './db.ts'

/** Containers of all builds, for sweeping and intercept. A build's own are written by its commits. */
export class Containers {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async find(handle: string): Promise<(ContainerRow & { readonly buildId: number }) | undefined> {
    const [row] = await this.#db.query<ContainerTableRow>(`select ${containerColumns} from containers where handle = $1`, [handle])
    return row && withBuild(row)
  }

  /** Those in one of the states. */
  async list(states: readonly ContainerState[]): Promise<readonly (ContainerRow & { readonly buildId: number })[]> {
    const rows = await this.#db.query<ContainerTableRow>(`select ${containerColumns} from containers where state = any($1::text[]) order by created_at, handle`, [states])
    return rows.map(withBuild)
  }

  /** Those kept for intercept, oldest builds first. A build without a cause is one of `airside run`: none is shown with its job. */
  async kept(): Promise<readonly KeptContainer[]> {
    const rows = await this.#db.query<{ handle: string; build_id: number; entered_at: number | null; superseded: boolean }>(
      `select c.handle, c.build_id, c.entered_at,
         b.status not in ('pending', 'started') and b.cause is not null and exists (select 1 from jobs j where j.id = b.job_id and j.finished_build is distinct from b.id) as superseded
       from containers c join builds b on b.id = c.build_id where c.state = 'kept' order by c.build_id, c.created_at, c.handle`,
    )
    return rows.map(({ handle, build_id, entered_at, superseded }) => ({ handle, buildId: build_id, superseded, ...(entered_at !== null && { enteredAt: entered_at }) }))
  }

  /** Somebody is in it at this time, by intercept. */
  async entered(handle: string, now: number): Promise<void> {
    await this.#db.query('update containers set entered_at = $2 where handle = $1', [handle, now])
  }

  /** Marks containers as removed that the runtime has confirmed gone, also those of builds that another server runs. */
  async markRemoved(handles: readonly string[], now: number): Promise<void> {
    await this.#db.query(`update containers set state = 'removed', updated_at = $2 where handle = any($1::text[])`, [handles, now])
  }
}

const withBuild = (row: ContainerTableRow): ContainerRow & { readonly buildId: number } => ({ ...containerOf(row), buildId: row.build_id })
