import { replaceAt, valueAt } from '../lib/at-keys.ts'
import type { Json } from '../model/json.ts'
import type { Plan, PlanId, PlanKind } from '../model/plan.ts'

/**
 * What a plan is to the plan around it. `step`: part of its work. `hook`: runs when its step has ended in a certain way. `attempt`: one
 * of several tries. `image`: fetches the image that its container runs in. `made`: it was planned when the step's turn came, from a
 * `template`, which never runs itself.
 */
export type ChildRole = 'step' | 'hook' | 'attempt' | 'image' | 'made'

export interface Child {
  readonly role: ChildRole
  readonly plan: Plan
  /** Of one that was made: the values of the vars that it was made with. */
  readonly values?: readonly Json[]
}

/** A plan that a step has made when its turn came. */
export interface MadeChild {
  readonly plan: Plan
  readonly values: readonly Json[]
}

/** The plans that a step has made when its turn came, as they are recorded; none while it has not. */
export type MadeChildren = (id: PlanId) => readonly MadeChild[]

/** Where plans stand in the body of a plan. */
export interface Slot {
  readonly role: Exclude<ChildRole, 'made'> | 'template'
  /** Keys from the body on; none: the body itself. */
  readonly path: readonly string[]
  /** A list of plans stands there. */
  readonly list?: true
  /** The only kind that may stand there, if any does. */
  readonly optional?: PlanKind
}

const wrapped: Slot = { role: 'step', path: ['step'] }
const hooked = (kind: PlanKind): readonly Slot[] => [wrapped, { role: 'hook', path: [kind] }]
const images: readonly Slot[] = [
  { role: 'image', path: ['image', 'check_plan'], optional: 'check' },
  { role: 'image', path: ['image', 'get_plan'], optional: 'get' },
]

/** The one table of what stands inside what, in the order in which it may run. */
export const slots: Readonly<Record<PlanKind, readonly Slot[]>> = {
  get: images,
  put: images,
  check: images,
  task: [],
  run: [],
  set_pipeline: [],
  load_var: [],
  do: [{ role: 'step', path: [], list: true }],
  in_parallel: [{ role: 'step', path: ['steps'], list: true }],
  across: [{ role: 'template', path: ['substep_template'] }],
  on_success: hooked('on_success'),
  on_failure: hooked('on_failure'),
  on_abort: hooked('on_abort'),
  on_error: hooked('on_error'),
  ensure: hooked('ensure'),
  try: [wrapped],
  timeout: [wrapped],
  retry: [{ role: 'attempt', path: [], list: true }],
  artifact_input: [],
  artifact_output: [],
}

const none: MadeChildren = () => []

/** Plans directly inside a plan, in the order in which they may run; those that it made when its turn came are last. */
export function children(plan: Plan, made: MadeChildren = none): readonly Child[] {
  const own = slots[plan.kind].flatMap((slot) => {
    const { role } = slot
    return role === 'template' ? [] : plansIn(plan, slot).map((child): Child => ({ role, plan: child }))
  })
  return [...own, ...made(plan.id).map((child): Child => ({ role: 'made', ...child }))]
}

/** Calls `visit` for the plan and for all plans inside it, those of images too. */
export function eachPlan(plan: Plan, visit: (plan: Plan) => void, made: MadeChildren = none): void {
  visit(plan)
  for (const child of children(plan, made)) eachPlan(child.plan, visit, made)
}

/** As eachPlan, for what is decided before a build begins: with the templates of plans that are not made yet. */
export function eachWrittenPlan(plan: Plan, visit: (plan: Plan) => void): void {
  visit(plan)
  for (const slot of slots[plan.kind]) for (const child of plansIn(plan, slot)) eachWrittenPlan(child, visit)
}

/** A plan's body, and in the place of each plan in it what `map` makes of that. */
export function mapChildren(plan: Plan, map: (child: Plan) => unknown): unknown {
  return slots[plan.kind].reduce<unknown>((body, { path }) => replaceAt(body, path, (found) => (Array.isArray(found) ? found.map((child: Plan) => map(child)) : map(found as Plan))), bodyOf(plan))
}

export function plansIn(plan: Plan, { path }: Slot): readonly Plan[] {
  const found = valueAt(bodyOf(plan), path)
  return found === undefined ? [] : Array.isArray(found) ? (found as readonly Plan[]) : [found as Plan]
}

const bodyOf = (plan: Plan): unknown => (plan as unknown as Readonly<Record<string, unknown>>)[plan.kind]
