import type { z } from 'zod'
import { pipelineToJson } from '../../config/wire.ts'
import type { PipelineConfig } from '../../model/config.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { ListedResource, ListedVersion } from '../ports.ts'
import type { resourceSchema, resourceTypeSchema, resourceVersionSchema } from '../schemas.ts'
import { presentSummary, seconds } from './builds.ts'
import type { ListedConfig } from './listed-config.ts'

export interface ResourceToPresent {
  readonly pipeline: Pipeline
  readonly resource: ListedResource
  /** Undefined: the config cannot be read. */
  readonly config: ListedConfig | undefined
  /** Of its last check. */
  readonly check?: ListedBuild | undefined
  readonly member: boolean
}

export function presentResource({ pipeline, resource, config, check, member }: ResourceToPresent): z.input<typeof resourceSchema> {
  const icon = config?.icons.find((one) => one.resource === resource.name)?.icon
  const { pin } = resource
  return {
    id: resource.id,
    name: resource.name,
    pipeline_id: pipeline.id,
    pipeline_name: pipeline.name,
    ...(pipeline.instanceVars && { pipeline_instance_vars: pipeline.instanceVars }),
    team_name: pipeline.team,
    type: resource.type,
    ...(resource.checkedAt !== undefined && { last_checked: seconds(resource.checkedAt) }),
    ...(icon !== undefined && { icon }),
    ...(pin && { pinned_version: pin.version, ...(pin.inConfig && { pinned_in_config: true }) }),
    ...(pin?.comment !== undefined && member && { pin_comment: pin.comment }),
    ...(check && { build: presentSummary(check) }),
  }
}

/** Metadata is for members, and of a public resource for strangers too. */
export const presentVersion = ({ id, version, metadata, enabled }: ListedVersion, withMetadata: boolean): z.input<typeof resourceVersionSchema> => ({
  id,
  version,
  ...(withMetadata && metadata && metadata.length > 0 && { metadata: metadata.map(({ name, value }) => ({ name, value })) }),
  enabled,
})

/** Sources and params may hold secrets: they are for members. */
export function presentResourceTypes(config: PipelineConfig, member: boolean): z.input<typeof resourceTypeSchema>[] {
  const types = (pipelineToJson(config)['resource_types'] ?? []) as JsonObject[]
  const shown = ['privileged', 'check_every', 'tags', ...(member ? ['defaults', 'params'] : [])]
  return types.map((type) => ({
    name: type['name'],
    type: type['type'],
    source: member ? (type['source'] ?? {}) : {},
    ...Object.fromEntries(Object.entries(type).filter(([key]) => shown.includes(key))),
  })) as z.input<typeof resourceTypeSchema>[]
}
