import type { Json } from '../model/json.ts'
import { goJson } from './go-json.ts'
import { isObject, objectOf } from './json-object.ts'

/** A task param as its environment variable: text as it is, null empty, everything else as JSON as Go writes it, with sorted keys. */
export function toEnvString(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : goJson(sorted(value))
}

/** `params` of a task as environment variables, in the order of their names. */
export function taskEnv(params: { readonly [name: string]: Json } | undefined): { name: string; value: string }[] {
  return Object.entries(params ?? {})
    .map(([name, value]) => ({ name, value: toEnvString(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const names = Object.keys(value).sort()
  return objectOf(names.map((name) => [name, sorted(value[name] ?? null)] as const))
}
