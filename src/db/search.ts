import type { FoundName, FoundVersion, Search as SearchPort, SearchedNames } from '../api/web-ports.ts'
import type { FinalStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Version } from '../model/version.ts'
import type { Db } from './db.ts'

interface NameRow {
  readonly kind: FoundName['kind']
  readonly id: number
  readonly name: string
  readonly team: string
  readonly pipeline: string
  readonly instance_vars: string | null
  readonly status: FinalStatus | null
  readonly rank: number
}

interface VersionRow {
  readonly version: string
  readonly resource: string
  readonly team: string
  readonly pipeline: string
  readonly instance_vars: string | null
}

/** Of a value that begins as very many do. */
const mostVersions = 1_000

/** Pipelines that may be seen: `$1` as in `teams`. */
const visible = `select p.id, p.name, p.instance_vars, team.name as team from pipelines p join teams team on team.id = p.team_id
  where p.updated_at is not null and ($1::text[] is null or team.name = any($1) or p.public)`
/** In the index on values; its order is that of bytes. */
const hits = `select distinct version_id from version_values where value >= lower($2) collate "C" and value < (lower($2) || chr(1114111)) collate "C" limit ${mostVersions}`

/** Finds what has a name or a version by what people know of it. */
export class Search implements SearchPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async names(teams: readonly string[] | undefined, { text, kinds, limit }: SearchedNames): Promise<readonly FoundName[]> {
    const rows = await this.#db.query<NameRow>(
      `with visible as materialized (${visible}), named as (
         select 'pipeline' as kind, id, name, team, name as pipeline, instance_vars, null as status from visible
         union all
         select 'job', j.id, j.name, team, p.name, instance_vars, f.status from visible p join jobs j on j.pipeline_id = p.id and j.active left join builds f on f.id = j.finished_build
         union all
         select 'resource', r.id, r.name, team, p.name, instance_vars, null from visible p join resources r on r.pipeline_id = p.id and r.active
       )
       select *, case when lower(name) = lower($2) then 0 when starts_with(lower(name), lower($2)) then 1 when position(lower($2) in lower(name)) > 0 then 2 else 3 end as rank
       from named where kind = any($4::text[]) and lower(name) like lower($3)
       order by rank, length(name), name collate "C", team collate "C", pipeline collate "C", instance_vars collate "C", kind limit ${Math.trunc(limit)}`,
      [teams ?? null, text, likeLetters(text), kinds],
    )
    return rows.map((row) => ({ kind: row.kind, id: row.id, name: row.name, ...placeOf(row), ...(row.status !== null && { status: row.status }), close: row.rank < 3 }))
  }

  async versions(teams: readonly string[] | undefined, beginning: string, limit: number): Promise<readonly FoundVersion[]> {
    const rows = await this.#db.query<VersionRow>(
      `with visible as materialized (${visible}), hit as materialized (${hits})
       select v.version, r.name as resource, p.team, p.name as pipeline, p.instance_vars
       from hit join versions v on v.id = hit.version_id join scope_versions sv on sv.version_id = v.id and sv.check_order > 0
       join resources r on r.scope_id = sv.scope_id and r.active join visible p on p.id = r.pipeline_id
       order by v.id desc, p.team collate "C", p.name collate "C", p.instance_vars collate "C", r.name collate "C" limit ${Math.trunc(limit)}`,
      [teams ?? null, beginning],
    )
    return rows.map((row) => ({ resource: row.resource, version: JSON.parse(row.version) as Version, ...placeOf(row) }))
  }

  async buildsWith(teams: readonly string[] | undefined, beginning: string, limit: number): Promise<readonly number[]> {
    const rows = await this.#db.query<{ id: number }>(
      `with visible as materialized (${visible}), hit as materialized (${hits}), had as (
         select build_id from hit join build_inputs using (version_id) union select build_id from hit join build_outputs using (version_id)
       )
       select b.id from had join builds b on b.id = had.build_id join visible p on p.id = b.pipeline_id order by b.id desc limit ${Math.trunc(limit)}`,
      [teams ?? null, beginning],
    )
    return rows.map(({ id }) => id)
  }
}

const placeOf = ({ team, pipeline, instance_vars }: Pick<NameRow, 'team' | 'pipeline' | 'instance_vars'>) => ({
  pipeline: { team, name: pipeline, ...(instance_vars !== null && { instanceVars: JSON.parse(instance_vars) as JsonObject }) },
})

/** A pattern of LIKE: these letters in this order, whatever stands between them. */
const likeLetters = (text: string): string => `%${[...text].map((letter) => `${letter.replace(/[\\%_]/, '\\$&')}%`).join('')}`
