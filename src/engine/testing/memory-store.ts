import type { BuildScope, BuildSummary, BuildWrites, ClaimedBuild, ContainerRow, EventWrite, NewBuild } from '../../model/build.ts'
import { eventVersions, type BuildStatus } from '../../model/event.ts'
import { finalStatus } from '../../model/final-status.ts'
import type { JsonObject } from '../../model/json.ts'
import type { BuildRegistry, BuildStore } from '../ports.ts'

interface Row extends Omit<BuildSummary, 'team' | 'pipeline' | 'job'> {
  status: BuildStatus
  abortRequested: boolean
  startedAt?: number
  endedAt?: number
  context?: JsonObject
  owner?: string | undefined
  leaseUntil: number
  claims: number
  reuses?: true
  readonly keys: Set<string>
  readonly events: EventWrite[]
  readonly steps: Map<string, JsonObject>
  /** By step; the database encrypts them. */
  readonly secrets: Map<string, readonly string[]>
  readonly containers: Map<string, ContainerRow>
}

/** Builds in memory, for tests of the engine: milliseconds instead of a database, and commits that a test can look at or break. */
export class MemoryStore implements BuildStore, BuildRegistry {
  readonly rows = new Map<number, Row>()
  /** Called before each commit; throws to break it. */
  beforeCommit: (buildId: number, writes: BuildWrites) => void = () => undefined
  private readonly abortListeners = new Map<number, Set<() => void>>()
  private readonly containersMade = new Map<string, number>()
  private readonly startListeners = new Set<() => void>()

  create(build: NewBuild, now: number): Promise<number> {
    return Promise.resolve(this.insert(build, now))
  }

  createStarted(build: NewBuild, context: JsonObject, now: number): Promise<number> {
    return Promise.resolve(this.insertStarted(build, context, now))
  }

  /** createStarted, for constructors. */
  insertStarted(build: NewBuild, context: JsonObject, now = 0): number {
    const id = this.insert(build, now)
    Object.assign(this.row(id), { status: 'started', startedAt: now, context })
    for (const listener of this.startListeners) listener()
    return id
  }

  start(id: number, context: JsonObject, now: number): Promise<boolean> {
    const row = this.rows.get(id)
    if (row?.status !== 'pending') return Promise.resolve(false)
    Object.assign(row, { status: 'started', startedAt: now, context })
    for (const listener of this.startListeners) listener()
    return Promise.resolve(true)
  }

  onStarted(callback: () => void): Promise<() => Promise<void>> {
    const listener = () => callback()
    this.startListeners.add(listener)
    return Promise.resolve(async () => void this.startListeners.delete(listener))
  }

  /** A started build takes these steps as they ended in another. */
  reuse(id: number, steps: NonNullable<BuildWrites['steps']>): void {
    const row = this.row(id)
    row.reuses = true
    for (const { planId, record, secrets = [] } of steps) {
      row.steps.set(planId, record)
      row.secrets.set(planId, secrets)
    }
  }

  requestAbort(id: number, now: number): Promise<boolean> {
    const row = this.rows.get(id)
    if (row?.status === 'pending') {
      Object.assign(row, { status: 'aborted', endedAt: now, abortRequested: true })
      const { event, key } = finalStatus('aborted', Math.floor(now / 1000))
      row.events.push({ key, type: event.type, version: eventVersions[event.type], payload: JSON.stringify(event.data) })
      return Promise.resolve(true)
    }
    if (row?.status !== 'started') return Promise.resolve(false)
    row.abortRequested = true
    for (const listener of this.abortListeners.get(id) ?? []) listener()
    return Promise.resolve(true)
  }

  get(id: number) {
    const row = this.rows.get(id)
    return Promise.resolve(row && { ...summaryOf(row), ...(row.context && { context: row.context }) })
  }

  list({ unfinished, limit = 100, before = Infinity }: { unfinished?: boolean; limit?: number; before?: number } = {}): Promise<readonly BuildSummary[]> {
    const rows = [...this.rows.values()].toReversed().filter(({ id, status }) => id < before && (unfinished !== true || status === 'pending' || status === 'started'))
    return Promise.resolve(rows.slice(0, limit).map(summaryOf))
  }

  claim(owner: string, now: number, leaseMs: number, only?: number): Promise<ClaimedBuild | undefined> {
    const row = [...this.rows.values()].find(({ id, status, leaseUntil }) => (only === undefined || id === only) && status === 'started' && leaseUntil <= now)
    if (row === undefined) return Promise.resolve(undefined)
    Object.assign(row, { owner, leaseUntil: now + leaseMs, claims: row.claims + 1 })
    return Promise.resolve({ ...summaryOf(row), context: row.context ?? {}, resumed: row.claims > 1, ...(row.reuses && { reuses: true as const }) })
  }

