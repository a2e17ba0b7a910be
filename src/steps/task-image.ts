import type { TaskConfig } from '../model/config.ts'
import type { TaskPlan } from '../model/plan.ts'
import type { ImageRequest } from './ports.ts'

/** The image that a task asks for: the step's `image`, else its config's image_resource; undefined: neither is there. */
export function taskImage(plan: TaskPlan, config: TaskConfig | undefined): ImageRequest | undefined {
  if (plan.image !== undefined) return { kind: 'artifact', name: plan.image, privileged: plan.privileged }
  if (config?.image_resource === undefined) return undefined
  return {
    kind: 'image-resource',
    image: config.image_resource,
    types: plan.resource_types ?? [],
    privileged: plan.privileged,
    ...(plan.tags && { tags: plan.tags }),
    skipInterval: plan.check_skip_interval ?? false,
  }
}
