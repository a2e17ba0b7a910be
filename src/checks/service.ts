import { workAbout } from '../lib/about.ts'
import { enough } from '../lib/clock.ts'
import { openGate, type Gate } from '../lib/gate.ts'
import type { Service } from '../lib/service.ts'
import { Wakeup } from '../lib/wakeup.ts'
import type { CheckQueueState } from '../model/health.ts'
import { isWanted } from './due.ts'
import { FairQueue } from './fair-queue.ts'
import { shardCount, type CheckedResource, type CheckEnd, type LoadedChecks } from './ports.ts'
import { CheckSchedule, type ScheduledScope } from './schedule.ts'
import { defaultLimits, type CheckLimits, type CheckServiceOptions } from './service-options.ts'

/** After an error that is no failure of a check. */
const retryMs = 5_000

/** Checks resources when they are due: those of the shards that this server has. */
export class CheckService implements Service {
  readonly name = 'checks'
  readonly #options: CheckServiceOptions
  readonly #limits: CheckLimits
  readonly #gate: Gate
  readonly #schedule: CheckSchedule
  readonly #queue = new FairQueue()
  readonly #running = new Set<Promise<void>>()
  readonly #wakeup = new Wakeup()
  readonly #stopping = new AbortController()
  #shards: readonly number[] = []
  #leaseUntil = 0
  #pipelines: ReadonlyMap<number, string> = new Map()
  /** Scopes that somebody wants checked, to be read. */
  readonly #wished = new Set<number>()
  /** Scopes that could not be checked by the config that was known: they stay busy until it has been read anew. */
  readonly #unplanned = new Map<number, CheckedResource>()
  /** Pipelines to be read anew. */
  readonly #stale = new Set<number>()
  readonly #next = { renew: 0, look: 0, flush: 0, late: 0 }
  #loop: Promise<void> | undefined
  #unlisten: (() => Promise<void>) | undefined

