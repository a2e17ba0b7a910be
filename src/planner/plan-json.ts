import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanKind, TypeImage } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { eachPlan } from './image-plans.ts'
import { deeperThan, misshapen } from './plan-shapes.ts'

/**
 * The wire form of a plan (Concourse: atc/plan.go): `{"id","get":{…}}`, tagged by its one body key. fly posts such plans,
 * so the decoder trusts nothing; unknown keys of a node are dropped, several bodies or none are an error.
 */
export function encodePlan(plan: Plan): JsonObject {
  const node: JsonObject = { id: plan.id }
  if (plan.attempts !== undefined) node['attempts'] = [...plan.attempts]
  node[plan.kind] = encodeBody(plan)
  return node
}

function encodeBody(plan: Plan): Json {
  switch (plan.kind) {
    case 'do':
      return plan.do.map(encodePlan)
    case 'retry':
      return plan.retry.map(encodePlan)
    case 'in_parallel':
      return { ...plain(plan.in_parallel), steps: plan.in_parallel.steps.map(encodePlan) }
    case 'on_success':
      return { step: encodePlan(plan.on_success.step), on_success: encodePlan(plan.on_success.on_success) }
    case 'on_failure':
      return { step: encodePlan(plan.on_failure.step), on_failure: encodePlan(plan.on_failure.on_failure) }
    case 'on_abort':
      return { step: encodePlan(plan.on_abort.step), on_abort: encodePlan(plan.on_abort.on_abort) }
    case 'on_error':
      return { step: encodePlan(plan.on_error.step), on_error: encodePlan(plan.on_error.on_error) }
    case 'ensure':
      return { step: encodePlan(plan.ensure.step), ensure: encodePlan(plan.ensure.ensure) }
    case 'try':
      return { step: encodePlan(plan.try.step) }
    case 'timeout':
      return { step: encodePlan(plan.timeout.step), duration: plan.timeout.duration }
    case 'get':
      return { ...plain(plan.get), image: encodeImage(plan.get.image) }
    case 'put':
      return { ...plain(plan.put), image: encodeImage(plan.put.image) }
    case 'check':
      return { ...plain(plan.check), image: encodeImage(plan.check.image) }
    case 'task':
      return plain(plan.task)
    case 'run':
      return plan.run
    case 'set_pipeline':
      return plan.set_pipeline
    case 'load_var':
      return plan.load_var
    case 'across':
      return plan.across
    case 'artifact_input':
      return plain(plan.artifact_input)
    case 'artifact_output':
      return plain(plan.artifact_output)
  }
}

function encodeImage(image: TypeImage): JsonObject {
  const { check_plan, get_plan, ...rest } = image
  return {
    ...plain(rest),
    ...(check_plan && { check_plan: encodePlan(check_plan) }),
    ...(get_plan && { get_plan: encodePlan(get_plan) }),
  }
}

/** Bodies hold JSON only; the types differ by readonly and by absent keys, which JSON leaves out. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

const kinds: readonly PlanKind[] = [
  'get', 'put', 'check', 'task', 'run', 'set_pipeline', 'load_var', 'do', 'in_parallel', 'across', 'on_success', 'on_failure',
  'on_abort', 'on_error', 'ensure', 'try', 'timeout', 'retry', 'artifact_input', 'artifact_output',
]

/** How deep steps may nest in a plan that a client posts. */
const maxDepth = 200
/** How deep its lists and maps may nest altogether: a step is two of them, and its params are its own. */
const maxJsonDepth = 1000

/** Never throws. Ids are unique: what is kept of a step is kept by its id. */
export function decodePlan(value: Json): Result<Plan, string> {
  if (deeperThan(value, maxJsonDepth)) return fail(`plan: lists and maps nest deeper than ${maxJsonDepth}`)
  const plan = decodeNode(value, 'plan', 0)
  if (!plan.ok) return plan
  const ids = new Set<string>()
  let twice: string | undefined
  eachPlan(plan.value, ({ id }) => {
    if (ids.has(id)) twice ??= id
    ids.add(id)
  })
  return twice === undefined ? plan : fail(`plan: two steps have the id ${JSON.stringify(twice)}`)
}

