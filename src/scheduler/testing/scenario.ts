import { reusedBuild } from '../../builds/reused-build.ts'
import { Builds } from '../../db/builds.ts'
import type { Cipher } from '../../db/cipher.ts'
import type { Db } from '../../db/db.ts'
import { PendingBuilds } from '../../db/pending-builds.ts'
import { JobSchedules } from '../../db/scheduling/scheduler-store.ts'
import { Teams } from '../../db/teams.ts'
import { Checks } from '../../db/checks.ts'
import { hashOf, canonicalJson } from '../../db/version-json.ts'
import { Versions } from '../../db/versions.ts'
import { silentLog } from '../../lib/log.ts'
import type { FinalStatus } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Version } from '../../model/version.ts'
import { PipelineConfigs } from '../../pipelines/configs.ts'
import { setPipeline } from '../../pipelines/set-pipeline.ts'
import { Pass } from '../pass.ts'
import type { SchedulerStore, WantedCheck } from '../ports.ts'
import { refusedVersions } from '../requested-versions.ts'
import { passesOf } from '../service.ts'
import { ScenarioReads } from './scenario-reads.ts'

interface ScenarioOptions {
  readonly lazy?: boolean
  readonly around?: (store: SchedulerStore, scheduler: string) => SchedulerStore
}

/** `get: A` of a resource in pipelines of tests; each is of type mock. */
export const resourcesYaml = (...names: readonly string[]): string => `resources: [${names.map((name) => `{name: ${name}, type: mock, source: {}}`).join(', ')}]`

/**
 * A pipeline in a database, and the schedulers' passes over it: what a person, a check or a build's end does, then what builds there are.
 * Time moves by a second with each of them.
 */
export class Scenario extends ScenarioReads {
  readonly builds: Builds
  readonly store: JobSchedules
  /** Checks that a pass has wanted, by resource. */
  readonly wanted = new Map<string, number>()
  readonly failures: unknown[] = []
  /** Artifacts that the store has no more. */
  readonly goneArtifacts = new Set<string>()
  private readonly pending: PendingBuilds
  private readonly versions: Versions
  private readonly checks: Checks
  private scopes = 0
  private putsMade = 0
  private readonly lazy: boolean
  private readonly schedulers: readonly ((signal: AbortSignal) => Promise<void>)[]
  readonly pipeline: string

  /**
   * Scenarios of one database are pipelines of different names. `lazy`: schedulers pass only when they are told to, as when their wake-ups are lost.
   * `around`: what stands between the scheduler and its store.
   */
  constructor(db: Db, cipher: Cipher, pipeline: string, { lazy = false, around = (store) => store }: ScenarioOptions = {}) {
    super(db, cipher)
    this.lazy = lazy
    this.pipeline = pipeline
    this.builds = new Builds(db, cipher)
    this.store = new JobSchedules(db, cipher)
    this.pending = new PendingBuilds(db, cipher)
    this.versions = new Versions(db)
    this.checks = new Checks(db, cipher)
    const checks = { want: (asked: readonly WantedCheck[]) => this.checksWanted(asked) }
    const log = { ...silentLog, warn: (about: { err?: unknown }) => void this.failures.push(about.err) } as typeof silentLog
    this.schedulers = ['a', 'b'].map((name) => {
      const [owner, store] = [`${pipeline} ${name}`, around(this.store, name)]
      const pass = new Pass({ store, configs: new PipelineConfigs(this.pipelines), checks, reuse: (from) => reusedBuild({ builds: this.builds, artifacts: { has: (digest) => Promise.resolve(this.goneArtifacts.has(digest) ? undefined : 1) } }, from), runtime: {}, clock: this.clock }, owner)
      return passesOf(store, pass, { owner, clock: this.clock, log })
    })
  }

  /** A scheduler looks at all that is wanted. */
  async pass(scheduler: number): Promise<void> {
    await this.schedulers[scheduler]?.(new AbortController().signal)
    if (this.failures.length > 0) throw this.failures[0]
  }