  renew(id: number, owner: string, now: number, leaseMs: number): Promise<{ held: boolean; abortRequested: boolean }> {
    const row = this.row(id)
    const held = row.owner === owner && row.status === 'started'
    if (held) row.leaseUntil = now + leaseMs
    return Promise.resolve({ held, abortRequested: held && row.abortRequested })
  }

  release(id: number, owner: string): Promise<void> {
    const row = this.row(id)
    if (row.owner === owner && row.status === 'started') Object.assign(row, { owner: undefined, leaseUntil: 0 })
    return Promise.resolve()
  }

  releaseAll(): Promise<void> {
    for (const row of this.rows.values()) if (row.status === 'started') Object.assign(row, { owner: undefined, leaseUntil: 0 })
    return Promise.resolve()
  }

  onAbort(id: number, callback: () => void): Promise<() => void> {
    const listeners = this.abortListeners.get(id) ?? new Set()
    this.abortListeners.set(id, listeners.add(callback))
    if (this.row(id).abortRequested) callback()
    return Promise.resolve(() => void listeners.delete(callback))
  }

  commit(id: number, owner: string, now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'> {
    const row = this.row(id)
    if (row.owner !== owner) return Promise.resolve('lease-lost')
    try {
      this.beforeCommit(id, writes)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
    for (const event of writes.events ?? []) {
      if (event.key !== undefined && row.keys.has(event.key)) continue
      if (event.key !== undefined) row.keys.add(event.key)
      row.events.push(event)
    }
    for (const { planId, record, secrets = [] } of writes.steps ?? []) {
      row.steps.set(planId, record)
      row.secrets.set(planId, secrets)
    }
    for (const container of writes.containers ?? []) {
      for (const other of this.rows.values()) if (other !== row) other.containers.delete(container.handle)
      row.containers.set(container.handle, container)
      if (!this.containersMade.has(container.handle)) this.containersMade.set(container.handle, now)
    }
    // The owner stays, so that a last commit whose answer was lost can be repeated.
    if (writes.finish) Object.assign(row, { status: writes.finish.status, endedAt: row.endedAt ?? now })
    return Promise.resolve('committed')
  }

  steps(id: number): Promise<ReadonlyMap<string, JsonObject>> {
    const { steps, secrets } = this.row(id)
    return Promise.resolve(new Map([...steps].map(([planId, record]) => [planId, secrets.get(planId)?.length ? { ...record, secrets: [...(secrets.get(planId) ?? [])] } : record])))
  }

  containers(id: number): Promise<readonly ContainerRow[]> {
    const made = (handle: string) => this.containersMade.get(handle) ?? 0
    const rows = [...this.row(id).containers.values()]
    return Promise.resolve(rows.toSorted((a, b) => made(a.handle) - made(b.handle) || (a.handle < b.handle ? -1 : 1)))
  }

  owners(handles: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const owned = [...this.rows.values()].flatMap(({ id, containers }) => [...containers.keys()].map((handle): [string, number] => [handle, id]))
    return Promise.resolve(new Map(owned.filter(([handle]) => handles.includes(handle))))
  }

  row(id: number): Row {
    const row = this.rows.get(id)
    if (row === undefined) throw new Error(`there is no build ${id}`)
    return row
  }

  private insert({ kind, scope, name, createdBy }: NewBuild, now: number): number {
    const id = this.rows.size + 1
    this.rows.set(id, {
      id, kind, scope, name: name ?? String(id), ...(createdBy !== undefined && { createdBy }), status: 'pending', createdAt: now, abortRequested: false,
      leaseUntil: 0, claims: 0, keys: new Set(), events: [], steps: new Map(), secrets: new Map(), containers: new Map(),
    })
    return id
  }
}

/** The ids that this store knows: one team, one pipeline, one job. */
export const memoryScope: Required<BuildScope> = { teamId: 1, pipelineId: 1, jobId: 1 }

function summaryOf({ id, kind, name, scope, status, createdBy, createdAt, startedAt, endedAt, abortRequested }: Row): BuildSummary {
  return {
    id, kind, name, scope, team: 'main',
    ...(scope.pipelineId !== undefined && { pipeline: 'p' }),
    ...(scope.jobId !== undefined && { job: 'j' }),
    status, createdAt, abortRequested,
    ...(createdBy !== undefined && { createdBy }),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
  }
}
