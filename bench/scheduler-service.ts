import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parsePipeline } from '../src/config/parse-pipeline.ts'
import { pipelineToJson } from '../src/config/wire.ts'
import { Builds } from '../src/db/builds.ts'
import { WantedChecks } from '../src/db/check-requests.ts'
import { Checks } from '../src/db/checks.ts'
import { aesCipher } from '../src/db/cipher.ts'
import type { Db, Queryable } from '../src/db/db.ts'
import { migrate } from '../src/db/migrate.ts'
import { Pipelines } from '../src/db/pipelines.ts'
import { JobSchedules } from '../src/db/scheduling/scheduler-store.ts'
import { Teams } from '../src/db/teams.ts'
import { Versions } from '../src/db/versions.ts'
import { Engine } from '../src/engine/engine.ts'
import { fakeServices } from '../src/engine/testing/kit.ts'
import { systemClock as clock } from '../src/lib/clock.ts'
import { silentLog } from '../src/lib/log.ts'
import { withOverrides } from '../src/lib/with-overrides.ts'
import { PipelineConfigs } from '../src/pipelines/configs.ts'
import { rowChanges } from '../src/pipelines/row-changes.ts'
import { Pass } from '../src/scheduler/pass.ts'
import { passesOf, scheduler } from '../src/scheduler/service.ts'
import { benchDatabases } from './databases.ts'
import type { Finding } from './report.ts'

const histories = [100, 1_000, 10_000]
const rounds = 30
const manyInputs = 40
const manyJobs = 4_000
const cipher = aesCipher(Buffer.alloc(32))
const { signal } = new AbortController()

/** The scheduler on a database of each kind: its passes, and the way from a version to a process. AIRSIDE_BENCH_PART names one of its parts. */
export async function* serviceBench(): AsyncGenerator<Finding> {
  for await (const { name, db } of benchDatabases()) {
    const bench = new ServiceBench(db, name)
    await bench.open()
    const part = process.env['AIRSIDE_BENCH_PART']
    const parts = { passes: () => bench.passes(), process: () => bench.toProcess(), many: () => bench.fanOut(), inputs: () => bench.inputs() }
    for (const [called, run] of Object.entries(parts)) if (part === undefined || part === called) yield* run()
  }
}

/** No build here is run again. */
const noReuse = () => Promise.reject(new Error('no build is run again'))

interface Set {
  readonly jobs: ReadonlyMap<string, number>
  readonly scopes: ReadonlyMap<string, number>
}

class ServiceBench {
  readonly #db: Db
  readonly #on: string
  readonly #pipelines: Pipelines
  readonly #versions: Versions
  readonly #checks: Checks
  readonly #passes: (signal: AbortSignal) => Promise<void>
  #queries = 0
  #made = 0

