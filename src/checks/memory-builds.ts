import { randomInt } from 'node:crypto'
import type { BuildStore } from '../engine/ports.ts'
import { firstMemoryBuild, type BuildScope, type BuildWrites, type ClaimedBuild, type ContainerRow, type EventWrite } from '../model/build.ts'
import type { FinalStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'

/** Output that is kept of one check, in bytes. */
const outputLimit = 64 * 1024

export interface MemoryBuild {
  readonly scope: BuildScope
  readonly team: string
  readonly pipeline: string
  readonly context: JsonObject
  readonly createdAt: number
}

interface Row extends MemoryBuild {
  readonly id: number
  owner?: string
  status?: FinalStatus
  abortRequested: boolean
  onAbort: () => void
  bytes: number
  readonly keys: Set<string>
  readonly events: EventWrite[]
  readonly steps: Map<string, JsonObject>
  readonly containers: Map<string, ContainerRow>
}

/** What a build of a check left. */
export interface EndedMemoryBuild {
  readonly status: FinalStatus | undefined
  readonly events: readonly EventWrite[]
}

/** Builds of checks that are stored only if there is something to show. They end with the process. */
export class MemoryBuilds implements BuildStore {
  readonly #rows = new Map<number, Row>()

  add(build: MemoryBuild): number {
    const id = firstMemoryBuild + randomInt(2 ** 48 - 1)
    if (this.#rows.has(id)) return this.add(build)
    this.#rows.set(id, {
      ...build, id, abortRequested: false, onAbort: () => undefined, bytes: 0, keys: new Set(), events: [], steps: new Map(), containers: new Map(),
    })
    return id
  }

  look(id: number): EndedMemoryBuild {
    const row = this.#rows.get(id)
    return { status: row?.status, events: row?.events ?? [] }
  }

  forget(id: number): void {
    this.#rows.delete(id)
  }

  abortAll(): void {
    for (const row of this.#rows.values()) {
      row.abortRequested = true
      row.onAbort()
    }
  }

  claim(owner: string, _now: number, _leaseMs: number, only?: number): Promise<ClaimedBuild | undefined> {
    const row = this.#rows.get(only ?? 0)
    if (row === undefined || row.owner !== undefined) return Promise.resolve(undefined)
    row.owner = owner
    const { id, scope, team, pipeline, context, createdAt, abortRequested } = row
    return Promise.resolve({ id, kind: 'check', name: 'check', scope, team, pipeline, status: 'started', createdAt, startedAt: createdAt, abortRequested, context, resumed: false })
  }

  commit(id: number, owner: string, _now: number, writes: BuildWrites): Promise<'committed' | 'lease-lost'> {
    const row = this.#rows.get(id)
    if (row?.owner !== owner) return Promise.resolve('lease-lost')
    for (const event of writes.events ?? []) append(row, event)
    for (const { planId, record } of writes.steps ?? []) row.steps.set(planId, record)
    for (const container of writes.containers ?? []) row.containers.set(container.handle, container)
    if (writes.finish) row.status = writes.finish.status
    return Promise.resolve('committed')
  }

  renew(id: number, owner: string): Promise<{ held: boolean; abortRequested: boolean }> {
    const row = this.#rows.get(id)
    return Promise.resolve({ held: row?.owner === owner, abortRequested: row?.abortRequested ?? false })
  }

  onAbort(id: number, callback: () => void): Promise<() => void> {
    const row = this.#rows.get(id)
    if (row?.abortRequested === true) callback()
    if (row) row.onAbort = callback
    return Promise.resolve(() => {
      if (row) row.onAbort = () => undefined
    })
  }

  steps(id: number): Promise<ReadonlyMap<string, JsonObject>> {
    return Promise.resolve(this.#rows.get(id)?.steps ?? new Map())
  }

  containers(id: number): Promise<readonly ContainerRow[]> {
    return Promise.resolve([...(this.#rows.get(id)?.containers.values() ?? [])])
  }

  owners(handles: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const owned = [...this.#rows.values()].flatMap(({ id, containers }) => [...containers.keys()].map((handle): [string, number] => [handle, id]))
    return Promise.resolve(new Map(owned.filter(([handle]) => handles.includes(handle))))
  }

  /** Nobody else can claim them. */
  release(): Promise<void> {
    return Promise.resolve()
  }

  onStarted(): Promise<() => Promise<void>> {
    return Promise.resolve(() => Promise.resolve())
  }
}

/** Output beyond the limit is left out, and the last line that is kept says so; what is no output is always kept. */
function append(row: Row, event: EventWrite): void {
  if (event.key !== undefined && row.keys.has(event.key)) return
  if (event.key !== undefined) row.keys.add(event.key)
  if (event.type !== 'log' || row.bytes <= outputLimit) row.events.push(event.type === 'log' ? shortened(row, event) : event)
}

function shortened(row: Row, event: EventWrite): EventWrite {
  row.bytes += Buffer.byteLength(event.payload)
  if (row.bytes <= outputLimit) return event
  const data = JSON.parse(event.payload) as JsonObject
  return { ...event, payload: JSON.stringify({ ...data, payload: '\n(further output of this check is not kept)\n' }) }
}
