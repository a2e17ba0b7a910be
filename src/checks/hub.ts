import type { Clock } from '../lib/clock.ts'
import { isMemoryBuild } from '../model/build.ts'
import { noChecks, type CheckQueueState } from '../model/health.ts'
import { CheckEnds } from './check-ends.ts'
import type { CheckEnd, CheckStore, ScopeStore } from './ports.ts'
import type { CheckRunner } from './run-check.ts'
import { ScopeChecks, type CheckObserver, type ObservedCheck } from './scope-checks.ts'
import type { CheckService } from './service.ts'

/** Where the checks of a server meet: those of its jobs' images, of builds that somebody made for them, and those that it runs by itself. */
export class CheckHub implements CheckObserver {
  readonly versions: ScopeChecks
  readonly ends: CheckEnds
  readonly #store: CheckStore
  #scheduled: { readonly runner: CheckRunner; readonly service: CheckService } | undefined

  constructor(scopes: ScopeStore, store: CheckStore, clock: Clock) {
    this.versions = new ScopeChecks(scopes, clock, this)
    this.ends = new CheckEnds(store)
    this.#store = store
  }

  /** From now on they are told. */
  attach(runner: CheckRunner, service: CheckService): void {
    this.#scheduled = { runner, service }
  }

  /** Of the checks that the server runs by itself. */
  get queue(): CheckQueueState {
    return this.#scheduled?.service.queue ?? noChecks
  }

  pointerOf(buildId: number): number | undefined {
    return this.#scheduled?.runner.pointerOf(buildId)
  }

  async onVersions(scopeId: number): Promise<void> {
    await this.#store.wakeSchedulers()
    this.#scheduled?.service.onVersions(scopeId)
  }

  async onEnd(end: CheckEnd, check: ObservedCheck): Promise<void> {
    if (check.image) return this.ends.add({ ...end, urgent: false })
    if (isMemoryBuild(check.buildId)) return this.#scheduled?.runner.onEnd(end, check)
    const asked = { ...end, asked: true as const }
    this.#scheduled?.service.onBuildEnd(asked)
    await this.ends.add({ ...asked, urgent: true })
    await this.#store.showBuild(end.scopeId, check.buildId)
  }
}
