import { unusable, type BuildId, type BuildOrder, type Input, type JobId, type ResourceId, type Success, type VersionId } from './input.ts'

/** No version: an input that is not chosen yet, or of which a success lists nothing. */
export const nothing = 0

/** Inputs that are tied by passed jobs, and so are chosen together. */
export interface Group {
  /** By name. */
  readonly inputs: readonly GroupInput[]
  readonly jobs: readonly JobId[]
  /** Of each job: the indices of the inputs that it has to pass. */
  readonly related: ReadonlyMap<JobId, readonly number[]>
  readonly resources: readonly ResourceId[]
}

/** `pinned` is the version that the input's pin stands for. */
export interface GroupInput extends Input {
  readonly pinned?: VersionId
}

/** What a success gives each input of the group: `nothing`, where it does not have to pass the input, or lists none of its resource. */
export interface Candidate extends BuildOrder {
  readonly job: JobId
  readonly gives: Int32Array
}

/** Joins inputs that share a passed job, also by way of others (I5). */
export function groupsOf(inputs: readonly Input[]): Input[][] {
  const groups: { inputs: Input[]; jobs: Set<JobId> }[] = []
  for (const input of inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const tied = groups.filter((group) => input.passed.some((job) => group.jobs.has(job)))
    const joined = { inputs: [...tied.flatMap((group) => group.inputs), input], jobs: new Set([...tied.flatMap((group) => [...group.jobs]), ...input.passed]) }
    for (const group of tied) groups.splice(groups.indexOf(group), 1)
    groups.push(joined)
  }
  return groups.map((group) => group.inputs)
}

export function groupOf(inputs: readonly GroupInput[]): Group {
  const sorted = inputs
    .map((input) => ({ ...input, passed: [...new Set(input.passed)].toSorted((a, b) => a - b) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const jobs = [...new Set(sorted.flatMap((input) => input.passed))].toSorted((a, b) => a - b)
  const related = new Map(jobs.map((job) => [job, sorted.flatMap((input, index) => (input.passed.includes(job) ? [index] : []))]))
  return { inputs: sorted, jobs, related, resources: [...new Set(sorted.map((input) => input.resource))] }
}

/** Undefined for a success that cannot vouch for anything: spoiled, or against a pin (I6), or without any of the inputs. */
export function candidateOf(group: Group, success: Success): Candidate | undefined {
  const gives = new Int32Array(group.inputs.length)
  let any = false
  for (const index of group.related.get(success.job) ?? []) {
    const input = group.inputs[index]
    if (input === undefined) continue
    const given = give(success, input)
    if (given === 'spoiled' || (given !== nothing && input.pinned !== undefined && given !== input.pinned)) return undefined
    gives[index] = given
    any ||= given !== nothing
  }
  return any ? { job: success.job, build: success.build, order: success.order, gives } : undefined
}

/** The pin, if the success lists it; else its first usable version of the resource. */
function give({ resources, versions }: Success, input: GroupInput): VersionId | 'spoiled' {
  let first: VersionId = nothing
  let listed = false
  for (const [at, resource] of resources.entries()) {
    if (resource !== input.resource) continue
    listed = true
    const version = versions[at] ?? unusable
    if (version === unusable) continue
    if (version === input.pinned) return version
    if (first === nothing) first = version
  }
  return listed && first === nothing ? 'spoiled' : first
}

/** Which success vouched for which versions: what becomes the build's pipes. */
export interface Solution {
  readonly versions: Int32Array
  /** Of each input. */
  readonly builds: readonly (readonly BuildId[])[]
  /** A passed job has further successes with versions that the job has not used (E2). */
  readonly more: boolean
}
