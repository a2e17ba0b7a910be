import type { CheckToBegin, CheckTurn, VersionsOf, VersionStore } from '../engine/ports.ts'
import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { MetadataField, Version } from '../model/version.ts'
import type { CheckEnd, CheckTimes, EnteredScope, ScopeStore } from './ports.ts'
import { KnownScopes } from './known-scopes.ts'
import { Turns } from './turns.ts'

/** Scopes whose last end is known here before it is saved. */
const recentKept = 10_000

/** Told what checks of this process do. */
export interface CheckObserver {
  /** The scope that the resource points to whose check this build is; undefined: it is not known here. */
  pointerOf?(buildId: number): number | undefined
  /** The scope's order has changed. */
  onVersions(scopeId: number): Promise<void>
  onEnd(end: CheckEnd, check: ObservedCheck): Promise<void>
}

export interface ObservedCheck {
  /** Of the build that the check was part of. */
  readonly buildId: number
  /** It changed the scope's order. */
  readonly news: boolean
  /** What was checked is no resource, but an image. */
  readonly image: boolean
}

/** The checks of a server's engines: one of a scope at a time, answered by another where that will do, and what they find kept. */
export class ScopeChecks implements VersionStore {
  readonly #store: ScopeStore
  readonly #clock: Clock
  readonly #observer: CheckObserver
  readonly #turns = new Turns()
  readonly #known = new KnownScopes()
  readonly #recent = new KeptMap<number, CheckTimes>(recentKept)

  constructor(store: ScopeStore, clock: Clock, observer: CheckObserver) {
    this.#store = store
    this.#clock = clock
    this.#observer = observer
  }

  async begin(check: CheckToBegin, signal: AbortSignal): Promise<CheckTurn> {
    const over = await this.#turns.take(check.scope, signal)
    try {
      const pointer = check.resource && this.#observer.pointerOf?.(check.build.id)
      const known = pointer === undefined ? undefined : this.#known.find(check.scope, pointer)
      const entered = known === undefined ? await this.#store.enter(check, this.#clock.now()) : { times: { failures: 0 }, ...known }
      const scope = this.#newer(entered)
      if (scope.latest !== undefined && answered(check, scope, this.#clock.now())) {
        over()
        return { kind: 'answered', version: scope.latest }
      }
      return this.#turn(check, { ...scope, remembered: known !== undefined }, over)
    } catch (error) {
      over()
      throw error
    }
  }

  async save(scope: string, versions: readonly Version[], now: number): Promise<void> {
    const { id } = await this.#store.enter({ scope }, now)
    if (await this.#store.save(id, versions, { now })) await this.#observer.onVersions(id)
  }

  latest(scope: string): Promise<Version | undefined> {
    return this.#store.latest(scope)
  }

  async enter(of: VersionsOf): Promise<void> {
    await this.#store.enter(of, this.#clock.now())
  }

  /** For when the database may have lost its last commits: what this process remembers of them would keep it from finding them again. */
  forgetAll(): void {
    this.#known.forgetAll()
    this.#recent.clear()
  }

  saveMetadata({ scope }: VersionsOf, version: Version, metadata: readonly MetadataField[]): Promise<void> {
    return this.#store.saveMetadata(scope, version, metadata)
  }

  /** With the end of the last check of this process, which may not be saved yet. */
  #newer(scope: EnteredScope): EnteredScope {
    const recent = this.#recent.get(scope.id)
    return recent === undefined || (scope.times.startedAt ?? 0) > (recent.startedAt ?? 0) ? scope : { ...scope, times: { ...scope.times, ...recent } }
  }

  #turn(check: CheckToBegin, { id, latest, remembered }: EnteredScope & { readonly remembered: boolean }, over: () => void): CheckTurn {
    const startedAt = this.#clock.now()
    const from = check.from ?? latest
    const ended = async (found: readonly Version[], error?: string): Promise<void> => {
      const same = error !== undefined || (remembered && this.#known.same(check.scope, from, found))
      const news = !same && (await this.#store.save(id, found, { from, now: this.#clock.now() }))
      // The next one begins from what is the latest then, which is looked up again.
      if (news || error !== undefined) this.#known.forget(check.scope)
      else this.#known.set(check.scope, id, from, { found, latest })
      if (news) await this.#observer.onVersions(id)
      const end: CheckEnd = { scopeId: id, startedAt, endedAt: this.#clock.now(), ...(error !== undefined && { error }) }
      this.#recent.set(id, { startedAt, endedAt: end.endedAt, failures: error === undefined ? 0 : 1 })
      await this.#observer.onEnd(end, { buildId: check.build.id, news, image: check.resource === undefined })
    }
    return {
      kind: 'run',
      ...(from && { from }),
      end: async (result) => {
        try {
          if (result.kind === 'found') await ended(result.versions)
          else if (result.kind === 'failed') await ended([], result.message)
        } finally {
          over()
        }
      },
    }
  }
}

/**
 * A resource's check without a version to check from is answered by a good one that began after its build was created; an image's by a good one
 * that ended since the build's start, or within the interval.
 */
function answered({ resource, from, build, intervalMs }: CheckToBegin, { times: { startedAt, endedAt, failures } }: EnteredScope, now: number): boolean {
  if (from !== undefined || failures > 0 || startedAt === undefined || endedAt === undefined) return false
  if (resource !== undefined) return startedAt > build.createdAt
  return endedAt > build.startedAt || (intervalMs !== undefined && now < endedAt + intervalMs)
}
