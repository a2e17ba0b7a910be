import type { NamedInPipeline, SharedVersions as SharedVersionsPort } from '../api/ports.ts'
import { checksWanted } from './checks.ts'
import type { Db } from './db.ts'

const most = 10_000

export class VersionsOfScopes implements SharedVersionsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async ofType(pipelineId: number, name: string): Promise<{ readonly scopeId?: number } | undefined> {
    const [row] = await this.#db.query<{ scope_id: number | null }>(`select scope_id from resource_types where pipeline_id = $1 and name = $2 and kind = 'resource-type'`, [pipelineId, name])
    return row && (row.scope_id === null ? {} : { scopeId: row.scope_id })
  }

  async sharing(scopeId: number): Promise<{ readonly resources: readonly NamedInPipeline[]; readonly types: readonly NamedInPipeline[] }> {
    const named = (table: string, condition: string): Promise<NamedInPipeline[]> =>
      this.#db.query<NamedInPipeline>(
        `select one.name, p.name as pipeline, t.name as team from ${table} one join pipelines p on p.id = one.pipeline_id join teams t on t.id = p.team_id
         where one.scope_id = $1 and ${condition} order by t.name, p.name, one.name limit ${most}`,
        [scopeId],
      )
    const [resources, types] = await Promise.all([named('resources', 'one.active'), named('resource_types', `one.kind = 'resource-type'`)])
    return { resources, types }
  }

  async keyOf(scopeId: number): Promise<string | undefined> {
    const [row] = await this.#db.query<{ key: string }>('select key from resource_config_scopes where id = $1', [scopeId])
    return row?.key
  }

  async clear(scopeId: number): Promise<number> {
    const cleared = await this.#db.transaction(async (tx) => {
      // As where a check saves: two of these must not interleave.
      await tx.query('select id from resource_config_scopes where id = $1 for no key update', [scopeId])
      const rows = await tx.query('delete from scope_versions where scope_id = $1 returning 1 as one', [scopeId])
      await tx.query('select want_jobs(array(select job_id from job_inputs join resources on resources.id = resource_id where scope_id = $1))', [scopeId])
      return rows.length
    })
    // Whoever checks the scope remembers what it found, and would not save it again.
    this.#db.notify(checksWanted, String(scopeId))
    return cleared
  }
}
