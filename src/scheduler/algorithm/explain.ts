import type { Asking } from './ask.ts'
import { nothing, type Candidate, type Group } from './group.ts'
import type { VersionId } from './input.ts'
import type { Lists } from './lists.ts'
import { State, type Pair } from './state.ts'
import type { Passed, PartialChoice, Why } from './why.ts'

/** Says why a group has no solution: the plainest reason that holds. */
export function* explain(group: Group, lists: Lists): Asking<Why> {
  for (const [index, input] of group.inputs.entries()) {
    const newest: Passed[] = []
    for (const job of input.passed) {
      const success = yield* firstOf(lists, { input: index, job })
      if (success === undefined) return { kind: 'never-passed', input: input.name, job }
      newest.push({ job, build: success.build, version: success.gives[index] ?? nothing })
    }
    const wanted = newest[0]?.version ?? nothing
    for (const { job, version } of newest) {
      if (version !== wanted && (yield* firstOf(lists, { input: index, job }, { version: wanted })) === undefined) {
        return { kind: 'no-common', input: input.name, newest, missing: job }
      }
    }
  }
  // Each alone has something in common: take the newest that agrees with what was taken before, until none does.
  const state = new State(group)
  for (let pair = state.nextPair(() => false); pair !== undefined; pair = state.nextPair(() => false)) {
    const success = yield* firstOf(lists, pair, { version: state.versions[pair.input], fits: (candidate) => state.agrees(candidate) })
    if (success === undefined) return conflict(group, state, pair, yield* firstOf(lists, pair))
    state.vouch(success)
  }
  throw new Error('group without solution has one')
}

/** The newest success of the pair's job that gives its input a version: this one, if it is given. */
function* firstOf(
  lists: Lists,
  { input, job }: Pair,
  { version = nothing, fits = () => true }: { readonly version?: VersionId | undefined; readonly fits?: (candidate: Candidate) => boolean } = {},
): Asking<Candidate | undefined> {
  const list = lists.of({ input, job }, version)
  for (let at = 0, candidate = yield* list.at(0); candidate !== undefined; candidate = yield* list.at(++at)) {
    const given = candidate.gives[input] ?? nothing
    if (given !== nothing && (version === nothing || given === version) && fits(candidate)) return candidate
  }
  return undefined
}

function conflict(group: Group, state: State, pair: Pair, newest: Candidate | undefined): Why {
  const at = newest?.gives.findIndex((version, index) => version !== nothing && state.versions[index] !== nothing && version !== state.versions[index]) ?? -1
  const [input, other] = [group.inputs[pair.input], group.inputs[at]]
  if (newest === undefined || input === undefined || other === undefined) throw new Error(`no conflict at job ${pair.job}`)
  const chosen: PartialChoice = Object.fromEntries(
    group.inputs.flatMap(({ name }, index) => (state.versions[index] === nothing ? [] : [[name, state.versions[index] ?? nothing]])),
  )
  return {
    kind: 'conflict',
    input: input.name,
    job: pair.job,
    build: newest.build,
    other: other.name,
    gives: newest.gives[at] ?? nothing,
    wanted: state.versions[at] ?? nothing,
    chosen,
  }
}
