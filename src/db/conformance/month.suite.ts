import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { EventWrite } from '../../model/build.ts'
import type { JsonObject } from '../../model/json.ts'
import { PipelineConfigs } from '../../pipelines/configs.ts'
import { collectBuildLogs, type JobOfPipeline } from '../../retention/build-log-collection.ts'
import { staleRowCollector } from '../../retention/stale-rows.ts'
import { Scenario } from '../../scheduler/testing/scenario.ts'
import { Audit } from '../audit.ts'
import { BuildLogs } from '../build-logs.ts'
import { Checks } from '../checks.ts'
import type { Db } from '../db.ts'
import { ResourceCaches } from '../resource-caches.ts'
import { StaleRows } from '../stale-rows.ts'
import { StepArtifacts } from '../step-artifacts.ts'
import { TaskCaches } from '../task-caches.ts'
import { Tokens } from '../tokens.ts'
import { WorkerArtifacts } from '../worker-artifacts.ts'
import { cipher } from './build-fixtures.ts'
import type { Target } from './target.ts'

const dayMs = 24 * 3_600_000
/** Caches stay for thirty days: what is measured comes after these. */
const [from, to] = [35, 45]
/** What happens less often than each day happens each fifth. */
const periodDays = 5
const pushesADay = 1
const versionsAPush = 6
/** Newest versions of a scope, successes of a job and days of the audit that are kept here, in the place of thousands. */
const kept = 20

/** A month and a half of a pipeline that is busy all the time, with all that leaves rows. */
class Month {
  readonly #db: Db
  readonly #given: Scenario
  readonly #configs: PipelineConfigs
  readonly #collectRows: (signal: AbortSignal) => Promise<void>
  #made = 0
  /** Tables that had rows at the end of some day. */
  readonly filled = new Set<string>()

  constructor(db: Db) {
    this.#db = db
    this.#given = new Scenario(db, cipher, 'month')
    this.#configs = new PipelineConfigs(this.#given.pipelines)
    const store = new StaleRows(db, { versionsOfScope: kept, successesOfJob: kept, auditDays: kept })
    this.#collectRows = staleRowCollector({ store, clock: { now: () => this.#given.clock.now(), sleep: () => Promise.resolve() }, log: silentLog })
  }

