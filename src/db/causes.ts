import { mostRelated, type CausalBuild, type Causes, type CausalVersion } from '../model/causality.ts'
import type { Version } from '../model/version.ts'
import type { Db } from './db.ts'

const mostBuilds = 5_000
/** Of those that took or made the version itself, so many of the newest are there in any case: what is shown must begin at it. */
const mostOwn = 1_000
const mostVersions = 25_000

type BuildRow = CausalBuild & { readonly own: boolean; readonly related: number }
type VersionRow = Omit<CausalVersion, 'version'> & { readonly version: string }

/** Builds that took a version, or what builds made of it, and so on; or else those that led to it. Of many the newest. */
export async function causesOf(db: Db, direction: 'downstream' | 'upstream', { resourceId, versionId }: { readonly resourceId: number; readonly versionId: number }): Promise<Causes> {
  const [from, to] = direction === 'downstream' ? ['build_inputs', 'build_outputs'] : ['build_outputs', 'build_inputs']
  // `union` ends it where builds lead back to each other, and the limit ends it where there are too many: a recursion is read no further than it is asked for.
  const found = await db.query<BuildRow>(
    `with recursive related(build_id) as (
        select build_id from ${from} where resource_id = $1 and version_id = $2
        union
        select next.build_id from related join ${to} own on own.build_id = related.build_id join ${from} next on next.resource_id = own.resource_id and next.version_id = own.version_id
      ), reached as materialized (select build_id from related limit ${mostRelated}
      ), own as (select distinct build_id from ${from} where resource_id = $1 and version_id = $2 order by build_id desc limit ${mostOwn}
      ), few as (select build_id from own union (select build_id from reached order by build_id desc limit ${mostBuilds}))
      select b.id, b.name, b.status, j.id as "jobId", j.name as job, b.id in (select build_id from own) as own, (select count(*)::int from reached) as related
      from few join builds b on b.id = few.build_id join jobs j on j.id = b.job_id order by own desc, b.id desc limit ${mostBuilds}`,
    [resourceId, versionId],
  )
  const related = found[0]?.related ?? 0
  const versionsOf = (as: string): string =>
    `select wanted.place, one.build_id as build, '${as}' as as, r.id as "resourceId", r.name as resource, v.id as "versionId", v.version from unnest($1::bigint[]) with ordinality wanted(id, place)
     join build_${as}s one on one.build_id = wanted.id join resources r on r.id = one.resource_id join versions v on v.id = one.version_id`
  const rows = await db.query<VersionRow>(
    `select build, "as", "resourceId", resource, "versionId", version from (${versionsOf('input')} union all ${versionsOf('output')}) one order by place, 3, 5 limit ${mostVersions + 1}`,
    [found.map(({ id }) => id)],
  )
  const builds = rows.length > mostVersions ? withAllTheirs(found, rows) : found
  const there = new Set(builds.map(({ id }) => id))
  const versions = rows.filter(({ build }) => there.has(build)).toSorted((a, b) => a.build - b.build)
  return {
    builds: builds.map(({ id, name, status, jobId, job }) => ({ id, name, status, jobId, job })).toSorted((a, b) => a.id - b.id),
    versions: versions.map(({ version, ...row }) => ({ ...row, version: JSON.parse(version) as Version })),
    ...(builds.length < related && { related }),
  }
}

/** The builds whose versions are all among the rows, which were cut in the midst of the last one's. */
function withAllTheirs(builds: readonly BuildRow[], rows: readonly VersionRow[]): readonly BuildRow[] {
  const cut = builds.findIndex(({ id }) => id === rows.at(-1)?.build)
  return builds.slice(0, cut)
}
