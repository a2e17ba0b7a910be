import type { PipelineConfig, ResourceConfig, ResourceTypeConfig } from '../model/config.ts'
import type { PlanNode } from '../model/plan.ts'
import type { Version } from '../model/version.ts'
import { imageForType } from './image-plans.ts'

export interface CheckPlanOptions {
  /** The version to check from; absent: the latest. */
  readonly from?: Version
  /** The images of its types are not checked again within their intervals. Default: they are. */
  readonly typesWithinInterval?: boolean
}

/** The plan of a resource's check (Concourse: check builds). `id` is unique within the build. */
export function planCheck(config: PipelineConfig, resource: ResourceConfig, id: string, { from, typesWithinInterval = false }: CheckPlanOptions = {}): PlanNode<'check'> {
  const types = config.resource_types ?? []
  return {
    id,
    kind: 'check',
    check: {
      name: resource.name,
      type: resource.type,
      resource: resource.name,
      source: { ...types.find((type) => type.name === resource.type)?.defaults, ...resource.source },
      image: imageForType(id, resource.type, types, { skipInterval: !typesWithinInterval, ...(resource.tags && { tags: resource.tags }) }),
      skip_interval: true,
      ...(from && { from_version: from }),
      ...(resource.check_timeout !== undefined && { timeout: resource.check_timeout }),
      ...(resource.tags && { tags: resource.tags }),
    },
  }
}

/** The plan of a check of a type's image. The type does not see itself among the types, as where the image is fetched. */
export function planTypeCheck(
  config: PipelineConfig,
  type: ResourceTypeConfig,
  id: string,
  { from, typesWithinInterval = false, kind }: CheckPlanOptions & { readonly kind: 'resource-type' | 'prototype' },
): PlanNode<'check'> {
  const others = (config.resource_types ?? []).filter((other) => kind === 'prototype' || other.name !== type.name)
  return {
    id,
    kind: 'check',
    check: {
      name: type.name,
      type: type.type,
      ...(kind === 'prototype' ? { prototype: type.name } : { resource_type: type.name }),
      source: { ...others.find((other) => other.name === type.type)?.defaults, ...type.source },
      image: imageForType(id, type.type, others, { skipInterval: !typesWithinInterval, ...(type.tags && { tags: type.tags }) }),
      skip_interval: true,
      ...(from && { from_version: from }),
      ...(type.tags && { tags: type.tags }),
    },
  }
}