  constructor(options: CheckServiceOptions) {
    this.#options = options
    this.#limits = options.limits ?? defaultLimits
    this.#gate = options.gate ?? openGate
    this.#schedule = new CheckSchedule(options.random)
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#options.store.onWanted((scopeIds) => {
      if (scopeIds === undefined) {
        this.#pipelines = new Map()
        this.#options.onGap?.()
      } else for (const id of scopeIds) this.#wished.add(id)
      this.#wakeup.wake()
    })
    this.#loop ??= this.#runForever()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(enough)
    await this.#unlisten?.()
    await this.#loop
    await this.#options.stopRunning()
    await Promise.allSettled(this.#running)
    await this.#options.ends.flush().catch((error: unknown) => this.#failed(error, 'the ends of checks could not be saved'))
    await this.#options.shards.release(this.#options.owner).catch((error: unknown) => this.#failed(error, 'shards of checks could not be released'))
  }

  /** What is due and waits for its turn, and what runs. */
  get queue(): CheckQueueState {
    const { oldest, size } = this.#queue
    return { waiting: size, oldestMs: oldest === undefined ? 0 : this.#options.clock.now() - oldest, running: this.#running.size }
  }

  /** A check of a stored build has ended. */
  onBuildEnd(end: CheckEnd): void {
    this.#schedule.ended(end)
  }

  /** Versions of a scope have changed: what its resources lack may be there. */
  onVersions(scopeId: number): void {
    if (this.#schedule.get(scopeId) === undefined) return
    this.#wished.add(scopeId)
    this.#wakeup.wake()
  }

  async #runForever(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#pass().catch((error: unknown) => this.#failed(error, 'scheduling checks failed; trying again'))
      // What is due cannot begin while the gate is closed: it opens by the next look.
      const due = this.#gate.open ? (this.#schedule.next ?? Infinity) : Infinity
      const next = Math.min(due, this.#next.renew, this.#next.look, this.#next.flush)
      await this.#wakeup.wait(clock, Math.max(next - clock.now(), 10), signal)
    }
  }

  async #pass(): Promise<void> {
    const { clock, store, ends } = this.#options
    const { renewMs, lookMs, flushMs } = this.#limits
    const now = clock.now()
    if (now >= this.#next.renew) {
      this.#next.renew = now + renewMs
      await this.#renew(now)
    }
    if (now >= this.#next.look || this.#stale.size > 0) {
      if (now >= this.#next.look) this.#next.look = now + lookMs
      await this.#read(await store.pipelines(), now)
    }
    if (this.#wished.size > 0) await this.#readWished(now)
    if (now >= this.#next.flush) {
      this.#next.flush = now + flushMs
      await ends.flush()
    }
    if (!this.#gate.open) return
    this.#begin()
    this.#gate.passed()
  }

  async #renew(now: number): Promise<void> {
    const { shards, owner } = this.#options
    const { leaseMs } = this.#limits
    const held = await shards.lease(owner, now, leaseMs)
    this.#leaseUntil = now + leaseMs
    if (held.join() === this.#shards.join()) return
    this.#shards = held
    this.#schedule.clear()
    this.#pipelines = new Map()
  }

  /** Reads pipelines that were set, paused or removed since. */
  async #read(pipelines: ReadonlyMap<number, string>, now: number): Promise<void> {
    const [known, stale, unplanned] = [this.#pipelines, new Set(this.#stale), new Map(this.#unplanned)]
    for (const id of known.keys()) if (!pipelines.has(id)) this.#schedule.forgetPipeline(id)
    const changed = [...pipelines].filter(([id, mark]) => stale.has(id) || known.get(id) !== mark).map(([id]) => id)
    await this.#load(changed, changed.length === pipelines.size, now)
    // If news were missed meanwhile, all is read again.
    if (this.#pipelines === known) this.#pipelines = pipelines
    for (const id of stale) this.#stale.delete(id)
    this.#free(unplanned, now)
  }

  /** Reads scopes that somebody wants checked. */
  async #readWished(now: number): Promise<void> {
    const wished = new Set(this.#wished)
    const own = [...wished].filter((id) => this.#shards.includes(id % shardCount))
    if (own.length > 0) await this.#put(await this.#options.store.load({ shards: this.#shards, scopeIds: own }, now))
    for (const id of wished) this.#wished.delete(id)
  }

  async #load(pipelineIds: readonly number[], all: boolean, now: number): Promise<void> {
    if (pipelineIds.length === 0) return
    const loaded = await this.#options.store.load({ shards: this.#shards, ...(!all && { pipelineIds }) }, now)
    for (const id of pipelineIds) this.#schedule.forgetPipeline(id)
    await this.#put(loaded)
  }

  async #put(loaded: LoadedChecks): Promise<void> {
    for (const end of this.#schedule.put(loaded)) await this.#options.ends.add({ ...end, asked: true, urgent: true })
  }

  /** Scopes whose resource was not in its config any more are due again by the config that was read now. If it still is the same, they wait as after a check that failed. */
  #free(unplanned: ReadonlyMap<number, CheckedResource>, now: number): void {
    for (const [scopeId, { id, configVersion }] of unplanned) {
      if (this.#schedule.get(scopeId)?.resources.get(id)?.configVersion === configVersion) {
        this.#schedule.ended({ scopeId, startedAt: now, endedAt: now, error: 'the config of its pipeline has no such resource' })
      }
      this.#unplanned.delete(scopeId)
      this.#schedule.free(scopeId)
    }
  }

  /** Begins what is due, as many as may run at once. */
  #begin(): void {
    const { clock } = this.#options
    const now = clock.now()
    for (let scope = this.#schedule.take(now); scope !== undefined; scope = this.#schedule.take(now)) {
      this.#queue.add([...scope.resources.values()][0]?.teamId ?? 0, scope.scopeId, now)
    }
    // A server that could not renew its shards must not check what another checks now.
    while (this.#running.size < this.#limits.running && now < this.#leaseUntil && !this.#stopping.signal.aborted) {
      const scopeId = this.#queue.take()
      if (scopeId === undefined) break
      const scope = this.#schedule.get(scopeId)
      if (scope === undefined || !this.#schedule.isDue(scope, now)) this.#schedule.free(scopeId)
      else this.#check(scope)
    }
    this.#warnWhenLate(now)
  }

  #check(scope: ScheduledScope): void {
    // Of several resources of a scope one is checked for all; after a failure the next: the vars of one may be missing, and not those of another.
    const resources = [...scope.resources.values()]
    const resource = resources[scope.times.failures % resources.length]
    const of = resource === undefined ? {} : { team: resource.team, pipeline: resource.pipeline, resource: resource.name }
    const running = workAbout(of, () => this.#run(scope, resource)
      .catch(async (error: unknown) => {
        this.#failed(error, 'a check could not be run; trying again', scope.scopeId)
        // It is due again as soon as it is free: for as long as the cause is there.
        await this.#options.clock.sleep(retryMs, this.#stopping.signal).catch(() => undefined)
      })
      .finally(() => {
        this.#running.delete(running)
        if (!this.#unplanned.has(scope.scopeId)) this.#schedule.free(scope.scopeId)
        this.#wakeup.wake()
      }))
    this.#running.add(running)
  }

  async #run(scope: ScheduledScope, resource: CheckedResource | undefined): Promise<void> {
    const { store, run, ends } = this.#options
    if (resource === undefined) return
    const wanted = isWanted(scope.times)
    if (await this.#isPostponed(scope, resource, wanted)) return
    const ran = await run(resource, { typesWithinInterval: !(wanted && scope.times.wantedTypes === true) })
    if (ran === undefined) {
      this.#stale.add(resource.pipelineId)
      this.#unplanned.set(scope.scopeId, resource)
      return
    }
    const found = ran.end ?? { scopeId: scope.scopeId, startedAt: ran.build.createdAt, endedAt: ran.build.endedAt, error: ran.message }
    // A check that waited for its turn may have begun behind a wish that came meanwhile: it is the check that was wished for.
    const asked = wanted || this.#schedule.isWished(scope.scopeId, found.startedAt)
    const end: CheckEnd = { ...found, ...(asked && { asked: true }) }
    const before = this.#schedule.ended(end)
    const failed = end.error !== undefined
    if (ran.news || failed) await store.saveBuild({ ...ran.build, scopeId: end.scopeId })
    await ends.add({ ...end, urgent: ran.news || asked || before === undefined || before.endedAt === undefined || failed !== before.failures > 0 })
    // The resource points to another scope now.
    if (end.scopeId !== scope.scopeId) this.#stale.add(resource.pipelineId)
  }

  /** One that is wanted takes its registry's place, too, and does not wait for it. */
  async #isPostponed({ scopeId, notBefore }: ScheduledScope, resource: CheckedResource, wanted: boolean): Promise<boolean> {
    const { place, clock, log } = this.#options
    if (place === undefined || notBefore !== undefined) return false
    const { registry = '', waitMs = 0 } = (await place(resource)) ?? {}
    if (waitMs === 0 || wanted) return false
    const now = clock.now()
    this.#schedule.postpone(scopeId, now + waitMs)
    if (waitMs >= this.#limits.lateMs && now >= this.#next.late) {
      this.#next.late = now + this.#limits.lateMs
      log.warn({ component: 'checks', registry }, `checks of images of ${registry} are late: the next one waits for ${Math.round(waitMs / 1000)} s; intervals are longer than written until there are fewer, or registry-checks-per-second is more`)
    }
    return true
  }

  #warnWhenLate(now: number): void {
    const { oldest, size } = this.#queue
    if (oldest === undefined || now - oldest < this.#limits.lateMs || now < this.#next.late) return
    this.#next.late = now + this.#limits.lateMs
    this.#options.log.warn(
      { component: 'checks', waiting: size, running: this.#running.size },
      `checks are late: ${size} wait for their turn, the first for ${Math.round((now - oldest) / 1000)} s; intervals are longer than written until fewer resources are checked or another server helps`,
    )
  }

  #failed(error: unknown, message: string, scope?: number): void {
    if (!this.#stopping.signal.aborted) this.#options.log.warn({ err: error, component: 'checks', ...(scope !== undefined && { scope }) }, message)
  }
}
