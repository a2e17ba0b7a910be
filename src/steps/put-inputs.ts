import type { Json, JsonObject } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'

export const putDirectory = '/tmp/build/put'

/**
 * Names of the artifacts that a put sees: `all`, the named ones, or (`detect`, the default) those whose name is the first segment of a
 * string anywhere in params.
 */
export function putInputs(
  inputs: 'all' | 'detect' | readonly string[] | undefined,
  params: JsonObject,
  known: ReadonlySet<string>,
): Result<readonly string[], string> {
  if (inputs === 'all') return ok([...known])
  if (inputs === undefined || inputs === 'detect') return ok([...new Set(firstSegments(params))].filter((name) => known.has(name)))
  const missing = inputs.filter((name) => !known.has(name))
  return missing.length > 0 ? fail(`input not found: ${missing.join(', ')}`) : ok([...new Set(inputs)])
}

function firstSegments(value: Json): string[] {
  if (typeof value === 'string') return [firstSegment(value)]
  if (Array.isArray(value)) return value.flatMap(firstSegments)
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(firstSegments) : []
}

function firstSegment(text: string): string {
  return text.split('/').find((part) => part !== '' && part !== '.' && part !== '..') ?? text
}
