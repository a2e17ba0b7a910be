import type { Version } from '../../../model/version.ts'
import type { Answer, Ask, Asking } from '../ask.ts'
import { byOrder, unusable, type BuildId, type BuildOrder, type JobId, type ResourceId, type Success, type VersionId } from '../input.ts'

export interface WorldVersion {
  readonly resource: ResourceId
  readonly version: VersionId
  readonly order: number
  readonly disabled?: boolean
  readonly content?: Version
}

/** A build of the job whose inputs are chosen, whatever its end. */
export interface OwnBuild {
  readonly build: BuildId
  readonly used: readonly (readonly [ResourceId, VersionId])[]
  readonly pipes: readonly BuildId[]
}

interface Page {
  readonly after?: BuildOrder
  readonly limit: number
}

interface Index {
  readonly of: { readonly versions: number; readonly successes: number; readonly changes: number }
  readonly usable: ReadonlyMap<ResourceId, ReadonlySet<VersionId>>
  readonly jobs: ReadonlyMap<JobId, readonly Success[]>
  readonly domains: Map<string, readonly VersionId[]>
}

/** Answers the asks of `resolve` from memory. Versions of a success may be any; those that no check found in the present scope are unusable. */
export class World {
  readonly versions: WorldVersion[] = []
  readonly successes: Success[] = []
  readonly own: OwnBuild[] = []
  /** Kinds of what was asked, in order. */
  readonly asked: Ask['kind'][] = []
  /** Counts changes other than added successes. */
  changes = 0
  #index: Index | undefined

  run<T>(asking: Asking<T>, alter: (ask: Ask, answer: Answer) => Answer = (_, answer) => answer): T {
    let step = asking.next()
    while (step.done !== true) {
      const question = step.value
      this.asked.push(question.kind)
      step = asking.next(alter(question, this.answer(question)))
    }
    return step.value
  }

  isUsable(resource: ResourceId, version: VersionId): boolean {
    return this.#indexed().usable.get(resource)?.has(version) === true
  }

