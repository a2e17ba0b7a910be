import type { TaskConfig } from '../../model/config.ts'
import type { CheckPlan, GetPlan, Plan, PlanId, PlanNode, PutPlan } from '../../model/plan.ts'
import { isContainerPlan } from '../../planner/container-plan.ts'
import { imagePlans } from '../../planner/image-plans.ts'
import type { ImageRequest } from '../../steps/ports.ts'
import { taskImage } from '../../steps/task-image.ts'
import type { EngineServices } from '../build-context.ts'

/** How a step comes to its image. */
export type ImageWay = { readonly privileged: boolean } & (
  /** The operator's map of base types names it. */
  | { readonly kind: 'base-type'; readonly type: string }
  /** `native`: the runtime pulls what the check finds, and no get runs. `get`: check and get run in containers, and the image is an artifact. */
  | { readonly kind: 'native' | 'get'; readonly get: PlanNode<'get'>; readonly check?: PlanNode<'check'> | undefined }
  /** What a step of the build has made, or a get has found. */
  | { readonly kind: 'artifact'; readonly name: string }
)

export type FetchedWay = Extract<ImageWay, { readonly kind: 'native' | 'get' }>

/**
 * The one decision about which way a step comes to its image, from its plan and whether the runtime pulls images here (nativePulls).
 * Whether nodes can pull a native one is known only when its registry has been asked; where they cannot, its get runs after all.
 */
export function imageWay(planId: PlanId, request: ImageRequest, native: boolean): ImageWay {
  switch (request.kind) {
    case 'artifact':
      return { kind: 'artifact', name: request.name, privileged: request.privileged }
    case 'type': {
      const { get_plan, check_plan, base_type = '', privileged = false } = request.image
      // The decoder and the planner put a get and a check here, and nothing else.
      return get_plan === undefined ? { kind: 'base-type', type: base_type, privileged } : fetched(get_plan as PlanNode<'get'>, check_plan as PlanNode<'check'> | undefined, privileged, native)
    }
    case 'image-resource': {
      const { image, types, tags, skipInterval, privileged } = request
      const { getPlan, checkPlan } = imagePlans(planId, image, types, { skipInterval, ...(tags && { tags }) })
      return fetched(getPlan, checkPlan, privileged, native)
    }
  }
}

const fetched = (get: PlanNode<'get'>, check: PlanNode<'check'> | undefined, privileged: boolean, native: boolean): FetchedWay => ({
  kind: isPulled(get.get, native) ? 'native' : 'get', get, check, privileged,
})

/** Which image a plan's container asks for; undefined: it has none, or its task's config is in a file. */
export function imageRequest(plan: Plan, config?: TaskConfig): ImageRequest | undefined {
  if (!isContainerPlan(plan)) return undefined
  switch (plan.kind) {
    case 'get':
      return { kind: 'type', image: plan.get.image }
    case 'put':
      return { kind: 'type', image: plan.put.image }
    case 'check':
      return { kind: 'type', image: plan.check.image }
    case 'task':
      return taskImage(plan.task, config ?? plan.task.config)
  }
}

/** The resource type of a get, put or check; empty for others. */
export const resourceTypeOf = (plan: Plan): string => (plan.kind === 'get' ? plan.get.type : plan.kind === 'put' ? plan.put.type : plan.kind === 'check' ? plan.check.type : '')

/** Whether the runtime pulls registry images itself: what it can, and what the operator wants. */
export const nativePulls = ({ options, runtime }: Pick<EngineServices, 'options' | 'runtime'>): boolean =>
  options.nativeImageFetch && runtime.capabilities.nativeImageFetch

/** Whether the runtime pulls what this plan is about: nothing of it runs in a container then. */
export const isPulled = (plan: ResourcePlan, native: boolean): boolean => native && isRegistryImage(plan)

/** A registry image, and of the base type: a pipeline's own type of that name has its own way of fetching. */
export const isRegistryImage = (plan: ResourcePlan): boolean => plan.type === 'registry-image' && plan.image.get_plan === undefined

/** A `time` resource of the base type, for which the operator has named no image: nothing of it runs in a container. */
export const isTimeInProcess = (plan: ResourcePlan, { options }: Pick<EngineServices, 'options'>): boolean =>
  options.timeInProcess && plan.type === 'time' && plan.image.get_plan === undefined

type ResourcePlan = Pick<GetPlan | CheckPlan | PutPlan, 'type' | 'image'>
