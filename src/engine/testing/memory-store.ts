import type { BuildStatus } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { BuildRow, BuildStore, ClaimedBuild, BuildWrites, ContainerRow, EventWrite } from '../ports.ts'

interface Row extends BuildRow {
  status: BuildStatus
  owner?: string | undefined
  leaseUntil: number
  abortRequested: boolean
  readonly keys: Set<string>
  readonly events: EventWrite[]
  readonly steps: Map<string, JsonObject>
  readonly containers: Map<string, ContainerRow>
}

/** A BuildStore for tests of the engine: milliseconds instead of a database, and commits that a test can look at or break. */
export class MemoryStore implements BuildStore {
  readonly rows = new Map<number, Row>()
  /** Called before each commit; throws to break it. */
  beforeCommit: (buildId: number, writes: BuildWrites) => void = () => undefined
  private readonly listeners = new Map<number, Set<() => void>>()

  create(build: { team: string; pipeline?: string; job?: string; context: JsonObject }): number {
    const id = this.rows.size + 1
    this.rows.set(id, {
      ...build, id, name: String(id), status: 'pending', createdAt: 0, leaseUntil: 0, abortRequested: false,
      keys: new Set(), events: [], steps: new Map(), containers: new Map(),
    })
    return id
  }

  requestAbort(id: number): void {
    this.row(id).abortRequested = true
    for (const listener of this.listeners.get(id) ?? []) listener()
  }

  claim(owner: string, now: number, leaseMs: number, only?: number): Promise<ClaimedBuild | undefined> {
    const row = [...this.rows.values()].find(
      (candidate) =>
        (only === undefined || candidate.id === only) &&
        (candidate.status === 'pending' || (candidate.status === 'started' && candidate.leaseUntil <= now)),
    )
    if (row === undefined) return Promise.resolve(undefined)
    const resumed = row.status === 'started'
    row.status = 'started'
    row.owner = owner
    row.leaseUntil = now + leaseMs
    return Promise.resolve(Object.assign(row, { resumed }))
  }

  renew(id: number, owner: string, now: number, leaseMs: number): Promise<{ held: boolean; abortRequested: boolean }> {
    const row = this.row(id)
    const held = row.owner === owner
    if (held) row.leaseUntil = now + leaseMs
    return Promise.resolve({ held, abortRequested: row.abortRequested })
  }

  release(id: number, owner: string): Promise<void> {
    const row = this.row(id)
    if (row.owner === owner) {
      row.owner = undefined
      row.leaseUntil = 0
    }
    return Promise.resolve()
  }

  onAbort(id: number, callback: () => void): Promise<() => void> {
    const listeners = this.listeners.get(id) ?? new Set()
    this.listeners.set(id, listeners.add(callback))
    if (this.row(id).abortRequested) callback()
    return Promise.resolve(() => void listeners.delete(callback))
  }

  commit(id: number, owner: string, _now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'> {
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
    for (const step of writes.steps ?? []) row.steps.set(step.planId, step.record)
    for (const container of writes.containers ?? []) {
      for (const other of this.rows.values()) other.containers.delete(container.handle)
      row.containers.set(container.handle, container)
    }
    if (writes.finish) {
      row.status = writes.finish.status
      row.owner = undefined
    }
    return Promise.resolve('committed')
  }

  steps(id: number): Promise<ReadonlyMap<string, JsonObject>> {
    return Promise.resolve(new Map(this.row(id).steps))
  }

  containers(id: number): Promise<readonly ContainerRow[]> {
    return Promise.resolve([...this.row(id).containers.values()])
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
}
