import { ask, type Asking } from './ask.ts'
import { EveryOrder } from './every.ts'
import { explain } from './explain.ts'
import { candidateOf, groupOf, groupsOf, nothing, type Group, type GroupInput } from './group.ts'
import { chooseAlone } from './individual.ts'
import type { BuildId, Input, VersionId } from './input.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Search } from './search.ts'
import type { Why } from './why.ts'

export type Resolution =
  /** `builds` are the successes that vouch for the version: they become pipes of the build. */
  | { readonly kind: 'resolved'; readonly version: VersionId; readonly builds: readonly BuildId[] }
  /** The reason of its group: `why.input` may be another input. */
  | { readonly kind: 'unresolved'; readonly why: Why }

/** A group that had no solution, to be handed to the next `resolve` of the same job. */
export interface Unsatisfied {
  /** The group's inputs: another configuration is another group. */
  readonly key: string
  readonly mark: string
  readonly why: Why
}

export interface Outcome {
  readonly inputs: ReadonlyMap<string, Resolution>
  /** All inputs have a version. */
  readonly resolved: boolean
  /** `version: every` has more versions after these: choose again when they are adopted. */
  readonly more: boolean
  readonly unsatisfied: readonly Unsatisfied[]
}

/** Chooses the versions of a job's inputs. The caller answers what it asks. */
export function* resolve(inputs: readonly Input[], earlier: readonly Unsatisfied[] = [], limits: Limits = defaultLimits): Asking<Outcome> {
  const resolutions = new Map<string, Resolution>()
  const unsatisfied: Unsatisfied[] = []
  let more = false
  for (const input of inputs) {
    if (input.passed.length > 0) continue
    const chosen = yield* chooseAlone(input)
    if (chosen.kind === 'resolved') more ||= chosen.more
    resolutions.set(input.name, chosen.kind === 'resolved' ? { kind: 'resolved', version: chosen.version, builds: [] } : chosen)
  }
  for (const tied of groupsOf(inputs.filter(({ passed }) => passed.length > 0))) {
    const found = yield* chooseTogether(tied, earlier, limits)
    if (found.unsatisfied) unsatisfied.push(found.unsatisfied)
    more ||= found.more
    for (const [name, resolution] of found.inputs) resolutions.set(name, resolution)
  }
  return { inputs: resolutions, resolved: [...resolutions.values()].every(({ kind }) => kind === 'resolved'), more, unsatisfied }
}

interface Together {
  readonly inputs: readonly (readonly [string, Resolution])[]
  readonly more: boolean
  readonly unsatisfied?: Unsatisfied
}

function* chooseTogether(tied: readonly Input[], earlier: readonly Unsatisfied[], limits: Limits): Asking<Together> {
  const failed = (why: Why): Together => ({ inputs: tied.map(({ name }) => [name, { kind: 'unresolved', why }]), more: false })
  const pinned: GroupInput[] = []
  for (const input of tied) {
    const { name, pin, resource, chosen } = input
    const version = chosen ?? (pin && (yield* ask({ kind: 'pin', resource, pin }, 'number')).number)
    if (pin !== undefined && version === undefined) return failed({ kind: 'pin-unknown', input: name, pin })
    pinned.push({ ...input, ...(version !== undefined && { pinned: version }) })
  }
  const group = groupOf(pinned)
  const search = new Search(group, yield* EveryOrder.read(group, limits), limits)
  const key = JSON.stringify(group.inputs)
  const known = earlier.find((unsatisfiedGroup) => unsatisfiedGroup.key === key)
  const since = known === undefined ? 'unknown' : yield* sinceThen(group, search, known)
  const solution = since === 'unknown' ? yield* search.solve() : undefined
  if (solution === undefined) {
    const why = since === 'unchanged' && known !== undefined ? known.why : yield* explain(group, search.lists)
    const { mark } = yield* ask({ kind: 'mark', jobs: group.jobs }, 'mark')
    return { ...failed(why), unsatisfied: { key, mark, why } }
  }
  const chosen = group.inputs.map(({ name }, index): readonly [string, Resolution] => [
    name,
    { kind: 'resolved', version: solution.versions[index] ?? nothing, builds: solution.builds[index] ?? [] },
  ])
  return { inputs: chosen, more: solution.more }
}

/**
 * Where only successes were added to a group that had no solution, one of them vouches in every solution: each is tried alone, which takes as
 * long as there are new ones, however many there are of the others.
 */
function* sinceThen(group: Group, search: Search, { mark }: Unsatisfied): Asking<'unchanged' | 'still-none' | 'unknown'> {
  const answer = yield { kind: 'added', jobs: group.jobs, mark, resources: group.resources }
  if (answer.kind === 'changed') return 'unknown'
  if (answer.kind !== 'successes') throw new Error(`store answered added with ${answer.kind}, not successes`)
  for (const success of answer.successes) {
    const candidate = candidateOf(group, success)
    if (candidate !== undefined && (yield* search.solve(candidate)) !== undefined) return 'unknown'
  }
  return answer.successes.length === 0 ? 'unchanged' : 'still-none'
}