function decodeNode(value: Json, path: string, depth: number): Result<Plan, string> {
  if (depth > maxDepth) return fail(`${path}: steps nest deeper than ${maxDepth}`)
  if (!isObject(value)) return fail(`${path}: expected an object`)
  const id = value['id']
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,500}$/.test(id)) return fail(`${path}.id: expected a string of 1 to 500 printable ASCII characters`)
  const present = kinds.filter((kind) => Object.hasOwn(value, kind) && value[kind] !== null)
  const kind = present[0]
  if (kind === undefined || present.length > 1) {
    return fail(`${path}: expected exactly one step, found ${present.length === 0 ? 'none' : present.join(', ')}`)
  }
  const body = decodeBody(kind, value[kind] as Json, `${path}.${kind}`, depth + 1)
  if (!body.ok) return body
  const attempts = value['attempts']
  const counted = Array.isArray(attempts) && attempts.every((attempt) => typeof attempt === 'number')
  return ok({ id, ...(counted && { attempts }), kind, [kind]: body.value } as unknown as Plan)
}

function decodeBody(kind: PlanKind, body: Json, path: string, depth: number): Result<unknown, string> {
  const wrong = isObject(body) ? misshapen(kind, body, path) : undefined
  if (wrong !== undefined) return fail(wrong)
  switch (kind) {
    case 'do':
    case 'retry':
      return decodeList(body, path, depth)
    case 'in_parallel':
      return withPlans(body, path, depth, [], 'steps')
    case 'on_success':
    case 'on_failure':
    case 'on_abort':
    case 'on_error':
    case 'ensure':
      return withPlans(body, path, depth, ['step', kind])
    case 'try':
      return withPlans(body, path, depth, ['step'])
    case 'timeout':
      return requireStrings(withPlans(body, path, depth, ['step']), path, ['duration'])
    case 'get':
      return decodeResource(body, path, depth, ['type'])
    case 'put':
    case 'check':
      return decodeResource(body, path, depth, ['name', 'type'])
    case 'task':
      return requireStrings(object(body, path), path, ['name'])
    case 'artifact_input':
    case 'artifact_output':
      return requireStrings(object(body, path), path, ['name'])
    case 'run':
    case 'set_pipeline':
    case 'load_var':
    case 'across':
      return object(body, path)
  }
}

function decodeResource(body: Json, path: string, depth: number, strings: readonly string[]): Result<unknown, string> {
  const base = requireStrings(object(body, path), path, strings)
  if (!base.ok) return base
  const image = isObject(base.value['image'] ?? null) ? (base.value['image'] as JsonObject) : {}
  const nested: Record<string, unknown> = { ...image }
  for (const key of ['check_plan', 'get_plan']) {
    const posted = image[key]
    if (posted === undefined || posted === null) {
      delete nested[key]
      continue
    }
    const plan = decodeNode(posted, `${path}.image.${key}`, depth)
    if (!plan.ok) return plan
    const wanted = key === 'get_plan' ? 'get' : 'check'
    if (plan.value.kind !== wanted) return fail(`${path}.image.${key}: expected a ${wanted} step, found ${plan.value.kind}`)
    nested[key] = plan.value
  }
  const source = base.value['source'] ?? null
  if (source !== null && !isObject(source)) return fail(`${path}.source: expected an object`)
  return ok({ ...base.value, source: source ?? {}, image: nested })
}

function decodeList(body: Json, path: string, depth: number): Result<Plan[], string> {
  if (!Array.isArray(body)) return fail(`${path}: expected a list of steps`)
  const plans: Plan[] = []
  for (const [index, item] of body.entries()) {
    const plan = decodeNode(item, `${path}[${index}]`, depth)
    if (!plan.ok) return plan
    plans.push(plan.value)
  }
  return ok(plans)
}

function withPlans(body: Json, path: string, depth: number, keys: readonly string[], list?: string): Result<JsonObject, string> {
  const base = object(body, path)
  if (!base.ok) return base
  const decoded: Record<string, unknown> = { ...base.value }
  for (const key of keys) {
    const plan = decodeNode(base.value[key] ?? null, `${path}.${key}`, depth)
    if (!plan.ok) return plan
    decoded[key] = plan.value
  }
  if (list !== undefined) {
    const plans = decodeList(base.value[list] ?? null, `${path}.${list}`, depth)
    if (!plans.ok) return plans
    decoded[list] = plans.value
  }
  return ok(decoded as JsonObject)
}

function requireStrings(base: Result<JsonObject, string>, path: string, keys: readonly string[]): Result<JsonObject, string> {
  if (!base.ok) return base
  const missing = keys.find((key) => typeof base.value[key] !== 'string')
  return missing === undefined ? base : fail(`${path}.${missing}: expected a string`)
}

/** A body's fields; null is absent, as Go's decoder has it. */
function object(value: Json, path: string): Result<JsonObject, string> {
  if (!isObject(value)) return fail(`${path}: expected an object`)
  return ok(Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)))
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
