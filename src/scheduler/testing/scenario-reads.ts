import { presentPreparation } from '../../api/present/builds.ts'
import { BuildEvents } from '../../db/build-events.ts'
import { BuildLists } from '../../db/build-lists.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Db } from '../../db/db.ts'
import { Pipelines } from '../../db/pipelines.ts'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { notTriggeredText, type NotTriggered, type PendingReason } from '../../model/listed-build.ts'
import type { Version } from '../../model/version.ts'

interface BuildRow {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly cause: string
  readonly job_id: number
  readonly reason: string | null
}

/** What there is of a pipeline in a database: its jobs and their builds, as tests read them. */
export class ScenarioReads {
  readonly clock: FakeClock = fakeClock()
  readonly db: Db
  readonly pipelines: Pipelines
  protected pipelineId = 0

  constructor(db: Db, cipher: Cipher) {
    this.db = db
    this.pipelines = new Pipelines(db, cipher)
  }

  async pausedJobs(): Promise<string[]> {
    return (await this.pipelines.jobs(this.pipelineId)).filter(({ paused }) => paused).map(({ name }) => name)
  }

  /** Names of the builds that are shown with the job. */
  async shown(job: string): Promise<{ next?: string; finished?: string; transition?: string }> {
    const { next, finished, transition } = (await new BuildLists(this.db).ofJobs([this.pipelineId])).get(await this.jobId(job)) ?? {}
    return { ...(next && { next: next.name }), ...(finished && { finished: finished.name }), ...(transition && { transition: transition.name }) }
  }

  /** `1 succeeded app=v1`, oldest first; a pending build with what it waits for. */
  async list(job: string): Promise<string[]> {
    const rows = await this.db.query<BuildRow & { inputs: string | null }>(
      `select b.id, b.name, b.status, b.cause, b.pending_reason as reason,
         (select string_agg(i.name || '=' || (v.version ->> 'ver'), ' ' order by i.name) from build_inputs i join versions v on v.id = i.version_id where i.build_id = b.id) as inputs
       from builds b where b.job_id = $1 order by coalesce(b.rerun_of, b.id), b.id`,
      [await this.jobId(job)],
    )
    return rows.map(({ name, status, inputs, reason }) => [name, status, ...(inputs === null ? [] : [inputs]), ...(status === 'pending' && reason !== null ? [`(${reasonText(JSON.parse(reason) as PendingReason)})`] : [])].join(' '))
  }

  /** A resource's versions, oldest first; with a name that metadata has where it has any, and those that are disabled in brackets. */
  async versionsOf(resource: string): Promise<string[]> {
    const rows = await this.db.query<{ ver: string; disabled: boolean; metadata: string | null }>(
      `select v.version ->> 'ver' as ver, s.metadata -> 0 ->> 'value' as metadata, exists (select from disabled_versions d where d.resource_id = r.id and d.version_id = v.id) as disabled
       from resources r join scope_versions s on s.scope_id = r.scope_id join versions v on v.id = s.version_id where r.pipeline_id = $1 and r.name = $2 order by s.check_order`,
      [this.pipelineId, resource],
    )
    return rows.map(({ ver, disabled, metadata }) => `${disabled ? `(${ver})` : ver}${metadata === null ? '' : ` ${metadata}`}`)
  }

  /** Versions of a build's inputs, by name. */
  async inputs(job: string, build: string): Promise<Version[]> {
    const rows = await this.db.query<{ version: string }>('select version from build_inputs i join versions v on v.id = i.version_id where i.build_id = $1 order by i.name', [(await this.build(job, build)).id])
    return rows.map(({ version }) => JSON.parse(version) as Version)
  }

  async why(job: string): Promise<string> {
    const [row] = await this.db.query<{ why: string | null }>('select why from job_schedule where job_id = $1', [await this.jobId(job)])
    return typeof row?.why === 'string' ? notTriggeredText(JSON.parse(row.why) as NotTriggered) : ''
  }

  /** The error that a build's events end with. */
  async error(job: string, build: string): Promise<string> {
    return (await this.events(job, build)).find((event) => event.startsWith('error '))?.slice('error '.length) ?? ''
  }

  /** `error MESSAGE`, `status aborted`. */
  async events(job: string, build: string): Promise<string[]> {
    const events = await new BuildEvents(this.db, { clock: this.clock }).read((await this.build(job, build)).id, -1, 100)
    return events.map(({ type, payload }) => {
      const { message, status } = JSON.parse(payload) as { message?: string; status?: string }
      return `${type} ${message ?? status ?? ''}`
    })
  }

  /** Why the build has not started, as the API tells. */
  async preparation(job: string, build: string): Promise<ReturnType<typeof presentPreparation>> {
    const listed = await new BuildLists(this.db).get((await this.build(job, build)).id)
    if (listed === undefined) throw new Error(`${job} has no build ${build}`)
    return presentPreparation(listed)
  }

  /** Of the config that is set now. */
  async configVersion(): Promise<number | undefined> {
    return (await this.pipelines.get(this.pipelineId))?.configVersion
  }

  /** The version of the config that a build's plan was made from. */
  async plannedFrom(job: string, build: string): Promise<number | undefined> {
    return (await new BuildLists(this.db).get((await this.build(job, build)).id))?.configVersion
  }

  async build(job: string, name: string): Promise<{ readonly id: number }> {
    const [row] = await this.db.query<{ id: number }>('select id from builds where job_id = $1 and name = $2', [await this.jobId(job), name])
    if (row === undefined) throw new Error(`${job} has no build ${name}`)
    return row
  }

  async jobId(name: string): Promise<number> {
    const [row] = await this.db.query<{ id: number }>('select id from jobs where pipeline_id = $1 and name = $2', [this.pipelineId, name])
    if (row === undefined) throw new Error(`there is no job ${name}`)
    return row.id
  }
}

function reasonText(reason: PendingReason): string {
  switch (reason.kind) {
    case 'pipeline-paused':
    case 'job-paused':
      return reason.kind
    case 'job-limit':
      return `${reason.running} of ${reason.limit} run`
    case 'queued':
      return `behind ${reason.job === undefined ? '' : `${reason.job} `}${reason.behind}`
    case 'checking':
      return `checking ${reason.inputs.join(', ')}`
    case 'inputs':
      return reason.missing.map(({ message }) => message).join('; ')
  }
}
