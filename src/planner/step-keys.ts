import type { Plan, PlanId } from '../model/plan.ts'
import { children, type MadeChildren } from './children.ts'
import { stepName } from './step-name.ts'

/**
 * By plan id, what a step with a container is called among all steps of its build: by kind and name, as a hook of which kind, which
 * attempt, with which values of an across. The same step of another build has the same key, though the config was changed in between and
 * plan ids are others. Of steps that are called alike, the second has the number 2, and so on.
 */
export function stepKeys(root: Plan, made?: MadeChildren): ReadonlyMap<PlanId, string> {
  const keys = new Map<PlanId, string>()
  const counts = new Map<string, number>()
  const visit = (plan: Plan, place: readonly unknown[]): void => {
    const name = stepName(plan)
    if (name !== undefined) {
      const key = JSON.stringify([...place, name.kind, name.name])
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      keys.set(plan.id, `${key} ${count}`)
    }
    for (const [index, { role, values, plan: child }] of children(plan, made).entries()) {
      switch (role) {
        case 'step': visit(child, place); break
        case 'hook': visit(child, [...place, plan.kind]); break
        case 'attempt': visit(child, [...place, index + 1]); break
        case 'made': visit(child, [...place, values]); break
        case 'image': visit(child, [...place, 'image of', name?.kind, name?.name]); break
      }
    }
  }
  visit(root, [])
  return keys
}
