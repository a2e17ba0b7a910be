import type { ContainerRow, ContainerState } from '../model/build.ts'
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

  /** Marks containers as removed that the runtime has confirmed gone, also those of builds that another server runs. */
  async markRemoved(handles: readonly string[], now: number): Promise<void> {
    await this.#db.query(`update containers set state = 'removed', updated_at = $2 where handle = any($1::text[])`, [handles, now])
  }
}

const withBuild = (row: ContainerTableRow): ContainerRow & { readonly buildId: number } => ({ ...containerOf(row), buildId: row.build_id })
