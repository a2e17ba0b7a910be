import { replaceAt, valueAt } from '../lib/at-keys.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanKind } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { eachWrittenPlan, mapChildren, slots } from './children.ts'
import { deeperThan, misshapen, requiredTexts } from './plan-shapes.ts'

/**
 * The wire form of a plan (Concourse: atc/plan.go): `{"id","get":{…}}`, tagged by its one body key. fly posts such plans,
 * so the decoder trusts nothing; unknown keys of a node are dropped, several bodies or none are an error. Concourse writes the template of
 * an across as a text of JSON; here it is an object, since such texts in each other double their quotes at each level. Both are read.
 */
export function encodePlan(plan: Plan): JsonObject {
  // Bodies hold JSON only; the types differ by readonly and by absent keys, which JSON leaves out.
  return JSON.parse(JSON.stringify(wireNode(plan))) as JsonObject
}

const wireNode = (plan: Plan): object => ({
  id: plan.id,
  ...(plan.attempts !== undefined && { attempts: plan.attempts }),
  [plan.kind]: mapChildren(plan, wireNode),
})

const kinds = Object.keys(slots) as readonly PlanKind[]

/** How deep steps may nest in a plan that a client posts. */
const maxDepth = 200
/** How deep its lists and maps may nest altogether: a step is two of them, and its params are its own. */
const maxJsonDepth = 1000

/** Never throws. Ids must be unique, since steps are recorded by id. */
export function decodePlan(value: Json): Result<Plan, string> {
  if (deeperThan(value, maxJsonDepth)) return fail(`plan: lists and maps nest deeper than ${maxJsonDepth}`)
  const plan = decodeNode(value, 'plan', 0)
  if (!plan.ok) return plan
  const ids = new Set<string>()
  let twice: string | undefined
  eachWrittenPlan(plan.value, ({ id }) => {
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
  if (slots[kind].some((slot) => slot.path.length === 0)) return decodeSlots(kind, body, path, depth)
  if (!isObject(body)) return fail(`${path}: expected an object`)
  const fields = { ...emptyLists(kind), ...withoutNulls(body) }
  const wrong = misshapen(kind, body, path) ?? requiredTexts[kind].map((key) => (typeof fields[key] === 'string' ? undefined : `${path}.${key}: expected a string`)).find((text) => text !== undefined)
  if (wrong !== undefined) return fail(wrong)
  if (kind === 'across' && fields['vars'] === undefined) return fail(`${path}.vars: expected a list of vars`)
  return decodeSlots(kind, slots[kind].some(({ role }) => role === 'image') ? resourceFields(fields) : fields, path, depth)
}

/** Lists of steps that are absent or null, as Go writes an empty one: fly sends the inputs of a task that has none so. */
const emptyLists = (kind: PlanKind): JsonObject => Object.fromEntries(slots[kind].flatMap(({ list, path: [key] }) => (list === true && key !== undefined ? [[key, []]] : [])))

/** A get, put or check has a source and an image, if only empty ones. */
function resourceFields(fields: JsonObject): JsonObject {
  const image = fields['image'] ?? {}
  return { ...fields, source: fields['source'] ?? {}, image: isObject(image) ? withoutNulls(image) : {} }
}

function decodeSlots(kind: PlanKind, body: Json, path: string, depth: number): Result<unknown, string> {
  let decoded: unknown = body
  for (const slot of slots[kind]) {
    const at = [path, ...slot.path].join('.')
    const written = valueAt(body, slot.path) as Json | undefined
    const found = slot.role === 'template' && typeof written === 'string' ? parsed(written) : written
    if (found === undefined && slot.optional !== undefined) continue
    const plans = slot.list === true ? decodeList(found ?? null, at, depth) : decodeNode(found ?? null, at, depth)
    if (!plans.ok) return plans
    if (slot.optional !== undefined && !Array.isArray(plans.value) && (plans.value as Plan).kind !== slot.optional) {
      return fail(`${at}: expected a ${slot.optional} step, found ${(plans.value as Plan).kind}`)
    }
    decoded = replaceAt(decoded, slot.path, () => plans.value)
  }
  return ok(decoded)
}

function parsed(text: string): Json {
  try {
    const value = JSON.parse(text) as Json
    return deeperThan(value, maxJsonDepth) ? null : value
  } catch {
    return null
  }
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

/** Null is absent, as Go's decoder has it. */
const withoutNulls = (value: JsonObject): JsonObject => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
