import type { Json, JsonObject } from '../model/json.ts'

/** Sets an own property whatever its name: `__proto__` from a file must be data, never a prototype. */
export function setKey(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else object[key] = value
}

export const getKey = (object: JsonObject, key: string): Json | undefined => (Object.hasOwn(object, key) ? object[key] : undefined)

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  const object: JsonObject = {}
  for (const [key, value] of entries) setKey(object, key, value)
  return object
}
