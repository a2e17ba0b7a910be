import type { Causes } from '../model/causality.ts'
import type { BuildInput, BuildOutput, BuildVersions as BuildVersionsPort, VersionsDump } from '../api/ports.ts'
import type { Version } from '../model/version.ts'
import { causesOf } from './causes.ts'
import type { Db } from './db.ts'

const mostBuilds = 10_000
const mostRows = 100_000

/** What builds took and made. */
export class BuildVersions implements BuildVersionsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async ofBuild(buildId: number): Promise<{ readonly inputs: readonly BuildInput[]; readonly outputs: readonly BuildOutput[] }> {
    const inputs = await this.#db.query<{ name: string; version: string; pipeline_id: number; first_occurrence: boolean }>(
      `select i.name, v.version, r.pipeline_id, i.first_occurrence from build_inputs i join versions v on v.id = i.version_id join resources r on r.id = i.resource_id
       where i.build_id = $1 order by i.name`,
      [buildId],
    )
    const outputs = await this.#db.query<{ name: string; version: string }>(
      'select o.name, v.version from build_outputs o join versions v on v.id = o.version_id where o.build_id = $1 order by o.place',
      [buildId],
    )
    return {
      inputs: inputs.map(({ name, version, pipeline_id, first_occurrence }) => ({ name, version: JSON.parse(version) as Version, pipelineId: pipeline_id, firstOccurrence: first_occurrence })),
      outputs: outputs.map(({ name, version }) => ({ name, version: JSON.parse(version) as Version })),
    }
  }

  async buildsWith(as: 'input' | 'output', resourceId: number, versionId: number): Promise<readonly number[]> {
    const rows = await this.#db.query<{ build_id: number }>(
      `select distinct build_id from ${as === 'input' ? 'build_inputs' : 'build_outputs'} where resource_id = $1 and version_id = $2 order by build_id desc limit ${mostBuilds}`,
      [resourceId, versionId],
    )
    return rows.map(({ build_id }) => build_id)
  }

  causes(direction: 'downstream' | 'upstream', resourceId: number, versionId: number): Promise<Causes> {
    return causesOf(this.#db, direction, { resourceId, versionId })
  }

  async dump(pipelineId: number): Promise<VersionsDump> {
    const rows = <T>(sql: string): Promise<T[]> => this.#db.query<T>(`${sql} limit ${mostRows}`, [pipelineId])
    const [jobs, resources, versions, outputs, inputs, reruns] = await Promise.all([
      rows<VersionsDump['jobs'][number]>('select name, id from jobs where pipeline_id = $1 and active order by id'),
      rows<VersionsDump['resources'][number]>('select name, id, coalesce(scope_id, 0) as scope from resources where pipeline_id = $1 and active order by id'),
      rows<VersionsDump['versions'][number]>(
        `select sv.version_id as version, r.id as resource, sv.check_order as "checkOrder", r.scope_id as scope from resources r join scope_versions sv using (scope_id)
         where r.pipeline_id = $1 and r.active and sv.check_order > 0 order by r.id, sv.check_order desc`,
      ),
      rows<VersionsDump['outputs'][number]>(
        `select o.version_id as version, o.resource_id as resource, coalesce(sv.check_order, 0) as "checkOrder", coalesce(r.scope_id, 0) as scope, b.id as build, b.job_id as job
         from builds b join build_outputs o on o.build_id = b.id join resources r on r.id = o.resource_id left join scope_versions sv on sv.scope_id = r.scope_id and sv.version_id = o.version_id
         where b.pipeline_id = $1 and b.job_id is not null and b.status = 'succeeded' order by b.id desc, o.place`,
      ),
      rows<VersionsDump['inputs'][number]>(
        `select i.version_id as version, i.resource_id as resource, coalesce(sv.check_order, 0) as "checkOrder", coalesce(r.scope_id, 0) as scope, b.id as build, b.job_id as job, i.name as input
         from builds b join build_inputs i on i.build_id = b.id join resources r on r.id = i.resource_id left join scope_versions sv on sv.scope_id = r.scope_id and sv.version_id = i.version_id
         where b.pipeline_id = $1 and b.job_id is not null order by b.id desc, i.name`,
      ),
      rows<VersionsDump['reruns'][number]>('select id as build, job_id as job, rerun_of as "rerunOf" from builds where pipeline_id = $1 and rerun_of is not null and job_id is not null order by id desc'),
    ])
    return { jobs, resources, versions, outputs, inputs, reruns }
  }
}
