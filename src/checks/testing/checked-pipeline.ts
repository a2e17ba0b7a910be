import { parsePipeline } from '../../config/parse-pipeline.ts'
import { createCheck } from '../../builds/create-check.ts'
import { Builds } from '../../db/builds.ts'
import { WantedChecks } from '../../db/check-requests.ts'
import { CheckShards } from '../../db/check-shards.ts'
import { Checks } from '../../db/checks.ts'
import { cipher } from '../../db/conformance/build-fixtures.ts'
import { resourceId, setPipeline } from '../../db/conformance/check-fixtures.ts'
import type { Db } from '../../db/db.ts'
import { Pipelines } from '../../db/pipelines.ts'
import { Versions } from '../../db/versions.ts'
import { Engine } from '../../engine/engine.ts'
import { FakeImages, repositoryOf } from '../../engine/testing/fakes.ts'
import type { EngineServices } from '../../engine/build-context.ts'
import { fakeServices } from '../../engine/testing/kit.ts'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import type { PipelineConfig } from '../../model/config.ts'
import { fail, ok } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { PipelineConfigs } from '../../pipelines/configs.ts'
import { CheckHub } from '../hub.ts'
import { CheckRunner } from '../run-check.ts'
import { CheckService } from '../service.ts'
import { Calls } from './calls.ts'

const second = 1_000
/** Due times of these tests fall on it: a check begins and ends at one time. */
const step = 10 * second

/** Stores whose calls are counted while the database works on them: the clock stands still meanwhile. */
class Busy {
  readonly #calls = new Calls()

  of<T extends object>(store: T): T {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): Promise<unknown> => this.#calls.during(async () => value.apply(target, args) as Promise<unknown>)
      },
    })
  }

  /** Resolves when nothing has been asked for a while. */
  settle(): Promise<void> {
    return this.#calls.settled(20)
  }
}

/** Pipelines of a database whose resources a service checks, on a clock of its own. Resources are registry images: the repository `r` finds what `finds('r', …)` says. */
export class CheckedPipelines {
  readonly clock: FakeClock = fakeClock(1_000_000_000)
  /** `REPOSITORY SECONDS` of each check, from the start. */
  readonly begun: string[] = []
  /** What each of them was checked from, by its digest. */
  readonly from: (string | undefined)[] = []
  readonly services: EngineServices
  readonly #db: Db
  readonly #busy = new Busy()
  readonly #configs = new Map<number, PipelineConfig>()
  readonly #found = new Map<string, readonly string[] | { readonly error: string }>()
  readonly #service: CheckService
  readonly #runner: CheckRunner
  readonly #builds: Builds
  readonly #start = this.clock.now()

  constructor(db: Db, options: Pick<EngineServices['options'], 'globalResources'> = {}) {
    this.#db = db
    const { clock } = this
    const [checks, shards] = [this.#busy.of(new Checks(db, cipher)), this.#busy.of(new CheckShards(db))]
    this.#builds = this.#busy.of(new Builds(db, cipher))
    const hub = new CheckHub(this.#busy.of(new Versions(db)), checks, clock)
    const images = new FakeImages()
    images.check = (source, { from } = {}) => {
      const repository = repositoryOf(source)
      this.begun.push(`${repository} ${(clock.now() - this.#start) / second}`)
      this.from.push(from?.['digest'])
      const found = this.#found.get(repository) ?? []
      return Promise.resolve('error' in found ? fail(found.error) : ok(found.map((digest) => ({ digest }))))
    }
    this.services = { ...fakeServices(options, { clock, images }), versions: hub.versions }
    this.#runner = new CheckRunner({ services: this.services, configs: this.#busy.of(new PipelineConfigs(new Pipelines(db, cipher))), runtime: {}, owner: 'checks' })
    this.#service = new CheckService({
      owner: 'checks', store: checks, shards, ends: hub.ends, clock, log: silentLog, random: () => 0.5,
      limits: { running: 64, leaseMs: 3_600 * second, renewMs: 600 * second, lookMs: 60 * second, flushMs: 60 * second, lateMs: 60 * second },
      run: (resource, options) => this.#runner.run(resource, options),
      stopRunning: () => this.#runner.stop(),
    })
    hub.attach(this.#runner, this.#service)
  }

  async start(): Promise<this> {
    await this.#service.start()
    await this.#busy.settle()
    return this
  }

  async stop(): Promise<void> {
    await this.#service.stop()
  }

  async set(yaml: string, { team = 'main', name = 'p' }: { readonly team?: string; readonly name?: string } = {}): Promise<number> {
    const { config, findings } = parsePipeline(yaml, { file: 'p.yml' })
    if (config === undefined) throw new Error(JSON.stringify(findings))
    const id = await setPipeline(this.#db, config, { team, name })
    this.#configs.set(id, config)
    return id
  }

  /** What checks of the repository find from now on, oldest first. */
  finds(repository: string, ...digests: readonly string[]): void {
    this.#found.set(repository, digests)
  }

  fails(repository: string, error = 'no route to host'): void {
    this.#found.set(repository, { error })
  }

  advance(seconds: number): Promise<void> {
    return this.#advance(seconds * second, step)
  }

  /** Where all that happens happens at full minutes. */
  minutes(minutes: number): Promise<void> {
    return this.#advance(minutes * 60 * second, 60 * second)
  }

  async #advance(ms: number, by: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += by) {
      await this.clock.advance(by)
      await this.#busy.settle()
    }
  }

  /** As builds that wait for checks want them; resolves when one has begun and ended. Time stands still. */
  async want(...checks: readonly (readonly [pipeline: number, resource: string])[]): Promise<void> {
    const [before, wanted] = [this.begun.length, new WantedChecks(this.#db)]
    await Promise.all(checks.map(async ([pipeline, resource]) => wanted.wantResource(await resourceId(this.#db, pipeline, resource), this.clock.now())))
    while (this.begun.length === before) await new Promise((resolve) => setImmediate(resolve))
    await this.#busy.settle()
  }

  /** As `fly check-resource`: gives the status of the build. */
  async checkResource(pipeline: number, name: string, from?: Version): Promise<string> {
    const config = this.#configs.get(pipeline)
    const [row] = await this.#db.query<{ team_id: number }>('select team_id from pipelines where id = $1', [pipeline])
    if (config === undefined || row === undefined) throw new Error('there is no such pipeline')
    const { clock } = this
    const scope = { teamId: row.team_id, pipelineId: pipeline }
    const id = await createCheck({ builds: this.#builds, runtime: {}, clock }, { scope, config, what: { kind: 'resource', name }, shallow: true, createdBy: 'jo', ...(from && { from }) })
    const engine = new Engine(this.services, this.#builds, 'engine')
    const ended = await (await engine.claim(id ?? 0))?.end
    await engine.stop()
    await this.#busy.settle()
    return ended?.status ?? 'not claimed'
  }

  /** Digests of the resource's versions, in the order of checks. */
  async order(pipeline: number, resource: string): Promise<string[]> {
    const rows = await this.#db.query<{ digest: string }>(
      `select v.version ->> 'digest' as digest from resources r join scope_versions s using (scope_id) join versions v on v.id = s.version_id
       where r.pipeline_id = $1 and r.name = $2 order by check_order`,
      [pipeline, resource],
    )
    return rows.map(({ digest }) => digest)
  }

  /** Status of each build of kind check that is stored. */
  async builds(): Promise<string[]> {
    return (await this.#db.query<{ status: string }>(`select status from builds where kind = 'check' order by id`)).map(({ status }) => status)
  }
}