  /** Sets the pipeline, unpaused, and passes. */
  async set(source: string): Promise<this> {
    if (this.pipelineId === 0) await new Teams(this.db).put({ name: 'main', auth: {}, admin: true }, 0)
    const ref = { team: 'main', name: this.pipeline }
    const present = await this.pipelines.find(ref)
    const set = await setPipeline(this.pipelines, { ref, source: Buffer.from(source), by: 'test', ...(present?.configVersion !== undefined && { expected: present.configVersion }) }, this.clock.now())
    if (!set.ok) throw new Error(JSON.stringify(set.error))
    this.pipelineId = (await this.pipelines.find(ref))?.id ?? 0
    if (present === undefined) await this.pipelines.setPaused(this.pipelineId, undefined)
    return this.passed()
  }

  async passed(): Promise<this> {
    await this.clock.advance(1_000)
    if (!this.lazy) await this.pass(0)
    return this
  }

  /** A check of the resource ends: it has found these, oldest first. New ones go on top. */
  async check(resource: string, ...versions: readonly (string | Version)[]): Promise<this> {
    const scopeId = await this.scopeOf(resource)
    const found = versions.map((version) => (typeof version === 'string' ? { ver: version } : version))
    if (await this.versions.save(scopeId, found, { now: this.clock.now() })) await this.checks.wakeSchedulers()
    return this.checkEnded(scopeId)
  }

  async checkFails(resource: string, error: string): Promise<this> {
    return this.checkEnded(await this.scopeOf(resource), error)
  }

  /** As ScopeChecks tells a server. */
  private async checkEnded(scopeId: number, error?: string): Promise<this> {
    const now = this.clock.now()
    await this.versions.saveEnds([{ scopeId, startedAt: now, endedAt: now, urgent: true, ...(error !== undefined && { error }) }])
    await this.checks.wakeSchedulers()
    return this.passed()
  }

  /** `chosen`: versions of inputs that a person has chosen. */
  async trigger(job: string, chosen?: Readonly<Record<string, string>>, params?: JsonObject): Promise<this> {
    const versions = chosen && (await this.ids(chosen))
    await this.pending.trigger(await this.jobId(job), 'jo', this.clock.now(), { ...(versions && { versions }), ...(params && { params }) })
    return this.passed()
  }

  /** Why a build of the job cannot have these versions. */
  async refused(job: string, chosen: Readonly<Record<string, string>>): Promise<readonly string[]> {
    return refusedVersions(this.store, await this.jobId(job), await this.ids(chosen))
  }

  /** A started build's plan, as text. */
  async plan(job: string, build: string): Promise<string> {
    return JSON.stringify((await this.builds.get((await this.build(job, build)).id))?.context?.['plan'])
  }

  private async ids(chosen: Readonly<Record<string, string>>): Promise<Record<string, number>> {
    const ids: Record<string, number> = {}
    for (const [input, version] of Object.entries(chosen)) {
      const [row] = await this.db.query<{ id: number }>(`select id from versions where hash = decode($1, 'hex')`, [hashOf(canonicalJson({ ver: version }))])
      ids[input] = row?.id ?? 999_999
    }
    return ids
  }

  /** `before`: the plan id of the step that it begins at. */
  async rerun(job: string, build: string, before?: string): Promise<this> {
    const { id } = await this.build(job, build)
    const made = await this.pending.rerun(id, 'jo', this.clock.now(), before === undefined ? undefined : { build: id, before })
    if (!made.ok) throw new Error(made.error)
    return this.passed()
  }

  async abort(job: string, build: string): Promise<this> {
    await this.builds.requestAbort((await this.build(job, build)).id, this.clock.now())
    return this.passed()
  }

  /** An engine runs the build to its end; `puts` are versions by resource, in the order of saving. */
  async finish(job: string, build: string, status: FinalStatus = 'succeeded', puts: readonly (readonly [resource: string, version: string])[] = []): Promise<this> {
    const { id, owner } = await this.putAll(job, build, puts)
    await this.builds.commit(id, owner, this.clock.now(), { finish: { status } })
    return this.passed()
  }

  /** The build goes on after it. */
  async put(job: string, build: string, resource: string, version: string): Promise<this> {
    await this.putAll(job, build, [[resource, version]])
    return this.passed()
  }