  /** One day, and at its end what a server does by itself. */
  async day(day: number): Promise<void> {
    const { clock } = this.#given
    await this.#given.set(this.#config(day))
    if (day % periodDays === 0) await this.#given.rotate('app')
    for (let push = 0; push < pushesADay; push += 1) await this.#push(day * pushesADay + push)
    await this.#oneOff()
    await this.#checks()
    await this.#login()
    await new Audit(this.#db).add({ at: clock.now(), action: 'PausePipeline', user: { id: 1, name: 'local:admin' }, subject: '/', status: 200, address: '' })
    if (day % periodDays === 0) for (const [table, rows] of await this.rows()) if (rows > 0) this.filled.add(table)
    await clock.advance(dayMs)
    await this.#collect()
  }

  /** Rows by table. */
  async rows(): Promise<Map<string, number>> {
    const tables = await this.#db.query<{ name: string }>('select tablename as name from pg_tables where schemaname = current_schema() order by 1')
    const counts = new Map<string, number>()
    for (const { name } of tables) counts.set(name, (await this.#db.query<{ n: number }>(`select count(*)::int as n from ${name}`))[0]?.n ?? 0)
    return counts
  }

  /** Each day another one; each fifth the source of `notes` is another, so that its scope is left. */
  #config(day: number): string {
    return `resources:
- {name: app, type: mock, source: {}, check_every: ${day}h}
- {name: out, type: mock, source: {}}
- {name: notes, type: mock, source: {of: "${Math.floor(day / periodDays)}"}}
jobs:
- {name: unit, build_log_retention: {builds: 3}, plan: [{get: app, trigger: true}, {get: notes}, {put: out}]}
- {name: ship, build_log_retention: {builds: 3}, plan: [{get: app, passed: [unit], trigger: true}]}`
  }

  async #push(number: number): Promise<void> {
    await this.#given.check('notes', 'n')
    await this.#given.check('app', ...Array.from({ length: versionsAPush }, (_, index) => `${number}.${index}`))
    for (const job of ['unit', 'ship']) {
      const { id } = await this.#given.build(job, String(number - periodDays * pushesADay + 1))
      await this.#run(id, job === 'unit' ? { outputs: [{ planId: 'p', name: 'out', resource: 'out', version: { ver: `output ${number}` } }] } : {})
      const jobId = await this.#given.jobId(job)
      await new TaskCaches(this.#db).put({ jobId, step: 'test', path: 'cache' }, this.#artifact(), this.#now)
    }
    await new ResourceCaches(this.#db).put(`cache ${number}`, { artifact: this.#artifact(), version: {}, metadata: [] }, this.#now)
  }

  /** An engine runs a started build to its end. */
  async #run(id: number, { outputs = [] }: { readonly outputs?: readonly { planId: string; name: string; resource: string; version: { ver: string } }[] }): Promise<void> {
    const { builds } = this.#given
    const owner = `engine-${id}`
    if ((await builds.claim(owner, this.#now, 60_000, id)) === undefined) throw new Error(`build ${id} cannot be claimed`)
    const handle = `container-${id}`
    const events = Array.from({ length: 5 }, (_, index) => log(`line ${index}`))
    const container = { handle, planId: 'p', guess: false, log: { acked: 0 } }
    await builds.commit(id, owner, this.#now, { events, outputs, steps: [{ planId: 'p', record: { phase: 'assigned' } }], containers: [{ ...container, state: 'assigned' }] })
    await builds.commit(id, owner, this.#now, { steps: [{ planId: 'p', record: { phase: 'finished', finished: { artifacts: { out: { ...this.#artifact() } } } } }], containers: [{ ...container, state: 'removed' }], finish: { status: 'succeeded' } })
    await this.#given.passed()
  }

  /** fly execute, with an upload and an output. */
  async #oneOff(): Promise<void> {
    const teamId = await this.#teamId()
    const uploads = new WorkerArtifacts(this.#db)
    await uploads.upload(teamId, this.#artifact(), this.#now)
    const id = await this.#given.builds.createStarted({ kind: 'one-off', scope: { teamId } }, {}, this.#now)
    await uploads.put(id, 'out', this.#artifact(), this.#now)
    await this.#run(id, {})
  }

  /** Checks that fail, of the service; and one that a person asks for. */
  async #checks(): Promise<void> {
    const checks = new Checks(this.#db, cipher)
    const [resource] = await this.#db.query<{ scope_id: number; pipeline_id: number }>(`select scope_id, pipeline_id from resources where name = 'app'`)
    if (resource === undefined) throw new Error('there is no resource app')
    const teamId = await this.#teamId()
    for (let check = 0; check < 3; check += 1) {
      const at = this.#now
      await checks.saveBuild({ scopeId: resource.scope_id, teamId, pipelineId: resource.pipeline_id, status: 'errored', context: {}, createdAt: at, endedAt: at, events: [log('no route to host')] })
    }
    await this.#run(await this.#given.builds.createStarted({ kind: 'check', name: 'check', scope: { teamId, pipelineId: resource.pipeline_id } }, {}, this.#now), {})
  }

  async #login(): Promise<void> {
    const tokens = new Tokens(this.#db)
    const { id } = await tokens.login({ connector: 'local', subject: 'jo', name: 'jo', groups: [] }, this.#now)
    await tokens.issue(id, { hash: createHash('sha256').update(`token ${(this.#made += 1)}`).digest(), kind: 'fly', expiresAt: this.#now + dayMs }, this.#now)
  }

  async #collect(): Promise<void> {
    const { signal } = new AbortController()
    const { clock } = this.#given
    const limits = { defaultBuilds: 0, maxBuilds: 0, defaultDays: 3, maxDays: 0 }
    await collectBuildLogs({ store: new BuildLogs(this.#db), jobs: () => this.#jobs(), limits, clock, log: silentLog }, signal)
    await this.#collectRows(signal)
    await new ResourceCaches(this.#db).deleteUnusedSince(this.#now - 30 * dayMs)
    await new TaskCaches(this.#db).deleteUnusedSince(this.#now - 30 * dayMs)
    await new WorkerArtifacts(this.#db).expire(this.#now)
    await new StepArtifacts(this.#db).forget(this.#now - 2 * dayMs)
  }

  async *#jobs(): AsyncGenerator<readonly JobOfPipeline[]> {
    for (const pipeline of await this.#given.pipelines.list()) {
      const { jobs = [] } = (await this.#configs.of(pipeline)) ?? {}
      yield (await this.#given.pipelines.jobs(pipeline.id)).flatMap(({ id, name }) => jobs.filter((job) => job.name === name).map((config) => ({ id, config })))
    }
  }

  /** Of files that nothing refers to the next collection of artifacts removes those. */
  async referenced(): Promise<number> {
    return (await new StepArtifacts(this.#db).referenced()).size
  }

  get #now(): number {
    return this.#given.clock.now()
  }

  async #teamId(): Promise<number> {
    return (await this.#db.query<{ id: number }>(`select id from teams where name = 'main'`))[0]?.id ?? 0
  }

  #artifact(): ArtifactRef {
    return { digest: `sha256:${createHash('sha256').update(String((this.#made += 1))).digest('hex')}`, size: 1 }
  }
}

const log = (payload: string): EventWrite => ({ type: 'log', version: '5.1', payload: JSON.stringify({ payload } satisfies JsonObject) })

/** Rows that stay with a build of a job or a one-off, as long as its pipeline is there, and what such a build took or made: at most so many for each push. */
const perPush: Readonly<Record<string, number>> = {
  builds: 3, build_events: 3, build_inputs: 3, build_outputs: 1, build_pipes: 1, versions: 2.2, version_values: 1.2, scope_versions: 2.2, job_used: 3.2, passed_versions: 4.2, successes: 2,
}

/** Tables that have a row for each thing that an operator, a config or a running server names. */
const byOperators = [
  'check_servers', 'check_shards', 'disabled_versions', 'job_serial_groups', 'local_users', 'paused_components', 'resource_types', 'serial_groups', 'servers', 'settings', 'step_durations',
]

export function monthSuite(target: Target): void {
  describe('a month of a busy installation', () => {
    it('lets no table grow without end', async () => {
      const month = new Month(await target.fresh())
      for (let day = periodDays; day < from; day += 1) await month.day(day)
      const [before, referenced] = [await month.rows(), await month.referenced()]
      for (let day = from; day < to; day += 1) await month.day(day)
      const grown = [...(await month.rows())].map(([table, rows]) => ({ table, rows: rows - (before.get(table) ?? 0) }))
      const bound = (table: string) => (perPush[table] ?? 0) * (to - from) * pushesADay
      expect(grown.filter(({ table, rows }) => rows > bound(table))).toEqual([])
      expect(await month.referenced()).toBe(referenced)
      // A table that nothing fills tells nothing: a new one is to be filled above, or named among these.
      expect([...before.keys()].filter((table) => !month.filled.has(table))).toEqual(byOperators)
    })
  })
}
