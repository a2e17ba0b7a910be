import type { Answer, Ask, BuildOrder, JobId, ResourceId, Success, VersionId } from '../../scheduler/ports.ts'
import { json, type Param, type Queryable } from '../db.ts'
import { canonicalJson } from '../version-json.ts'
import { Together } from '../../lib/together.ts'
import { successesOf } from './success-columns.ts'

/** New successes of a job since a mark, of which each is tried alone; of more all are looked at anew. */
const mostAdded = 2_000

interface SuccessRow {
  readonly build_id: number
  readonly job_id: number
  readonly ord: number
  readonly resources: readonly number[]
  readonly versions: readonly number[]
}

/** Questions of jobs for the newest version of a resource that share a statement. */
const mostTogether = 32

/** Answers what choosing the inputs of a job asks (scheduler/algorithm/ask.ts). */
export class Answers {
  readonly #db: Queryable
  /** Jobs that are passed at once often ask for the newest version of the same resource. */
  readonly #newest: Together<ResourceId, readonly VersionId[]>

  constructor(db: Queryable) {
    this.#db = db
    this.#newest = new Together(mostTogether, { all: (resources) => this.#allNewest(resources) })
  }

  async answer(job: JobId, ask: Ask): Promise<Answer> {
    switch (ask.kind) {
      case 'columns':
        return this.#columns(ask)
      case 'page':
        return this.#successes(ask, newest, [ask.job, ask.after?.order ?? null, ask.after?.build ?? null, ask.limit])
      case 'giving':
        return this.#successes(ask, `${isBefore} and s.versions @> array[$5::bigint] ${newestFirst}`, [ask.job, ask.after?.order ?? null, ask.after?.build ?? null, ask.limit, ask.version])
      case 'since':
        return this.#successes(ask, 's.job_id = $1 and (s.ord, s.build_id) > ($2::bigint, $3::bigint) order by s.ord, s.build_id limit $4', [ask.job, ask.after.order, ask.after.build, ask.limit])
      case 'domain':
        return { kind: 'versions', versions: await this.#domain(ask) }
      case 'usable':
        return { kind: 'usable', usable: await this.#usable(ask) }
      case 'mark':
        return { kind: 'mark', mark: await this.#mark(ask.jobs) }
      case 'added':
        return this.#added(ask)
      case 'versions':
        return { kind: 'versions', versions: await (ask.from.kind === 'newest' && ask.limit === 1 ? this.#newest.add(ask.resource) : this.#versions(ask)) }
      case 'pin':
        return { kind: 'number', number: await this.#pinned(ask.resource, canonicalJson(ask.pin)) }
      case 'highest-used':
        return { kind: 'number', number: (await this.#highestUsed(job, ask.resource))?.check_order }
      case 'pipes':
        return { kind: 'pipes', pipes: await this.#pipes(job, ask.resource) }
      case 'used':
        return { kind: 'used', used: await this.#used(job, ask.versions) }
      case 'pause':
        await new Promise((resolve) => setImmediate(resolve))
        return { kind: 'none' }
    }
  }

  /** `condition` has parameters from $1; versions that cannot be used are 0, and resources that nobody asks for are left out. */
  async #successes({ resources }: { readonly resources: readonly ResourceId[] }, condition: string, params: readonly Param[]): Promise<Answer> {
    const rows = await this.#db.query<SuccessRow>(
      `select s.build_id, s.job_id, s.ord,
         array(select r from unnest(s.resources) with ordinality as l (r, place) where r = any($${params.length + 1}::bigint[]) order by place) as resources,
         array(
           select case when ${canBeUsed} then v else 0 end
           from unnest(s.resources, s.versions) with ordinality as l (r, v, place) where r = any($${params.length + 1}::bigint[]) order by place
         ) as versions
       from successes s where ${condition}`,
      [...params, resources],
    )
    return { kind: 'successes', successes: rows.map(successOf) }
  }

  /**
   * As they are stored. In one row, since rows are what costs: of a thousand that are sent by themselves the embedded database's client takes twice as
   * long. Most successes of a job list the same resources as the one before, which are not sent again.
   */
  async #columns({ job, after, limit }: Extract<Ask, { kind: 'columns' }>): Promise<Answer> {
    const [row] = await this.#db.query<{ builds: string; orders: string; resources: string; versions: string }>(
      `select coalesce(array_agg(build_id order by place), '{}')::text as builds, coalesce(array_agg(ord order by place), '{}')::text as orders,
         coalesce(string_agg(case when same then '=' else resources::text end, '' order by place), '') as resources,
         coalesce(string_agg(versions::text, '' order by place), '') as versions
       from (
         select *, row_number() over w as place, resources is not distinct from lag(resources) over w as same
         from (select * from successes s where ${newest}) as page window w as (order by ord desc, build_id desc)
       ) as listed`,
      [job, after?.order ?? null, after?.build ?? null, limit],
    )
    return { kind: 'successes', successes: row === undefined ? [] : successesOf(job, row) }
  }

  async #usable({ resources, versions }: Extract<Ask, { kind: 'usable' }>): Promise<boolean[]> {
    const rows = await this.#db.query<{ usable: boolean }>(
      `select ${canBeUsed} as usable
       from unnest($1::bigint[], $2::bigint[]) with ordinality as given (r, v, place) order by place`,
      [resources, versions],
    )
    return rows.map(({ usable }) => usable)
  }

  /** The other jobs are counted, version by version: `not exists` is planned as a scan of what has passed any job of the installation. */
  async #domain({ jobs, resource, limit }: Extract<Ask, { kind: 'domain' }>): Promise<number[]> {
    const [first, ...others] = jobs
    const rows = await this.#db.query<{ version_id: number }>(
      `select version_id from passed_versions p where job_id = $1 and resource_id = $2
         and (
           select count(*) from unnest($3::bigint[]) as other (id) join passed_versions o on o.job_id = other.id and o.resource_id = $2 and o.version_id = p.version_id
         ) = cardinality($3::bigint[])
       limit $4`,
      [first ?? 0, resource, others, limit],
    )
    return rows.map(({ version_id }) => version_id)
  }

  /** Of each job the last number of a success, and what decides whether versions of its inputs' resources can be used. */
  async #mark(jobs: readonly JobId[]): Promise<string> {
    const rows = await this.#db.query<{ id: number; last: number }>(
      'select id, coalesce((select seq from successes where job_id = id order by seq desc limit 1), 0) as last from unnest($1::bigint[]) as job (id) order by id',
      [jobs],
    )
    return json({ last: rows.map(({ id, last }) => [id, last]), usable: await this.#usableMark(jobs) })
  }

  async #usableMark(jobs: readonly JobId[]): Promise<string> {
    const [row] = await this.#db.query<{ mark: string | null }>(
      `select string_agg(r.id || ':' || coalesce(r.scope_id, 0)
           || ':' || coalesce((select check_order from scope_versions sv where sv.scope_id = r.scope_id order by check_order desc limit 1), 0)
           || ':' || (select count(*) || '/' || coalesce(sum(version_id), 0) from disabled_versions d where d.resource_id = r.id), ' ' order by r.id) as mark
       from resources r
       where r.id in (select resource_id from job_inputs where passed_job_id = any($1::bigint[]))`,
      [jobs],
    )
    return row?.mark ?? ''
  }

