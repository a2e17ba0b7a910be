import { workAbout, type About } from '../lib/about.ts'
import { atMost } from '../lib/at-most.ts'
import { enough } from '../lib/clock.ts'
import { openGate, type Gate } from '../lib/gate.ts'
import { traced } from '../lib/traced.ts'
import { Wakeup } from '../lib/wakeup.ts'
import type { FinalStatus } from '../model/event.ts'
import type { EngineServices } from './build-context.ts'
import { LeaseLost } from './build-writer.ts'
import { isMemoryBuild, type ClaimedBuild } from '../model/build.ts'
import type { BuildStore } from './ports.ts'
import { Capacity } from './capacity.ts'
import { runBuild } from './run-build.ts'

export interface EngineLimits {
  /** A lease that is not renewed for this long may be taken by another server. */
  readonly leaseMs: number
  /** How often builds are looked for where a notification was missed. */
  readonly pollMs: number
  /** How long stopping waits for containers of ended builds to be gone. */
  readonly cleanupMs: number
  /** Builds that one server runs at once; others wait, or another server claims them. */
  readonly maxBuilds: number
}

export const defaultLimits: EngineLimits = { leaseMs: 30_000, pollMs: 1_000, cleanupMs: 15_000, maxBuilds: 500 }

export interface BuildEnd {
  readonly buildId: number
  readonly status: FinalStatus | 'left' // left: another server runs it, or this one stopped
}

interface Lease {
  readonly buildId: number
  readonly owner: string
  readonly abort: AbortController
  /** Another server has it. */
  readonly lost: () => void
  readonly done: AbortSignal
}

/** Claims builds, runs them, renews their leases and aborts them on request. Any number of engines may share a database. */
export class Engine {
  private readonly services: EngineServices
  private readonly store: BuildStore
  private readonly owner: string
  private readonly limits: EngineLimits
  private readonly running = new Map<number, { readonly end: Promise<BuildEnd>; readonly leave: AbortController; readonly abort: AbortController }>()
  private readonly capacity: Capacity
  private readonly cleaning = new Set<Promise<void>>()
  private claims = 0
  private readonly draining = new AbortController()
  private readonly wakeup = new Wakeup()

  constructor(services: EngineServices, store: BuildStore, owner: string, limits: EngineLimits = defaultLimits) {
    this.services = services
    this.capacity = new Capacity(services.removeOldestKept ?? (() => Promise.resolve(undefined)))
    this.capacity.offer(() => services.checkContainers?.releaseIdle() ?? false)
    this.store = store
    this.owner = owner
    this.limits = limits
  }

  /** Claims and starts one build: the given one, or the oldest; undefined when there is none to claim. */
  async claim(only?: number): Promise<{ readonly buildId: number; readonly about: About; readonly end: Promise<BuildEnd> } | undefined> {
    if (this.draining.signal.aborted) return undefined
    // A new owner for each claim: a runner of an earlier claim must not be able to write under the new lease.
    this.claims += 1
    const owner = `${this.owner}-${this.claims}`
    const row = await this.store.claim(owner, this.services.clock.now(), this.limits.leaseMs, only)
    if (row === undefined) return undefined
    if (this.draining.signal.aborted) {
      await this.store.release(row.id, owner)
      return undefined
    }
    const abort = new AbortController()
    const leave = new AbortController()
    const end = workAbout(aboutBuild(row), () => this.traced(row, () => this.run(row, owner, abort, leave))).finally(() => this.running.delete(row.id))
    this.observe(row, end)
    this.running.set(row.id, { end, leave, abort })
    return { buildId: row.id, about: aboutBuild(row), end }
  }

  /** Claims every started build that nobody runs, as soon as it is there, until stopped; no more at once than the limit, and none while `gate` is closed. */
  async serve(gate: Gate = openGate): Promise<void> {
    const { clock, log } = this.services
    const unlisten = await this.store.onStarted(() => this.wakeup.wake()).catch((error: unknown) => {
      log.warn({ err: error, component: 'engine' }, 'notifications of started builds cannot be received; builds are found by polling')
      return undefined
    })
    while (!this.draining.signal.aborted) {
      if (gate.open) {
        if (this.running.size < this.limits.maxBuilds && (await this.claimForServe())) continue
        gate.passed()
      }
      await this.wakeup.wait(clock, this.limits.pollMs, this.draining.signal)
    }
    await unlisten?.()
  }

