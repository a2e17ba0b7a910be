import type { ContainerLimits, TaskConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'

export interface TaskOverrides {
  readonly params?: { readonly [name: string]: Json }
  readonly container_limits?: ContainerLimits
}

/**
 * A task's config with what its step says laid over it: params name by name, limits one by one.
 * A param that the task does not name is set all the same, with a warning.
 */
export function overrideTask(config: TaskConfig, step: TaskOverrides): { config: TaskConfig; warnings: string[] } {
  const own = config.params ?? {}
  const params = { ...own, ...step.params }
  const limits = { ...config.container_limits, ...step.container_limits }
  const warnings = Object.keys(step.params ?? {})
    .filter((name) => !Object.hasOwn(own, name))
    .map((name) => `${name} was defined in pipeline but missing from task file`)
  return {
    config: {
      ...config,
      ...(Object.keys(params).length > 0 && { params }),
      ...(Object.keys(limits).length > 0 && { container_limits: limits }),
    },
    warnings,
  }
}
