import { describeVarError, interpolate } from '../config/vars/interpolate.ts'
import { traverse, type Lookup } from '../config/vars/lookup.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { AcrossPlan, Plan, PlanId, PlanNode } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { eachPlan, mapChildren, type MadeChild } from './children.ts'
import { decodePlan } from './plan-json.ts'
import { withTexts } from './plan-shapes.ts'

/** Whether its combinations run one after the other. */
export const isSerial = ({ vars }: AcrossPlan): boolean => vars.every(({ max_in_flight: limit }) => limit === undefined || limit === 1)

/** Every combination of the vars' values; those of the last var change first. */
export function combinations(values: readonly (readonly Json[])[]): readonly (readonly Json[])[] {
  return values.reduce<readonly (readonly Json[])[]>((all, own) => all.flatMap((before) => own.map((value) => [...before, value])), [[]])
}

/**
 * The plans of an across for its vars' values (Concourse: ConstructAcrossSubsteps), in the order in which they run. `((.:vars))` of the
 * across are filled in everywhere, also in names; other vars stay for the steps. Ids are `<across>/<combination>/<plan in it>`.
 */
export function acrossChildren(node: PlanNode<'across'>, values: readonly (readonly Json[])[]): Result<readonly MadeChild[], string> {
  const { vars, substep_template: template } = node.across
  const children: MadeChild[] = []
  for (const [index, combination] of combinations(values).entries()) {
    const found = new Map(vars.map(({ name }, at) => [name, combination[at] ?? null]))
    const filled = fill(template, { values: found, ids: idsOf(template, `${node.id}/${index}`) })
    if (!filled.ok) return filled
    const plan = decodePlan(filled.value)
    if (!plan.ok) return fail(`with the values of its vars the step is none that can run: ${plan.error}`)
    children.push({ plan: plan.value, values: combination })
  }
  return ok(children)
}

/** By the ids of the template. The plans of an image keep their place under the step's. */
function idsOf(template: Plan, prefix: string): ReadonlyMap<PlanId, PlanId> {
  const ids = new Map<PlanId, PlanId>()
  let count = 0
  eachPlan(template, ({ id }) => {
    const slash = id.lastIndexOf('/')
    const owner = ids.get(id.slice(0, Math.max(0, slash)))
    ids.set(id, owner === undefined ? `${prefix}/${count++}` : `${owner}${id.slice(slash)}`)
  })
  return ids
}

interface Filling {
  readonly values: ReadonlyMap<string, Json>
  readonly ids: ReadonlyMap<PlanId, PlanId>
}

/** The plan on the wire, with vars filled in and ids replaced. */
function fill(plan: Plan, filling: Filling): Result<JsonObject, string> {
  const inner: JsonObject[] = []
  let error: string | undefined
  const hollow = mapChildren(plan, (child) => {
    const filled = fill(child, plan.kind === 'across' ? inside(plan, filling) : filling)
    if (filled.ok) inner.push(filled.value)
    else error ??= filled.error
    return null
  })
  if (error !== undefined) return fail(error)
  const body = fillBody(plan, hollow as Json, filling)
  if (!body.ok) return body
  const children = inner.values()
  const whole = mapChildren({ ...plan, [plan.kind]: body.value } as Plan, () => children.next().value)
  return ok({ id: filling.ids.get(plan.id) ?? plan.id, ...(plan.attempts && { attempts: [...plan.attempts] }), [plan.kind]: whole as Json })
}

/** Vars of an across inside hide those of the same names around it. */
function inside({ across }: PlanNode<'across'>, { values, ids }: Filling): Filling {
  const hidden = new Set(across.vars.map(({ name }) => name))
  return { ids, values: new Map([...values].filter(([name]) => !hidden.has(name))) }
}

function fillBody(plan: Plan, hollow: Json, { values, ids }: Filling): Result<Json, string> {
  const lookup: Lookup = (reference) => {
    const value = reference.source === '.' ? values.get(reference.path) : undefined
    return value === undefined ? { kind: 'missing' } : traverse(value, reference, { numbersAsText: true })
  }
  // A list of steps has no fields of its own.
  if (typeof hollow !== 'object' || hollow === null || Array.isArray(hollow)) return ok(hollow)
  const fields: JsonObject = {}
  for (const [name, field] of Object.entries(hollow)) {
    // What has no var is shared by all combinations: ten thousand copies of a pipeline's resource types would be too much.
    if (!hasLocalVar(field)) {
      fields[name] = field
      continue
    }
    const filled = interpolate(JSON.parse(JSON.stringify(field)) as Json, lookup, { keepMissing: true })
    if (!filled.ok) return fail(describeVarError(filled.error))
    fields[name] = filled.value.value
  }
  const body = withTexts(plan.kind, fields)
  const from = body['version_from']
  return ok(plan.kind === 'get' && typeof from === 'string' ? { ...body, version_from: ids.get(from) ?? from } : body)
}

const known = new WeakMap<object, boolean>()

function hasLocalVar(field: Json | undefined): boolean {
  if (typeof field === 'string') return field.includes('((.:')
  if (typeof field !== 'object' || field === null) return false
  const has = known.get(field) ?? JSON.stringify(field).includes('((.:')
  known.set(field, has)
  return has
}