  answer(ask: Ask): Answer {
    switch (ask.kind) {
      case 'columns':
        return { kind: 'successes', successes: this.#pageOf(ask.job, ask) }
      case 'page':
        return this.#page(ask.job, ask)
      case 'giving':
        return this.#page(ask.job, ask, (success) => lists(success, ask.resource, ask.version))
      case 'since': {
        const later = this.#newestFirst(ask.job).filter((success) => byOrder(success, ask.after) > 0)
        return this.#seen(later.toReversed().slice(0, ask.limit), ask.resources)
      }
      case 'domain':
        return { kind: 'versions', versions: this.#common(ask.jobs, ask.resource).slice(0, ask.limit) }
      case 'usable':
        return { kind: 'usable', usable: ask.versions.map((version, at) => this.isUsable(ask.resources[at] ?? 0, version)) }
      case 'mark':
        return { kind: 'mark', mark: `${this.changes} ${this.successes.length}` }
      case 'added': {
        const [changes, length = 0] = ask.mark.split(' ').map(Number)
        if (changes !== this.changes) return { kind: 'changed' }
        return this.#seen(this.successes.slice(length).filter(({ job }) => ask.jobs.includes(job)), ask.resources)
      }
      case 'versions':
        return { kind: 'versions', versions: this.#versions(ask) }
      case 'pin': {
        const found = this.#scope(ask.resource).findLast(({ content }) => Object.entries(ask.pin).every(([key, value]) => content?.[key] === value))
        return { kind: 'number', number: found?.version }
      }
      case 'highest-used':
        return { kind: 'number', number: this.#highestUsed(ask.resource)?.order }
      case 'pipes': {
        const highest = this.#highestUsed(ask.resource)
        const newest = this.own
          .filter(({ used }) => used.some(([resource, version]) => resource === ask.resource && version === highest?.version))
          .toSorted((a, b) => b.build - a.build)[0]
        return { kind: 'pipes', pipes: newest && this.successes.filter(({ build }) => newest.pipes.includes(build)) }
      }
      case 'used':
        return { kind: 'used', used: ask.versions.map(([resource, version]) => this.#isUsed(resource, version)) }
      case 'pause':
        return { kind: 'none' }
    }
  }

  #page(job: JobId, { resources, ...page }: Page & { readonly resources: readonly ResourceId[] }, fits?: (success: Success) => boolean): Answer {
    return this.#seen(this.#pageOf(job, page, fits), resources)
  }

  #pageOf(job: JobId, { after, limit }: Page, fits: (success: Success) => boolean = () => true): readonly Success[] {
    const found: Success[] = []
    for (const success of this.#newestFirst(job)) {
      if (found.length === limit) break
      if ((after === undefined || byOrder(success, after) < 0) && fits(success)) found.push(success)
    }
    return found
  }

  #seen(successes: readonly Success[], resources: readonly ResourceId[]): Answer {
    const seen = successes.map((success) => {
      const kept = [...success.resources.keys()].filter((at) => resources.includes(success.resources[at] ?? 0))
      const versions = kept.map((at) => {
        const version = success.versions[at] ?? unusable
        return this.isUsable(success.resources[at] ?? 0, version) ? version : unusable
      })
      return { ...success, resources: kept.map((at) => success.resources[at] ?? 0), versions }
    })
    return { kind: 'successes', successes: seen }
  }

  #newestFirst(job: JobId): readonly Success[] {
    return this.#indexed().jobs.get(job) ?? []
  }

  #common(jobs: readonly JobId[], resource: ResourceId): readonly VersionId[] {
    const { domains } = this.#indexed()
    const key = `${jobs.join()} ${resource}`
    const known = domains.get(key)
    if (known) return known
    const [first = new Set<VersionId>(), ...others] = jobs.map((job) => new Set(this.#newestFirst(job).flatMap((success) => versionsOf(success, resource))))
    const common = [...first].filter((version) => others.every((other) => other.has(version))).toSorted((a, b) => a - b)
    domains.set(key, common)
    return common
  }

  /** Anew after each change. */
  #indexed(): Index {
    const [versions, successes, changes] = [this.versions.length, this.successes.length, this.changes]
    const index = this.#index
    if (index?.of.versions === versions && index.of.successes === successes && index.of.changes === changes) return index
    const usable = Map.groupBy(
      this.versions.filter(({ disabled }) => disabled !== true),
      ({ resource }) => resource,
    )
    this.#index = {
      of: { versions, successes, changes },
      usable: new Map([...usable].map(([resource, all]) => [resource, new Set(all.map(({ version }) => version))])),
      jobs: Map.groupBy(
        this.successes.toSorted((a, b) => byOrder(b, a)),
        ({ job }) => job,
      ),
      domains: new Map(),
    }
    return this.#index
  }

  #scope(resource: ResourceId): WorldVersion[] {
    return this.versions.filter((version) => version.resource === resource).toSorted((a, b) => a.order - b.order)
  }

  #versions({ resource, from, limit }: Extract<Ask, { kind: 'versions' }>): VersionId[] {
    const usable = this.#scope(resource).filter(({ disabled }) => disabled !== true)
    const found =
      from.kind === 'above'
        ? usable.filter(({ order }) => order > from.order)
        : usable.filter(({ order }) => from.kind === 'newest' || order <= from.order).toReversed()
    return found.slice(0, limit).map(({ version }) => version)
  }

  #highestUsed(resource: ResourceId): WorldVersion | undefined {
    return this.#scope(resource).findLast(({ version }) => this.#isUsed(resource, version))
  }

  #isUsed(resource: ResourceId, version: VersionId): boolean {
    return this.own.some(({ used }) => used.some(([one, other]) => one === resource && other === version))
  }
}

const versionsOf = ({ resources, versions }: Success, resource: ResourceId): VersionId[] => versions.filter((_, at) => resources[at] === resource)

const lists = (success: Success, resource: ResourceId, version: VersionId): boolean => versionsOf(success, resource).includes(version)
