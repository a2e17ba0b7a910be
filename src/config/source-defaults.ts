import type { JsonObject } from '../model/json.ts'

/** A source over its type's `defaults`: key by key, not deep, the source's own value first (Concourse: Source.Merge). */
export function withDefaults(source: JsonObject | undefined, type: { readonly defaults?: JsonObject } | undefined): JsonObject {
  return { ...type?.defaults, ...source }
}
