import { ask, type Asking } from './ask.ts'
import { candidateOf, nothing, type Candidate, type Group } from './group.ts'
import type { BuildOrder, JobId, ResourceId, Success, VersionId } from './input.ts'
import type { Limits } from './limits.ts'

/** Candidates in an order, read page by page as far as somebody looks, and kept. */
export interface Candidates {
  /** None gives an input a version outside its domain. */
  readonly inDomains?: true
  at(index: number): Asking<Candidate | undefined>
}

type Read = (after: BuildOrder | undefined) => Asking<readonly Success[]>
type Keep = (page: readonly Candidate[]) => Asking<readonly Candidate[]>

class PagedCandidates implements Candidates {
  readonly #group: Group
  readonly #read: Read
  readonly #keep: Keep
  readonly #limit: number
  readonly #items: Candidate[] = []
  #last: BuildOrder | undefined
  #done = false

  constructor(group: Group, limit: number, read: Read, { keep = keepAll, after }: { keep?: Keep; after?: BuildOrder } = {}) {
    this.#group = group
    this.#limit = limit
    this.#read = read
    this.#keep = keep
    this.#last = after
  }

  *at(index: number): Asking<Candidate | undefined> {
    while (index >= this.#items.length && !this.#done) {
      const successes = yield* this.#read(this.#last)
      this.#done = successes.length < this.#limit
      this.#last = successes.at(-1)
      const page = successes.flatMap((success) => candidateOf(this.#group, success) ?? [])
      this.#items.push(...(yield* this.#keep(page)))
    }
    return this.#items[index]
  }
}

// oxlint-disable-next-line require-yield -- another Keep asks
function* keepAll(page: readonly Candidate[]): Asking<readonly Candidate[]> {
  return page
}

/** Successes of a job, newest first. */
export function newestFirst(group: Group, job: JobId, limits: Limits): Candidates {
  return new PagedCandidates(group, limits.page, function* (after) {
    return (yield* ask({ kind: 'page', job, resources: group.resources, limit: limits.page, ...(after && { after }) }, 'successes')).successes
  })
}

/** Successes of a job that list a version, newest first. */
export function giving(group: Group, job: JobId, { resource, version }: { readonly resource: ResourceId; readonly version: VersionId }, limits: Limits): Candidates {
  return new PagedCandidates(group, limits.page, function* (after) {
    const question = { kind: 'giving', job, resource, version, resources: group.resources, limit: limits.page, ...(after && { after }) } as const
    return (yield* ask(question, 'successes')).successes
  })
}

/** Successes of a job after the one that was passed on last, oldest first, as far as they give a version that the present job has not used (E2, E3). */
export function unusedSince(group: Group, job: JobId, cursor: BuildOrder, limits: Limits): Candidates {
  const read: Read = function* (after) {
    return (yield* ask({ kind: 'since', job, resources: group.resources, after: after ?? cursor, limit: limits.page }, 'successes')).successes
  }
  const keep: Keep = function* (page) {
    const given = page.flatMap((candidate) => givenBy(group, candidate).map((version) => ({ candidate, version })))
    if (given.length === 0) return []
    const { used } = yield* ask({ kind: 'used', versions: given.map(({ version }) => version) }, 'used')
    const unused = new Set(given.flatMap(({ candidate }, index) => (used[index] === false ? [candidate] : [])))
    return page.filter((candidate) => unused.has(candidate))
  }
  return new PagedCandidates(group, limits.page, read, { keep, after: cursor })
}

function givenBy(group: Group, candidate: Candidate): (readonly [ResourceId, VersionId])[] {
  return group.inputs.flatMap(({ resource }, index) => {
    const version = candidate.gives[index] ?? nothing
    return version === nothing ? [] : [[resource, version] as const]
  })
}
