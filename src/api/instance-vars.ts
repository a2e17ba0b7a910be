import type { Json, JsonObject } from '../model/json.ts'
import { instanceLeaves } from '../config/vars/instance-query.ts'
import { parseReference } from '../config/vars/reference.ts'
import { plainScalar } from '../config/yaml/plain-scalar.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'

/** `vars={…}` and `vars.a.b=JSON` of a query, merged; undefined: the pipeline is no instance. */
export function instanceVars(query: URLSearchParams): Result<JsonObject | undefined, string> {
  const vars = Object.create(null) as JsonObject
  let any = false
  for (const [name, text] of query) {
    if (name !== 'vars' && !name.startsWith('vars.')) continue
    const value = parsed(text)
    if (value === undefined) return fail(`${name}: expected JSON`)
    any = true
    if (name === 'vars') {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('vars: expected a JSON object')
      Object.assign(vars, value)
    } else {
      const reference = parseReference(name)
      if (!reference.ok) return fail(`${name}: ${reference.error.reason}`)
      set(vars, reference.value.fields, value)
    }
  }
  return ok(any ? vars : undefined)
}

function set(vars: JsonObject, keys: readonly string[], value: Json): void {
  let at = vars
  for (const key of keys.slice(0, -1)) {
    const inner = at[key]
    const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : (Object.create(null) as JsonObject)
    at[key] = object
    at = object
  }
  at[keys.at(-1) ?? ''] = value
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A pipeline with its instance vars, as Concourse prints them: `name/a.b:1,c:x`. */
export function instanceName({ name, instanceVars: vars }: PipelineRef): string {
  if (vars === undefined) return name
  const shown = (value: Json): string => (typeof value === 'string' && typeof plainScalar(value) === 'string' && !/[,: /]/.test(value) ? value : JSON.stringify(value))
  return `${name}/${instanceLeaves(vars).map(([path, value]) => `${path}:${shown(value)}`).join(',')}`
}
