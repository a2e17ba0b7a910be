import type { CheckPlan, GetPlan, PutPlan } from '../../model/plan.ts'

/** A registry image, and of the base type: a pipeline's own type of that name has its own way of fetching. */
export function nativelyFetched(plan: Pick<GetPlan | CheckPlan | PutPlan, 'type' | 'image'>): boolean {
  return plan.type === 'registry-image' && plan.image.get_plan === undefined
}