  private async putAll(job: string, build: string, puts: readonly (readonly [resource: string, version: string])[]): Promise<{ readonly id: number; readonly owner: string }> {
    const { id } = await this.build(job, build)
    const owner = `engine-${id}`
    const now = this.clock.now()
    if (!(await this.builds.renew(id, owner, now, 60_000)).held && (await this.builds.claim(owner, now, 60_000, id)) === undefined) throw new Error(`${job} #${build} cannot be claimed`)
    for (const [resource, version] of puts) {
      await this.scopeOf(resource)
      await this.builds.commit(id, owner, now, { outputs: [{ planId: `p${(this.putsMade += 1)}`, name: resource, resource, version: { ver: version } }] })
    }
    return { id, owner }
  }

  async pause(what: 'pipeline' | { readonly job: string }, paused = true): Promise<this> {
    const pause = paused ? { by: 'jo', at: this.clock.now() } : undefined
    if (what === 'pipeline') await this.pipelines.setPaused(this.pipelineId, pause)
    else await this.pipelines.setJobPaused(await this.jobId(what.job), pause)
    return this.passed()
  }

  async archive(): Promise<this> {
    await this.pipelines.archive(this.pipelineId, this.clock.now())
    return this.passed()
  }

  async pin(resource: string, version: string | undefined): Promise<this> {
    await this.db.query('update resources set pin = $2::jsonb where pipeline_id = $1 and name = $3', [this.pipelineId, version === undefined ? null : canonicalJson({ ver: version }), resource])
    await this.db.query('select want_jobs(array(select job_id from job_inputs i join resources r on r.id = i.resource_id where r.pipeline_id = $1 and r.name = $2))', [this.pipelineId, resource])
    return this.passed()
  }

  async disable(resource: string, version: string, disabled = true): Promise<this> {
    const scope = await this.scopeOf(resource)
    const id = 'select id from versions where hash = decode($1, \'hex\')'
    const hash = hashOf(canonicalJson({ ver: version }))
    const of = '(select id from resources where pipeline_id = $2 and name = $3)'
    if (disabled) await this.db.query(`insert into disabled_versions (version_id, resource_id) select (${id}), ${of}`, [hash, this.pipelineId, resource])
    else await this.db.query(`delete from disabled_versions where version_id = (${id}) and resource_id = ${of}`, [hash, this.pipelineId, resource])
    await this.db.query('select want_jobs_of_scope($1)', [scope])
    return this.passed()
  }

  /** A version is gone from its scope. */
  async forget(resource: string, version: string): Promise<this> {
    await this.db.query(`delete from scope_versions where scope_id = $1 and version_id = (select id from versions where hash = decode($2, 'hex'))`, [await this.scopeOf(resource), hashOf(canonicalJson({ ver: version }))])
    return this.passed()
  }

  /** What the resource's source is filled in with is another from now on, as after a credential was rotated. */
  async rotate(resource: string): Promise<this> {
    await this.scopeOf(resource)
    this.scopes += 1
    await this.versions.enter({ scope: `${this.pipeline} ${resource} ${this.scopes}`, resource: { pipelineId: this.pipelineId, name: resource } }, this.clock.now())
    return this.passed()
  }

  /** A check of the resource has begun: its versions are those of this scope from now on, which other resources may have too. */
  async enter(resource: string, scope: string): Promise<this> {
    await this.versions.enter({ scope, resource: { pipelineId: this.pipelineId, name: resource } }, this.clock.now())
    return this.passed()
  }

  private async scopeOf(resource: string): Promise<number> {
    const [row] = await this.db.query<{ id: number; scope_id: number | null }>('select id, scope_id from resources where pipeline_id = $1 and name = $2', [this.pipelineId, resource])
    if (row === undefined) throw new Error(`there is no resource ${resource}`)
    if (row.scope_id !== null) return row.scope_id
    this.scopes += 1
    return (await this.versions.enter({ scope: `${this.pipeline} ${resource} ${this.scopes}`, resource: { pipelineId: this.pipelineId, name: resource } }, this.clock.now())).id
  }

  private async checksWanted(asked: readonly WantedCheck[]): Promise<void> {
    for (const { resource, after } of asked) {
      const [row] = await this.db.query<{ name: string }>('select name from resources where id = $1', [resource])
      this.wanted.set(row?.name ?? '', after)
    }
  }
}
