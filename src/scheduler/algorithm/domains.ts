import { ask, type Asking } from './ask.ts'
import type { Group } from './group.ts'
import type { VersionId } from './input.ts'
import type { Limits } from './limits.ts'

/** The only versions of an input that may be chosen. */
export interface Domain {
  readonly size: number
  has(version: VersionId): boolean
}

/** Of each input; undefined: any of them. */
export type Domains = readonly (Domain | undefined)[]

/**
 * Asks for the versions of each input that passed all of its jobs; an input that has too many is not restricted. Ends with the first input that has
 * none.
 */
export function* domainsOf(group: Group, limits: Limits): Asking<Domains> {
  const domains: (Domain | undefined)[] = []
  for (const { passed, resource, pinned } of group.inputs) {
    const { versions } = yield* ask({ kind: 'domain', jobs: passed, resource, limit: limits.domain + 1 }, 'versions')
    const domain = versions.length <= limits.domain ? new Set(versions.filter((version) => pinned === undefined || version === pinned)) : undefined
    domains.push(domain)
    if (domain?.size === 0) break
  }
  return domains
}