  async #added({ jobs, mark, resources }: Extract<Ask, { kind: 'added' }>): Promise<Answer> {
    const { last, usable } = JSON.parse(mark) as { last: readonly (readonly [number, number])[]; usable: string }
    if (usable !== (await this.#usableMark(jobs))) return { kind: 'changed' }
    const answer = await this.#successes(
      { resources },
      `exists (select from unnest($1::bigint[], $2::bigint[]) as known (job, last) where s.job_id = known.job and s.seq > known.last) and s.job_id = any($1) order by s.seq limit ${mostAdded + 1}`,
      [last.map(([job]) => job), last.map(([, seq]) => seq)],
    )
    return answer.kind === 'successes' && answer.successes.length > mostAdded ? { kind: 'changed' } : answer
  }

  async #versions({ resource, from, limit }: Extract<Ask, { kind: 'versions' }>): Promise<number[]> {
    const condition = { newest: 'true', above: 'sv.check_order > $3', down: 'sv.check_order <= $3' }[from.kind]
    const rows = await this.#db.query<{ version_id: number }>(
      `select sv.version_id from scope_versions sv
       where ${inScope('$1')} and ${condition} and $3::integer is not null
         and not exists (select from disabled_versions d where d.resource_id = $1 and d.version_id = sv.version_id)
       order by sv.check_order ${from.kind === 'above' ? 'asc' : 'desc'} limit $2`,
      [resource, limit, from.kind === 'newest' ? 0 : from.order],
    )
    return rows.map(({ version_id }) => version_id)
  }

  async #allNewest(resources: readonly ResourceId[]): Promise<readonly (readonly VersionId[])[]> {
    const rows = await this.#db.query<{ resource: number; version: number | null }>(
      `select resource, (
         select sv.version_id from scope_versions sv
         where ${inScope('resource')} and not exists (select from disabled_versions d where d.resource_id = resource and d.version_id = sv.version_id)
         order by sv.check_order desc limit 1
       ) as version from unnest($1::bigint[]) as resource`,
      [[...new Set(resources)]],
    )
    const newest = new Map(rows.map(({ resource, version }) => [resource, version === null ? [] : [version]]))
    return resources.map((resource) => newest.get(resource) ?? [])
  }

  /** The version as a value, not joined: else all versions of the installation are compared with the pin. */
  async #pinned(resource: ResourceId, pin: string): Promise<number | undefined> {
    const [row] = await this.#db.query<{ version_id: number }>(
      `select sv.version_id from scope_versions sv
       where ${inScope('$1')} and (select v.version @> $2::jsonb from versions v where v.id = sv.version_id) order by sv.check_order desc limit 1`,
      [resource, pin],
    )
    return row?.version_id
  }

  /** From the newest downwards: nearly always one of the first was used. */
  async #highestUsed(job: JobId, resource: ResourceId): Promise<{ readonly check_order: number; readonly version_id: number } | undefined> {
    const [row] = await this.#db.query<{ check_order: number; version_id: number }>(
      `select sv.check_order, sv.version_id from scope_versions sv
       where ${inScope('$2')} and exists (select from job_used u where u.job_id = $1 and u.resource_id = $2 and u.version_id = sv.version_id)
       order by sv.check_order desc limit 1`,
      [job, resource],
    )
    return row
  }

  async #pipes(job: JobId, resource: ResourceId): Promise<(BuildOrder & { job: JobId })[] | undefined> {
    const highest = await this.#highestUsed(job, resource)
    if (highest === undefined) return undefined
    const rows = await this.#db.query<{ job_id: number; ord: number; build_id: number }>(
      `select s.job_id, s.ord, s.build_id from build_pipes p join successes s on s.build_id = p.from_build
       where p.to_build = (select max(last_build) from job_used where job_id = $1 and resource_id = $2 and version_id = $3)`,
      [job, resource, highest.version_id],
    )
    return rows.map(({ job_id, ord, build_id }) => ({ job: job_id, order: ord, build: build_id }))
  }

  async #used(job: JobId, versions: readonly (readonly [ResourceId, number])[]): Promise<boolean[]> {
    const rows = await this.#db.query<{ used: boolean }>(
      `select exists (select from job_used u where u.job_id = $1 and u.resource_id = r and u.version_id = v) as used
       from unnest($2::bigint[], $3::bigint[]) with ordinality as given (r, v, place) order by place`,
      [job, versions.map(([resource]) => resource), versions.map(([, version]) => version)],
    )
    return rows.map(({ used }) => used)
  }
}

/** No join: the scope must be known before the rows are read in the order of the index, or all of them are sorted (100 ms for 10 000). */
const inScope = (resource: string): string => `sv.scope_id = (select scope_id from resources where id = ${resource}) and sv.check_order > 0`

/** The version `v` of the resource `r`. */
const canBeUsed = `exists (
  select from resources u join scope_versions sv on sv.scope_id = u.scope_id and sv.version_id = v and sv.check_order > 0
  where u.id = r and not exists (select from disabled_versions d where d.resource_id = r and d.version_id = v)
)`

const newestFirst = 'order by s.ord desc, s.build_id desc limit $4'
const isBefore = 's.job_id = $1 and ($2::bigint is null or (s.ord, s.build_id) < ($2::bigint, $3::bigint))'
const newest = `${isBefore} ${newestFirst}`

const successOf = ({ build_id, job_id, ord, resources, versions }: SuccessRow): Success => ({ build: build_id, job: job_id, order: ord, resources, versions })
