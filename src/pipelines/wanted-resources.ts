import { createHash } from 'node:crypto'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { PipelineConfig, ResourceConfig } from '../model/config.ts'
import type { Resource, ResourcePin } from '../model/pipeline.ts'
import type { WantedResource, WantedType } from './ports.ts'

export function wantedResource(config: ResourceConfig, row: Resource | undefined): WantedResource {
  const pin = pinAfter(config, row?.pin)
  const hash = textHash(config)
  return { name: config.name, type: config.type, textHash: hash, keepsScope: row?.textHash === hash, ...(pin && { pin }), ...(config.check_every !== undefined && { checkEvery: config.check_every }) }
}

/** A pin of the config replaces any other. One that was in the config and is there no more goes; one that somebody set by hand stays. */
function pinAfter({ version }: ResourceConfig, pin: ResourcePin | undefined): ResourcePin | undefined {
  if (version === undefined) return pin?.inConfig === true ? undefined : pin
  const comment = pin?.inConfig === true ? pin.comment : undefined
  return { version, inConfig: true, ...(comment !== undefined && { comment }) }
}

export function wantedTypes({ resource_types = [], prototypes = [] }: PipelineConfig): readonly WantedType[] {
  const rows = (kind: WantedType['kind'], types: typeof resource_types): WantedType[] =>
    types.map((type) => ({ kind, name: type.name, type: type.type, textHash: textHash(type) }))
  return [...rows('resource-type', resource_types), ...rows('prototype', prototypes)]
}

/**
 * Of what is written: a credential that changes behind a var changes nothing here. The custom type's own text is no part of it, so that a
 * resource keeps its history when the image of its type moves.
 */
const textHash = ({ type, source }: { readonly type: string; readonly source: object }): string =>
  createHash('sha256').update(canonicalJson([type, source])).digest('hex')
