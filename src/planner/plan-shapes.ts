import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanBodies, PlanKind } from '../model/plan.ts'

/** What a field of a posted plan must be, where it is there at all. */
type Shape = 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'texts' | 'inputs' | 'objects' | 'across-vars'

const resource = {
  name: 'string', type: 'string', resource: 'string', source: 'object', image: 'object', params: 'object', tags: 'strings', timeout: 'string',
} as const satisfies Record<string, Shape>

/** The fields of a body, without the plans that stand in it (children.ts has those). */
type FieldShapes<B> = B extends readonly unknown[] ? Readonly<Record<string, never>> : { readonly [F in keyof B as NonNullable<B[F]> extends Plan | readonly Plan[] ? never : F]-?: Shape }

const fields: { readonly [K in PlanKind]: FieldShapes<PlanBodies[K]> } = {
  get: { ...resource, version: 'texts', version_from: 'string' },
  put: { ...resource, inputs: 'inputs', expose_build_created_by: 'boolean' },
  check: { ...resource, from_version: 'texts', resource_type: 'string', prototype: 'string', interval: 'string', skip_interval: 'boolean' },
  task: {
    name: 'string', privileged: 'boolean', hermetic: 'boolean', tags: 'strings', config_path: 'string', config: 'object', container_limits: 'object',
    image: 'string', vars: 'object', params: 'object', input_mapping: 'texts', output_mapping: 'texts', timeout: 'string', resource_types: 'objects',
    check_skip_interval: 'boolean',
  },
  run: {
    message: 'string', type: 'string', object: 'object', privileged: 'boolean', tags: 'strings', container_limits: 'object', timeout: 'string',
  },
  set_pipeline: { name: 'string', file: 'string', team: 'string', vars: 'object', var_files: 'strings', instance_vars: 'object' },
  load_var: { name: 'string', file: 'string', format: 'string', reveal: 'boolean' },
  do: {},
  in_parallel: { limit: 'number', fail_fast: 'boolean' },
  across: { vars: 'across-vars', fail_fast: 'boolean' },
  on_success: {},
  on_failure: {},
  on_abort: {},
  on_error: {},
  ensure: {},
  try: {},
  timeout: { duration: 'string' },
  retry: {},
  artifact_input: { artifact_id: 'number', name: 'string' },
  artifact_output: { name: 'string' },
}

/** Fields that a body must have; all of them are strings. */
export const requiredTexts: Readonly<Record<PlanKind, readonly string[]>> = {
  get: ['type'],
  put: ['name', 'type'],
  check: ['name', 'type'],
  task: ['name'],
  run: ['message', 'type'],
  set_pipeline: ['name', 'file'],
  load_var: ['name', 'file'],
  do: [],
  in_parallel: [],
  across: [],
  on_success: [],
  on_failure: [],
  on_abort: [],
  on_error: [],
  ensure: [],
  try: [],
  timeout: ['duration'],
  retry: [],
  artifact_input: ['name'],
  artifact_output: ['name'],
}

const typeImage: Readonly<Record<string, Shape>> = { base_type: 'string', privileged: 'boolean' }

/** What is wrong with a body's fields, in words; null counts as absent. */
export function misshapen(kind: PlanKind, body: JsonObject, path: string): string | undefined {
  const wrong = firstWrong(fields[kind], body, path)
  const image = body['image']
  return wrong ?? (typeof image === 'object' && image !== null && !Array.isArray(image) ? firstWrong(typeImage, image, `${path}.image`) : undefined)
}

function firstWrong(shapes: Readonly<Record<string, Shape>>, body: JsonObject, path: string): string | undefined {
  for (const [name, shape] of Object.entries(shapes)) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    if (value !== undefined && value !== null && !is(shape, value)) return `${path}.${name}: expected ${words[shape]}`
  }
  return undefined
}

const words: Readonly<Record<Shape, string>> = {
  string: 'a string', number: 'a number', boolean: 'true or false', object: 'an object', strings: 'a list of strings', texts: 'a map of strings',
  inputs: '"all", "detect" or a list of names', objects: 'a list of objects',
  'across-vars': 'a list of vars, each with a name and perhaps a `max_in_flight` that is a number or "all"',
}

function is(shape: Shape, value: Json): boolean {
  switch (shape) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === shape
    case 'object':
      return isMap(value)
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'texts':
      return isMap(value) && Object.values(value).every((item) => typeof item === 'string')
    case 'inputs':
      return value === 'all' || value === 'detect' || is('strings', value)
    case 'objects':
      return Array.isArray(value) && value.every(isMap)
    case 'across-vars':
      return Array.isArray(value) && value.every(isAcrossVar)
  }
}

const isAcrossVar = (value: Json): boolean =>
  isMap(value) && typeof value['name'] === 'string' && (value['max_in_flight'] === undefined || value['max_in_flight'] === 'all' || typeof value['max_in_flight'] === 'number')

/** The body with numbers and booleans as text where text belongs: a var that stands alone there has made them. */
export function withTexts(kind: PlanKind, body: JsonObject): JsonObject {
  const shapes: Readonly<Record<string, Shape>> = fields[kind]
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, textual(Object.hasOwn(shapes, name) ? shapes[name] : undefined, value)]))
}

function textual(shape: Shape | undefined, value: Json): Json {
  if (shape === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
  if ((shape === 'strings' || shape === 'inputs') && Array.isArray(value)) return value.map((item) => textual('string', item))
  if (shape === 'texts' && isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textual('string', item)]))
  return value
}

const isMap = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether lists and maps nest deeper than that; without recursion, since that is what it guards. */
export function deeperThan(value: Json, limit: number): boolean {
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return false
}
