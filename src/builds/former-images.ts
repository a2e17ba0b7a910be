import type { FormerBuild, FormerImage } from '../model/former-build.ts'
import type { Plan, PlanId } from '../model/plan.ts'
import type { MadeChildren } from '../planner/children.ts'
import { decodePlan } from '../planner/plan-json.ts'
import { stepKeys } from '../planner/step-keys.ts'
import { madeChildren } from './step-reports.ts'

interface OfBuild {
  readonly plan: Plan
  readonly made: MadeChildren
  /** Steps that ran in an image with a digest. */
  readonly wanted: ReadonlySet<PlanId>
}

/** A build with the digests that its steps had, by what the steps are called. */
export interface KeyedBuild {
  readonly name: string
  readonly digests: readonly (readonly [key: string, digest: string])[]
}

/** For each step, the digest that it had in the last build before in which it had one. `builds`: the newest first. */
export function formerImages({ plan, made, wanted }: OfBuild, builds: Iterable<KeyedBuild>): ReadonlyMap<PlanId, FormerImage> {
  const keys = stepKeys(plan, made)
  const left = new Map([...wanted].flatMap((id) => {
    const key = keys.get(id)
    return key === undefined ? [] : [[key, id]]
  }))
  const found = new Map<PlanId, FormerImage>()
  if (left.size === 0) return found
  for (const build of builds) {
    for (const [key, digest] of build.digests) {
      const id = left.get(key)
      if (id === undefined) continue
      found.set(id, { build: build.name, digest })
      left.delete(key)
    }
    if (left.size === 0) break
  }
  return found
}

export function* keyedBuilds(builds: Iterable<FormerBuild>): IterableIterator<KeyedBuild> {
  for (const build of builds) yield keyed(build)
}

function keyed({ name, context, digests, made }: FormerBuild): KeyedBuild {
  const plan = decodePlan(context['plan'] ?? null)
  if (!plan.ok) return { name, digests: [] }
  const keys = stepKeys(plan.value, madeChildren(plan.value, made))
  return {
    name,
    digests: [...digests].flatMap(([id, digest]) => {
      const key = keys.get(id)
      return key === undefined ? [] : [[key, digest] as const]
    }),
  }
}
