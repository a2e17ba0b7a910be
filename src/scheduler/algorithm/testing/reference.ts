import { byOrder, type Input, type JobId, type Success, type VersionId } from '../input.ts'
import type { World } from './world.ts'

/** The inputs of a group, with the versions that their pins stand for. */
export type ReferenceInput = Pick<Input, 'name' | 'resource' | 'passed'> & { readonly pinned?: VersionId }
type Choice = ReadonlyMap<string, VersionId>

/** I3 and I4 as they are written, without any pruning: what `resolve` has to choose for inputs that are not `every`. */
export function reference(world: World, inputs: readonly ReferenceInput[]): Choice | undefined {
  const named = inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const pins = new Map(named.flatMap(({ name, pinned }) => (pinned === undefined ? [] : [[name, pinned] as const])))
  return complete(world, named, pins, new Set())
}

function complete(world: World, inputs: readonly ReferenceInput[], chosen: Choice, vouched: ReadonlySet<string>): Choice | undefined {
  for (const input of inputs) {
    for (const job of input.passed.toSorted((a, b) => a - b)) {
      if (vouched.has(`${input.name} ${job}`)) continue
      for (const success of newestFirst(world, job)) {
        const given = givenBy(world, success, inputs)
        if (given === undefined || !given.has(input.name)) continue
        if ([...given].some(([name, version]) => chosen.has(name) && chosen.get(name) !== version)) continue
        const found = complete(world, inputs, new Map([...chosen, ...given]), new Set([...vouched, ...[...given.keys()].map((name) => `${name} ${job}`)]))
        if (found !== undefined) return found
      }
      return undefined
    }
  }
  return chosen
}

/** I3 as a check of a whole choice. */
export function holds(world: World, inputs: readonly ReferenceInput[], choice: Choice): boolean {
  return inputs.every((input) =>
    input.passed.every((job) =>
      newestFirst(world, job).some((success) => {
        const given = givenBy(world, success, inputs)
        return given?.get(input.name) === choice.get(input.name) && given !== undefined && [...given].every(([name, version]) => choice.get(name) === version)
      }),
    ),
  )
}

const newestFirst = (world: World, job: JobId): Success[] => world.successes.filter((success) => success.job === job).toSorted((a, b) => byOrder(b, a))

/** What a success gives each input that it has to pass; undefined if it is spoiled. */
function givenBy(world: World, { job, resources, versions }: Success, inputs: readonly ReferenceInput[]): Choice | undefined {
  const given = new Map<string, VersionId>()
  for (const { name, resource, passed, pinned } of inputs) {
    const listed = versions.filter((_, at) => resources[at] === resource)
    if (!passed.includes(job) || listed.length === 0) continue
    const usable = listed.filter((version) => world.isUsable(resource, version))
    const version = usable.find((one) => one === pinned) ?? usable[0]
    if (version === undefined || (pinned !== undefined && version !== pinned)) return undefined
    given.set(name, version)
  }
  return given
}