  private async claimForServe(): Promise<boolean> {
    const { log } = this.services
    try {
      const claimed = await this.claim()
      claimed?.end
        .catch((error: unknown) => log.error({ err: error, component: 'engine', ...claimed.about }, 'build runner failed'))
        .finally(() => this.wakeup.wake())
      return claimed !== undefined
    } catch (error) {
      log.warn({ err: error, component: 'engine' }, 'claiming a build failed; trying again')
      return false
    }
  }

  /** Claims no more builds; those that run go on here until `stop`. */
  drain(): void {
    this.draining.abort(enough)
  }

  /** Leaves all builds without ending them: they stay started, and the server that claims them next resumes them. */
  async stop(): Promise<void> {
    this.drain()
    for (const build of this.running.values()) build.leave.abort()
    await Promise.allSettled([...this.running.values()].map((build) => build.end))
    await atMost(this.services.clock, this.limits.cleanupMs, Promise.all(this.cleaning))
  }

  private traced(row: ClaimedBuild, run: () => Promise<BuildEnd>): Promise<BuildEnd> {
    return traced(this.services.tracing, { name: 'build', attributes: { build: row.name, resumed: row.resumed } }, async (span) => {
      const end = await run()
      span?.set({ status: end.status })
      return end
    })
  }

  private observe(row: ClaimedBuild, end: Promise<BuildEnd>): void {
    const { observe, clock } = this.services
    if (observe === undefined) return
    const { team, pipeline, job, startedAt = row.createdAt } = row
    const check = row.kind === 'check'
    observe({ kind: 'build-started', check, resumed: row.resumed })
    const left = (): void => observe({ kind: 'build-left', check })
    end.then(({ status }) => {
      if (status === 'left') left()
      else observe({ kind: 'build-ended', check, status, team, ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }), ms: clock.now() - startedAt })
    }, left)
  }

  private async run(row: ClaimedBuild, owner: string, abort: AbortController, leave: AbortController): Promise<BuildEnd> {
    const done = new AbortController()
    const left = new Promise<BuildEnd>((resolve) => {
      leave.signal.addEventListener('abort', () => resolve({ buildId: row.id, status: 'left' }), { once: true })
    })
    let ending = false
    const onEnding = () => {
      ending = true
    }
    // The commit that ends a build ends its lease too; the lease is not lost then.
    const lost = () => {
      if (!ending) leave.abort()
    }
    const aborts = this.listen(row.id, abort, done.signal)
    const lease = this.keepLease({ buildId: row.id, owner, abort, lost, done: done.signal })
    try {
      const ended = runBuild({ services: this.services, store: this.store, capacity: this.capacity, owner, row, signals: { abort: abort.signal, leave: leave.signal, onEnding } }).then(({ status, cleaned }): BuildEnd => {
        this.cleaning.add(cleaned)
        void cleaned.finally(() => this.cleaning.delete(cleaned))
        return { buildId: row.id, status }
      })
      // The run of a build that was left may still reject; this server writes nothing more for it.
      ended.catch(() => undefined)
      return await Promise.race([ended, left])
    } catch (error) {
      if (error instanceof LeaseLost) return { buildId: row.id, status: 'left' }
      throw error
    } finally {
      done.abort(enough)
      await Promise.all([lease, aborts])
      if (leave.signal.aborted) await this.store.release(row.id, owner)
    }
  }

  /** Listens for aborts of the build. Where listening fails, the next renewal of the lease reports the abort. */
  private async listen(buildId: number, abort: AbortController, done: AbortSignal): Promise<void> {
    try {
      const unlisten = await this.store.onAbort(buildId, () => abort.abort('abort'))
      if (done.aborted) unlisten()
      else done.addEventListener('abort', unlisten, { once: true })
    } catch (error) {
      this.services.log.warn({ err: error, component: 'engine' }, 'an abort of this build may be noticed late')
    }
  }

  private async keepLease({ buildId, owner, abort, lost, done }: Lease): Promise<void> {
    for (;;) {
      const slept = await this.services.clock.sleep(this.limits.leaseMs / 3, done).then(() => true, () => false)
      if (!slept) return
      try {
        const { held, abortRequested } = await this.store.renew(buildId, owner, this.services.clock.now(), this.limits.leaseMs)
        if (!held) return lost()
        if (abortRequested) abort.abort('abort')
      } catch (error) {
        this.services.log.warn({ err: error, component: 'engine' }, 'a lease could not be renewed; trying again')
      }
    }
  }
}

/** A check's id is one of this server's memory, and nowhere to be looked up. */
const aboutBuild = ({ id, team, pipeline, job }: ClaimedBuild): About => ({ team, ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }), ...(!isMemoryBuild(id) && { build: id }) })
