import { quote } from '../config/quote.ts'
import { describeVarError, interpolate, varsIn } from '../config/vars/interpolate.ts'
import { formatReference } from '../config/vars/reference.ts'
import { withVars } from '../config/vars/with-vars.ts'
import type { VarSourceConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { FoundVar, VarReference, Vars, VarScope } from '../model/var.ts'
import { lookUp } from './lookup.ts'
import type { SecretManager } from './manager.ts'

export interface VarSourcesOptions {
  readonly sources: readonly VarSourceConfig[]
  readonly scope: VarScope
  /** Answers references without a source. */
  readonly others: Vars
  readonly managerOf: (type: string, config: Json) => Result<SecretManager, string>
}

/**
 * Vars of one pipeline: `((source:name))` is asked of the var source of that name, all others of `others`. The config of a var source may
 * hold vars, of other sources too; it is filled in once, and again after an answer that failed.
 */
export class VarSources implements Vars {
  readonly #options: VarSourcesOptions
  readonly #filled = new Map<string, Promise<Result<Json, string>>>()

  constructor(options: VarSourcesOptions) {
    this.#options = options
  }

  async get(reference: VarReference): Promise<FoundVar> {
    const { source: name } = reference
    if (name === undefined) return this.#options.others.get(reference)
    const source = this.#find(name)
    if (source === undefined) return { kind: 'missing-source', name: formatReference(reference), source: name }
    const found = await this.#ask(source, reference)
    if (found.kind !== 'failed') return found
    // Its config may hold a credential that has expired.
    this.#filled.delete(name)
    return { ...found, message: `var source ${quote(name)}: ${found.message}` }
  }

  async #ask(source: VarSourceConfig, reference: VarReference): Promise<FoundVar> {
    const failed = (message: string): FoundVar => ({ kind: 'failed', name: formatReference(reference), message })
    // A source that waits for its own config would wait for ever.
    if (this.#needsItself(source)) return failed('its config needs a var of its own')
    const config = await this.#config(source)
    if (!config.ok) return failed(config.error)
    const manager = this.#options.managerOf(source.type, config.value)
    return manager.ok ? lookUp(manager.value, reference, this.#options.scope) : failed(manager.error)
  }

  #config(source: VarSourceConfig): Promise<Result<Json, string>> {
    const known = this.#filled.get(source.name) ?? fill(source.config, this)
    this.#filled.set(source.name, known)
    return known
  }

  #find(name: string): VarSourceConfig | undefined {
    return this.#options.sources.find((source) => source.name === name)
  }

  #needsItself(source: VarSourceConfig): boolean {
    const seen = new Set<string>()
    const waiting = needsOf(source)
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (name === source.name) return true
      const next = seen.has(name) ? undefined : this.#find(name)
      seen.add(name)
      if (next !== undefined) waiting.push(...needsOf(next))
    }
    return false
  }
}

const needsOf = ({ config }: VarSourceConfig): string[] => varsIn(config).flatMap(({ source }) => source ?? [])

async function fill(config: Json, vars: Vars): Promise<Result<Json, string>> {
  const filled = await withVars(vars, (lookup) => interpolate(config, lookup))
  return filled.ok ? ok(filled.value.value) : fail(describeVarError(filled.error))
}
