import type { Json, JsonObject } from '../../model/json.ts'
import { formatReference } from './reference.ts'

/** `?vars.a.b=1&vars.c="x"`; empty for a pipeline that is no instance. */
export function instanceQuery(vars: JsonObject | undefined): string {
  if (vars === undefined) return ''
  return `?${new URLSearchParams(instanceLeaves(vars).map(([path, value]): [string, string] => [`vars.${path}`, JSON.stringify(value)])).toString()}`
}

/** Values with the references that lead to them, sorted. */
export function instanceLeaves(vars: JsonObject): (readonly [path: string, value: Json])[] {
  return leavesOf(vars, []).map(([[path = '', ...fields], value]) => [formatReference({ path, fields }), value])
}

function leavesOf(vars: JsonObject, prefix: readonly string[]): [readonly string[], Json][] {
  return Object.keys(vars).toSorted().flatMap((key): [readonly string[], Json][] => {
    const value = vars[key] as Json
    const keys = [...prefix, key]
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0 ? leavesOf(value, keys) : [[keys, value]]
  })
}
