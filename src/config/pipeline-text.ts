import { canonicalJson } from '../lib/canonical-json.ts'
import type { Json, JsonObject } from '../model/json.ts'

/** A pipeline as people write it: `demo`, or an instance `demo/branch:main,os.arch:"a b"`. */
export function pipelineText({ name, instanceVars }: { readonly name: string; readonly instanceVars?: JsonObject }): string {
  if (instanceVars === undefined || Object.keys(instanceVars).length === 0) return name
  return `${name}/${flattened(instanceVars).map(([key, value]) => `${key}:${typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : canonicalJson(value)}`).join(',')}`
}

function flattened(vars: JsonObject, prefix = ''): [string, Json][] {
  return Object.entries(vars).flatMap(([key, value]): [string, Json][] => {
    const name = `${prefix}${/^[\w-]+$/.test(key) ? key : JSON.stringify(key)}`
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flattened(value, `${name}.`) : [[name, value]]
  })
}
