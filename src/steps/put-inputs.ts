import type { ArtifactRef } from '../model/artifact.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'

export const putDirectory = '/tmp/build/put'

export interface PutInput {
  readonly name: string
  readonly path: string
  readonly artifact: ArtifactRef
}

/**
 * The artifacts that a put sees: `all`, the named ones, or (`detect`, the default) those whose name is the first segment of a
 * string anywhere in params.
 */
export function putInputs(
  inputs: 'all' | 'detect' | readonly string[] | undefined,
  params: JsonObject,
  artifacts: ReadonlyMap<string, ArtifactRef>,
): Result<readonly PutInput[], string> {
  if (inputs === 'all') return ok(named([...artifacts.keys()], artifacts))
  if (inputs === undefined || inputs === 'detect') {
    const detected = [...new Set(firstSegments(params))]
    return ok(named(detected.filter((name) => artifacts.has(name)), artifacts))
  }
  const missing = inputs.filter((name) => !artifacts.has(name))
  return missing.length > 0 ? fail(`missing inputs: ${missing.join(', ')}`) : ok(named([...new Set(inputs)], artifacts))
}

function named(names: readonly string[], artifacts: ReadonlyMap<string, ArtifactRef>): PutInput[] {
  return names.flatMap((name) => {
    const artifact = artifacts.get(name)
    return artifact === undefined ? [] : [{ name, path: `${putDirectory}/${name}`, artifact }]
  })
}

function firstSegments(value: Json): string[] {
  if (typeof value === 'string') return [firstSegment(value)]
  if (Array.isArray(value)) return value.flatMap(firstSegments)
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(firstSegments) : []
}

function firstSegment(text: string): string {
  return text.split('/').find((part) => part !== '' && part !== '.' && part !== '..') ?? text
}
