import type { CheckBuild, CheckedResource, EndedCheck, CheckStore, CheckTimes, ChecksWanted, LoadedChecks, ShardStore } from '../ports.ts'
import { shardCount } from '../ports.ts'

/** What is checked, in memory: resources that a test sets, and what becomes of their checks. */
export class MemoryChecks implements CheckStore, ShardStore {
  readonly resources = new Map<number, CheckedResource>()
  readonly times = new Map<number, CheckTimes>()
  readonly builds: CheckBuild[] = []
  readonly shown: { scopeId: number; buildId: number }[] = []
  /** Each call of saveEnds. */
  readonly saved: (readonly EndedCheck[])[] = []
  /** Calls of wakeSchedulers. */
  woken = 0
  readonly loads: ChecksWanted[] = []
  readonly #leases = new Map<string, number>()
  readonly #listeners = new Set<(scopeIds: readonly number[] | undefined) => void>()

  set(resource: CheckedResource): void {
    this.resources.set(resource.id, resource)
  }

  want(scopeId: number, at: number, types = false): void {
    this.times.set(scopeId, { failures: 0, ...this.times.get(scopeId), wantedAt: at, ...(types && { wantedTypes: true }) })
    for (const listener of this.#listeners) listener([scopeId])
  }

  /** The connection on which wishes are told was lost, and with it this one. */
  wantUntold(scopeId: number, at: number): void {
    this.times.set(scopeId, { failures: 0, ...this.times.get(scopeId), wantedAt: at })
    for (const listener of this.#listeners) listener(undefined)
  }

  pipelines(): Promise<ReadonlyMap<number, string>> {
    return Promise.resolve(new Map([...this.resources.values()].map(({ pipelineId, configVersion, paused }) => [pipelineId, `${configVersion} ${paused}`])))
  }

  load(wanted: ChecksWanted): Promise<LoadedChecks> {
    this.loads.push(wanted)
    const { shards, pipelineIds, scopeIds } = wanted
    const resources = [...this.resources.values()].filter(
      ({ scopeId, pipelineId }) => shards.includes(scopeId % shardCount) && (pipelineIds?.includes(pipelineId) ?? true) && (scopeIds?.includes(scopeId) ?? true),
    )
    return Promise.resolve({ resources, times: resources.map(({ scopeId }) => ({ scopeId, failures: 0, ...this.times.get(scopeId) })) })
  }

  onWanted(callback: (scopeIds: readonly number[] | undefined) => void): Promise<() => Promise<void>> {
    this.#listeners.add(callback)
    return Promise.resolve(async () => void this.#listeners.delete(callback))
  }

  saveEnds(ends: readonly EndedCheck[]): Promise<void> {
    this.saved.push(ends)
    for (const { scopeId, startedAt, endedAt, error } of ends) {
      const before = this.times.get(scopeId) ?? { failures: 0 }
      this.times.set(scopeId, { ...before, startedAt, endedAt, failures: error === undefined ? 0 : before.failures + 1 })
    }
    return Promise.resolve()
  }

  wakeSchedulers(): Promise<void> {
    this.woken += 1
    return Promise.resolve()
  }

  saveBuild(build: CheckBuild): Promise<void> {
    this.builds.push(build)
    return Promise.resolve()
  }

  showBuild(scopeId: number, buildId: number): Promise<void> {
    this.shown.push({ scopeId, buildId })
    return Promise.resolve()
  }

  lease(owner: string, now: number, leaseMs: number): Promise<readonly number[]> {
    for (const [other, until] of this.#leases) if (until <= now) this.#leases.delete(other)
    this.#leases.set(owner, now + leaseMs)
    const owners = [...this.#leases.keys()].toSorted()
    return Promise.resolve(Array.from({ length: shardCount }, (_, shard) => shard).filter((shard) => owners[shard % owners.length] === owner))
  }

  release(owner: string): Promise<void> {
    this.#leases.delete(owner)
    return Promise.resolve()
  }
}
