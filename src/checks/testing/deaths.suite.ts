import { describe, expect, it } from 'vitest'
import { Checks } from '../../db/checks.ts'
import { CheckShards } from '../../db/check-shards.ts'
import { WantedChecks } from '../../db/check-requests.ts'
import { cipher } from '../../db/conformance/build-fixtures.ts'
import { parsed, resourceId, setPipeline } from '../../db/conformance/check-fixtures.ts'
import type { Target } from '../../db/conformance/target.ts'
import type { Db } from '../../db/db.ts'
import { PendingBuilds } from '../../db/pending-builds.ts'
import { Versions } from '../../db/versions.ts'
import { fakeServices } from '../../engine/testing/kit.ts'
import { Life } from '../../engine/testing/mortal.ts'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { silentLog, type Log } from '../../lib/log.ts'
import { CheckHub } from '../hub.ts'
import { CheckRunner } from '../run-check.ts'
import { CheckService } from '../service.ts'
import { Calls } from './calls.ts'

/** Each has a scope of its own: those of a team that have one source share it. */
const configOf = (name: string) => parsed(`
resources: [{name: r, type: registry-image, source: {repository: ${name}}, check_every: never}]
jobs: [{name: triggered, plan: [{get: r, trigger: true}]}, {name: waits, plan: [{get: r}]}]`)

/** Each call of the store passes a point before and after it, and counts while the database works on it. */
function mortal<T extends object>(store: T, life: Life, busy: Calls): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const call = (...args: unknown[]): Promise<unknown> => busy.during(async () => value.apply(target, args) as Promise<unknown>)
      // What it is told of goes on: the one who died does not answer any more.
      return name === 'onWanted' ? call : (...args: unknown[]) => life.during(`before ${String(name)}`, () => call(...args), `after ${String(name)}`)
    },
  })
}

/** A database with a resource whose check somebody wants, and for whose end a build waits. */
class World {
  readonly clock: FakeClock = fakeClock(1_000_000_000)
  readonly #db: Db
  readonly #busy = new Calls()
  readonly #name: string
  /** What servers warn of, for the error. */
  readonly #warnings: string[] = []
  readonly log: Log = { ...silentLog, warn: (fields, message) => void this.#warnings.push(`${message} ${String('err' in fields ? fields.err : '')}`) }
  #pipelineId = 0

  constructor(db: Db, name: string) {
    this.#db = db
    this.#name = name
  }

  async begin(): Promise<void> {
    // Each world's time begins anew: leases of the one before would last too long.
    await new CheckShards(this.#db).releaseAll()
    this.#pipelineId = await setPipeline(this.#db, configOf(this.#name), { name: this.#name })
    const jobs = await this.#db.query<{ id: number; name: string }>('select id, name from jobs where pipeline_id = $1', [this.#pipelineId])
    await new PendingBuilds(this.#db, cipher).trigger(jobs.find((job) => job.name === 'waits')?.id ?? 0, 'jo', this.clock.now())
    await this.#db.query('update job_schedule set done = wanted')
    await new WantedChecks(this.#db).wantResource(await resourceId(this.#db, this.#pipelineId), this.clock.now())
  }

  async start(owner: string, life = new Life()): Promise<CheckService> {
    const { clock } = this
    const [checks, shards] = [mortal(new Checks(this.#db, cipher), life, this.#busy), mortal(new CheckShards(this.#db), life, this.#busy)]
    const hub = new CheckHub(mortal(new Versions(this.#db), life, this.#busy), checks, clock)
    const services = { ...fakeServices({}, { clock }), versions: hub.versions }
    services.images.digests.set(this.#name, 'sha256:new')
    const runner = new CheckRunner({ services, configs: { of: () => Promise.resolve(configOf(this.#name)) }, runtime: {}, owner })
    const service = new CheckService({
      owner, store: checks, shards, ends: hub.ends, clock, log: this.log, random: () => 0.5,
      limits: { running: 4, leaseMs: 2_000, renewMs: 500, lookMs: 500, flushMs: 1_000, lateMs: 60_000 },
      run: (resource, options) => runner.run(resource, options),
      stopRunning: () => runner.stop(),
    })
    hub.attach(runner, service)
    await service.start()
    return service
  }

  /** Moves time on, and lets the databases answer. */
  async until(condition: () => Promise<boolean>, what: string): Promise<void> {
    for (let step = 0; step < 200; step += 1) {
      await this.clock.advance(500)
      await this.#busy.settled(10)
      if (await condition()) return
    }
    throw new Error(`${what}: what was waited for did not come; ${JSON.stringify(await this.state())}; ${this.#warnings.join('; ')}`)
  }

  /** The check that somebody wants has ended. */
  async granted(): Promise<boolean> {
    const rows = await this.#db.query('select from resources join scope_checks using (scope_id) where pipeline_id = $1 and started_at >= wanted_at and ended_at is not null', [this.#pipelineId])
    return rows.length > 0
  }

  /** What is stored of the resource's check. */
  async state() {
    const [row] = await this.#db.query<{ versions: number; shown: boolean }>(
      `select c.build_id is not null as shown,
         (select count(*)::integer from scope_versions where scope_id = c.scope_id) as versions
       from resources r join scope_checks c using (scope_id) where r.pipeline_id = $1`,
      [this.#pipelineId],
    )
    const wanted = await this.#db.query<{ name: string }>('select name from jobs join job_schedule on job_id = id where pipeline_id = $1 and wanted > done order by name', [this.#pipelineId])
    const [{ builds } = { builds: 0 }] = await this.#db.query<{ builds: number }>(`select count(*)::integer as builds from builds where pipeline_id = $1 and kind = 'check'`, [this.#pipelineId])
    return { versions: row?.versions ?? 0, shown: row?.shown === true, wanted: wanted.map(({ name }) => name), builds }
  }
}

/** Killed after it has saved the version, it takes its events along: the next check finds nothing new, and shows nothing. */
const unshown = { shown: false, builds: 0 }
const over = { versions: 1, shown: true, wanted: ['triggered', 'waits'], builds: 1 }

export function checkDeathsSuite(target: Target): void {
  describe('a server that checks and is killed', () => {
    it('at any point loses no wish, version, trigger or end, and saves none twice', async () => {
      const db = await target.fresh()
      const points = async (): Promise<readonly string[]> => {
        const [world, life] = [new World(db, 'alive'), new Life()]
        await world.begin()
        const service = await world.start('alive', life)
        await world.until(() => world.granted(), 'a server that lives')
        expect(await world.state()).toEqual(over)
        const passed = [...life.points]
        await service.stop()
        return passed
      }
      const all = await points()
      const last = all.lastIndexOf('after saveEnds')
      expect(all.slice(0, last)).toEqual(expect.arrayContaining(['after lease', 'after load', 'before enter', 'after save', 'after wakeSchedulers', 'after saveBuild', 'before saveEnds']))
      for (let at = 1; at <= last + 1; at += 1) {
        const [world, name] = [new World(db, `p${at}`), `killed at ${at} (${all[at - 1]})`]
        await world.begin()
        const life = new Life((_point, count) => count === at)
        void world.start(`one ${at}`, life)
        let dead = false
        void life.ended.then(() => (dead = true))
        await world.until(() => Promise.resolve(dead), name)
        const next = await world.start(`two ${at}`)
        await world.until(() => world.granted(), name)
        const state = await world.state()
        expect(state, name).toEqual(state.shown ? over : { ...over, ...unshown })
        await next.stop()
      }
    })
  })
}
