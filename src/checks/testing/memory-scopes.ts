import { canonicalJson } from '../../lib/canonical-json.ts'
import type { MetadataField, Version } from '../../model/version.ts'
import { merge } from '../merge.ts'
import type { CheckEnd, CheckTimes, EnteredScope, ScopeOf, ScopeStore } from '../ports.ts'

interface Scope {
  readonly id: number
  readonly key: string
  order: Version[]
  times: CheckTimes
  error?: string | undefined
  readonly metadata: Map<string, readonly MetadataField[]>
}

/** Scopes in memory, for tests of what checks do. */
export class MemoryScopes implements ScopeStore {
  readonly scopes: Scope[] = []
  /** By `pipeline/resource`, or `pipeline/kind type`: the key of its scope. */
  readonly pointers = new Map<string, string>()
  readonly ends: CheckEnd[] = []

  enter({ scope: key, resource, type }: ScopeOf): Promise<EnteredScope> {
    if (resource) this.pointers.set(`${resource.pipelineId}/${resource.name}`, key)
    if (type) this.pointers.set(`${type.pipelineId}/${type.kind} ${type.name}`, key)
    const { id, times, order } = this.of(key)
    const latest = order.at(-1)
    return Promise.resolve({ id, times, ...(latest && { latest }) })
  }

  save(scopeId: number, found: readonly Version[], { from }: { readonly from?: Version | undefined }): Promise<boolean> {
    const scope = this.byId(scopeId)
    const byText = new Map([...scope.order, ...found].map((version) => [canonicalJson(version), version]))
    const order = scope.order.map(canonicalJson)
    const top = merge({ found: found.map(canonicalJson), known: new Set(order), latest: order.at(-1), from: from && canonicalJson(from) })
    const version = (text: string): Version => byText.get(text) ?? {}
    scope.order = [...order.filter((text) => !top.includes(text)), ...top].map(version)
    return Promise.resolve(top.length > 0)
  }

  latest(scope: string): Promise<Version | undefined> {
    return Promise.resolve(this.of(scope).order.at(-1))
  }

  saveMetadata(scope: string, version: Version, metadata: readonly MetadataField[]): Promise<void> {
    this.of(scope).metadata.set(canonicalJson(version), metadata)
    return Promise.resolve()
  }

  saveEnds(ends: readonly CheckEnd[]): Promise<void> {
    for (const end of ends) {
      this.ends.push(end)
      const scope = this.byId(end.scopeId)
      scope.times = { ...scope.times, startedAt: end.startedAt, endedAt: end.endedAt, failures: end.error === undefined ? 0 : scope.times.failures + 1 }
      scope.error = end.error
    }
    return Promise.resolve()
  }

  of(key: string): Scope {
    const known = this.scopes.find((scope) => scope.key === key)
    if (known) return known
    const made: Scope = { id: this.scopes.length + 1, key, order: [], times: { failures: 0 }, metadata: new Map() }
    this.scopes.push(made)
    return made
  }

  byId(id: number): Scope {
    const scope = this.scopes[id - 1]
    if (scope === undefined) throw new Error(`there is no scope ${id}`)
    return scope
  }
}