  constructor(db: Db, on: string) {
    this.#db = db
    this.#on = on
    this.#pipelines = new Pipelines(db, cipher)
    this.#versions = new Versions(db)
    this.#checks = new Checks(db, cipher)
    const counted = this.#counted()
    const store = new JobSchedules(counted, cipher)
    const log = { ...silentLog, warn: (about: { err?: unknown }) => process.stderr.write(`${String(about.err)}\n`) } as typeof silentLog
    const pass = new Pass({ store, configs: new PipelineConfigs(this.#pipelines), checks: new WantedChecks(counted), reuse: noReuse, runtime: {}, clock }, 'bench')
    this.#passes = passesOf(store, pass, { owner: 'bench', clock, log })
  }

  async open(): Promise<void> {
    await migrate(this.#db, clock.now())
    await new Teams(this.#db).put({ name: 'main', auth: {}, admin: true }, clock.now())
  }

  /** A version, the pass that starts a build with it, its end, and the pass that starts the next job's: in turns with each history, since a machine differs from itself by the minute. */
  async *passes(): AsyncGenerator<Finding> {
    const measured = []
    for (const history of histories) {
      const { jobs, scopes } = await this.#set(`passes-${history}`, ['app'], '[{name: unit, plan: [{get: app, trigger: true}]}, {name: ship, plan: [{get: app, passed: [unit], trigger: true}]}]')
      const scope = scopes.get('app') ?? 0
      await this.#history(history, [scope])
      for (const job of jobs.values()) await this.#past(job, [scope])
      measured.push({ history, jobs, scope, series: { unit: [] as number[], ship: [] as number[] }, queries: 0 })
    }
    await this.#db.script('analyze')
    for (let round = 0; round < rounds; round += 1) {
      for (const one of measured) {
        await this.#found(one.scope)
        for (const [name, times] of Object.entries(one.series)) {
          const began = performance.now()
          this.#queries = 0
          await this.#passes(signal)
          times.push(performance.now() - began)
          one.queries += this.#queries
          await this.#finishAll(one.jobs.get(name) ?? 0)
        }
        await this.#passes(signal)
      }
    }
    const least = measured.map(({ series }) => Math.min(...series.unit) + Math.min(...series.ship))
    for (const { history, series, queries } of measured) {
      yield {
        bench: 'scheduler', title: `a build each of two jobs that had ${history} builds, on ${this.#on}`, series, more: { queries_a_pass: queries / rounds / 2 },
        ...(history === histories.at(-1) && { ratio: (least.at(-1) ?? 0) / (least[0] ?? 1), goal: '<= 1.2' }),
      }
    }
  }

  /** 40 inputs that passed two jobs of 10 000 builds each: all go together; then none does. */
  async *inputs(): AsyncGenerator<Finding> {
    const names = Array.from({ length: manyInputs }, (_, index) => `r${index}`)
    const history = histories.at(-1) ?? 0
    const gets = (passed: string) => `[${names.map((name) => `{get: ${name}${passed}}`).join(', ')}]`
    const { jobs, scopes } = await this.#set('inputs', names, `[{name: a, plan: ${gets('')}}, {name: b, plan: ${gets('')}}, {name: c, plan: ${gets(', passed: [a, b], trigger: true')}}]`)
    const [a = 0, b = 0, c = 0] = ['a', 'b', 'c'].map((name) => jobs.get(name))
    await this.#history(history, [...scopes.values()])
    for (const job of [a, b]) await this.#past(job, [...scopes.values()])
    await this.#db.script('analyze')
    for (const none of [false, true]) {
      if (none) await this.#apart(b)
      const times: number[] = []
      for (let round = 0; round < 3; round += 1) {
        await this.#db.query('select want_jobs(array[$1::bigint])', [c])
        const began = performance.now()
        await this.#passes(signal)
        times.push(performance.now() - began)
      }
      const [first = 0, ...repeated] = times
      yield {
        bench: 'scheduler', title: `${manyInputs} inputs passed 2 jobs of ${history} builds${none ? ', no set that satisfies' : ''}, on ${this.#on}`, series: { first: [first], repeated },
        more: { rss_mb: process.memoryUsage().rss / 1e6 },
      }
    }
  }

  /** One version that starts a build of each of 4 000 jobs. */
  async *fanOut(): AsyncGenerator<Finding> {
    const yaml = JSON.stringify(Array.from({ length: manyJobs }, (_, index) => ({ name: `j${index}`, plan: [{ get: 'app', trigger: true }] })))
    const { scopes } = await this.#set('many', ['app'], yaml)
    await this.#db.script('analyze')
    const began = performance.now()
    await this.#found(scopes.get('app') ?? 0)
    const told = performance.now() - began
    this.#queries = 0
    const lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
    await this.#passes(signal)
    lag.disable()
    const all = performance.now() - began
    yield { bench: 'scheduler', title: `a version that triggers ${manyJobs} jobs, on ${this.#on}`, series: { saved_and_told: [told], all_started: [all], lag_p99: [lag.percentile(99) / 1e6], lag_max: [lag.max / 1e6] }, more: { ms_a_job: all / manyJobs, queries_a_job: this.#queries / manyJobs, rss_mb: process.memoryUsage().rss / 1e6 } }
  }

  /** From the moment in which a check has found a version to the start of its get's process, on a runtime in memory. */
  async *toProcess(): AsyncGenerator<Finding> {
    await this.#db.query(`delete from builds where status in ('pending', 'started')`)
    const { scopes } = await this.#set('process', ['app'], '[{name: unit, plan: [{get: app, trigger: true}]}]')
    const services = fakeServices()
    const started: (() => void)[] = []
    const { runtime } = services
    runtime.started.push = (...entries) => {
      started.shift()?.()
      return entries.length
    }
    const schedule = scheduler({ store: new JobSchedules(this.#db, cipher), configs: new PipelineConfigs(this.#pipelines), checks: new WantedChecks(this.#db), reuse: noReuse, runtime: {}, clock, log: silentLog })
    const engine = new Engine(services, new Builds(this.#db, cipher), 'bench')
    await schedule.start()
    const serving = engine.serve()
    const times: number[] = []
    for (let round = 0; round < rounds * 2; round += 1) {
      const process = Promise.withResolvers<void>()
      started.push(process.resolve)
      const began = performance.now()
      await this.#found(scopes.get('app') ?? 0)
      await process.promise
      times.push(performance.now() - began)
      while ((await this.#db.query(`select from builds where status in ('pending', 'started')`)).length > 0) await clock.sleep(5)
    }
    await schedule.stop()
    await engine.stop()
    await serving
    const sorted = times.toSorted((a, b) => a - b)
    yield { bench: 'scheduler', title: `from a version found to its step's process, runtime in memory, on ${this.#on}`, series: { ms: times }, more: { p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0 }, goal: 'p95 <= 100' }
  }

  async #set(name: string, resources: readonly string[], jobs: string): Promise<Set> {
    const source = `resources: [${resources.map((resource) => `{name: ${resource}, type: mock, source: {}}`).join(', ')}]\njobs: ${jobs}`
    const { config, findings } = parsePipeline(source, { file: 'bench.yml' })
    if (config === undefined) throw new Error(`the bench's pipeline is not valid: ${JSON.stringify(findings)}`)
    await this.#pipelines.save({ team: 'main', name }, { config: pipelineToJson(config), by: 'bench', initially: 'unpaused', changes: (present) => rowChanges(present, config) }, clock.now())
    const pipelineId = (await this.#pipelines.find({ team: 'main', name }))?.id ?? 0
    const scopes = new Map<string, number>()
    for (const resource of resources) scopes.set(resource, (await this.#versions.enter({ scope: `${name} ${resource}`, resource: { pipelineId, name: resource } }, clock.now())).id)
    await this.#passes(signal)
    return { scopes, jobs: new Map((await this.#pipelines.jobs(pipelineId)).map((job) => [job.name, job.id])) }
  }

  /** So many versions in each scope. */
  async #history(count: number, scopes: readonly number[]): Promise<void> {
    await this.#db.query(`insert into versions (hash, version) select sha256(('h' || n)::bytea), json_build_object('ver', 'h' || n)::jsonb from generate_series(1, $1::int) n on conflict do nothing`, [count])
    await this.#db.query(
      `insert into scope_versions (scope_id, version_id, check_order, created_at)
       select scope, v.id, n, 0 from unnest($2::bigint[]) scope, generate_series(1, $1::int) n join versions v on v.hash = sha256(('h' || n)::bytea)`,
      [count, scopes],
    )
  }

  /** A succeeded build of the job for each version of the first scope, which took that version of every resource. */
  async #past(job: number, scopes: readonly number[]): Promise<void> {
    await this.#db.query(
      `with made as (
         insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, adopted, context, created_at, started_at, ended_at)
         select 'job', 'h' || check_order, p.team_id, p.id, j.id, 'succeeded', 'automatic', true, 'x', 0, 0, 0
         from scope_versions, jobs j join pipelines p on p.id = j.pipeline_id where scope_id = ($2::bigint[])[1] and j.id = $1 order by check_order
         returning id, name
       ), own as (select array_agg(id order by id) as ids from resources where scope_id = any($2::bigint[]))
       insert into successes (build_id, job_id, ord, resources, versions)
       select made.id, $1, made.id, own.ids, array_fill(v.version_id, array[cardinality(own.ids)])
       from own, made join scope_versions v on v.scope_id = ($2::bigint[])[1] and 'h' || v.check_order = made.name order by made.id`,
      [job, scopes],
    )
    await this.#db.query(
      `insert into passed_versions (job_id, resource_id, version_id) select $1, r.id, v.version_id from resources r join scope_versions v on v.scope_id = r.scope_id where r.scope_id = any($2::bigint[])`,
      [job, scopes],
    )
    await this.#db.query(
      `insert into job_used (job_id, resource_id, version_id, input, last_build) select $1, r.id, v.version_id, r.name, 0 from resources r join scope_versions v on v.scope_id = r.scope_id where r.scope_id = ($2::bigint[])[1]`,
      [job, scopes],
    )
  }

  /** From now on the job's builds took of every second resource the version before: no build goes with one of another job. */
  async #apart(job: number): Promise<void> {
    await this.#db.query(
      `update successes s set versions = shifted.versions
       from (
         select build_id, array(select case when place % 2 = 0 then before else version end from unnest(versions) with ordinality as listed (version, place) order by place) as versions
         from (select build_id, versions, lag(versions[1], 1, 0::bigint) over (order by ord) as before from successes where job_id = $1) as with_before
       ) shifted
       where s.build_id = shifted.build_id`,
      [job],
    )
  }

  /** A check of the scope finds something new. */
  async #found(scope: number): Promise<void> {
    if (await this.#versions.save(scope, [{ ver: `new ${(this.#made += 1)}` }], { now: clock.now() })) await this.#checks.wakeSchedulers()
  }

  async #finishAll(job: number): Promise<void> {
    const builds = new Builds(this.#db, cipher)
    for (const { id } of await this.#db.query<{ id: number }>(`select id from builds where job_id = $1 and status = 'started'`, [job])) {
      await builds.claim('bench', clock.now(), 60_000, id)
      await builds.commit(id, 'bench', clock.now(), { finish: { status: 'succeeded' } })
    }
  }

  /** The database, with its statements counted. */
  #counted(): Db {
    const counting = <T extends Queryable>(inner: T): T =>
      withOverrides<Queryable>(inner, {
        query: (sql, params) => {
          this.#queries += 1
          return inner.query(sql, params)
        },
      }) as T
    return withOverrides(counting(this.#db), { transaction: (work) => this.#db.transaction((tx) => work(counting(tx))) })
  }
}
