import { ask, type Asking } from './ask.ts'
import type { Group } from './group.ts'
import type { VersionId } from './input.ts'
import type { Limits } from './limits.ts'

/** Of each input: the only versions that may be chosen. */
export type Domains = readonly ReadonlySet<VersionId>[]

/** Asks for the versions of each input that passed all of its jobs. */
export function* domainsOf(group: Group, limits: Limits): Asking<Domains> {
  const domains: Set<VersionId>[] = []
  for (const { passed, resource, pinned } of group.inputs) {
    const domain = new Set<VersionId>()
    let after = 0
    for (;;) {
      const { versions } = yield* ask({ kind: 'domain', jobs: passed, resource, after, limit: limits.largePage }, 'versions')
      for (const version of versions) if (pinned === undefined || version === pinned) domain.add(version)
      const last = versions.at(-1)
      if (last === undefined || versions.length < limits.largePage) break
      after = last
    }
    domains.push(domain)
  }
  return domains
}
