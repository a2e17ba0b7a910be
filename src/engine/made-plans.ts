import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanId } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { eachPlan, type MadeChildren } from '../planner/children.ts'
import { decodePlan, encodePlan } from '../planner/plan-json.ts'
import { childrenRecord, readRecord } from './step-record.ts'

/** Plans that one step may make when its turn comes. */
export const mostMade = 2_000

/**
 * What steps of a build have planned when their turn came (across), by the plan that made it. It is planned once: the record says it to
 * whoever goes on after a restart. Records are not encrypted, so such plans hold `((vars))` as they were written, never their values.
 */
export class MadePlans {
  private readonly plans: Map<PlanId, readonly Plan[]>

  constructor(plans: ReadonlyMap<PlanId, readonly Plan[]> = new Map()) {
    this.plans = new Map(plans)
  }

  readonly of: MadeChildren = (id) => this.plans.get(id) ?? []

  /** Undefined: its turn has not come. */
  recorded(id: PlanId): readonly Plan[] | undefined {
    return this.plans.get(id)
  }

  /** How many steps have made theirs: what is derived from the plan is older if it was another number. */
  get count(): number {
    return this.plans.size
  }

  /** The record to write, and the plans as they are read from it. The ids of children stand under that of their maker. */
  add(id: PlanId, made: readonly Plan[]): Result<{ readonly plans: readonly Plan[]; readonly record: JsonObject }, string> {
    if (made.length > mostMade) return fail(`it would make ${made.length} steps; ${mostMade} are possible`)
    const encoded = made.map(encodePlan)
    const plans = decodeAll(id, encoded)
    if (!plans.ok) return plans
    this.plans.set(id, plans.value)
    return ok({ plans: plans.value, record: childrenRecord(encoded) })
  }
}

/** What the records of a build's steps say, by plan id. */
export function readMadePlans(records: ReadonlyMap<PlanId, JsonObject>): Result<MadePlans, string> {
  const plans = new Map<PlanId, readonly Plan[]>()
  for (const [id, json] of records) {
    const record = readRecord(json)
    if (record?.phase !== 'children') continue
    const decoded = decodeAll(id, record.plans)
    if (!decoded.ok) return fail(`the recorded children of step ${id} are broken: ${decoded.error}`)
    plans.set(id, decoded.value)
  }
  return ok(new MadePlans(plans))
}

function decodeAll(maker: PlanId, encoded: readonly Json[]): Result<readonly Plan[], string> {
  const plans: Plan[] = []
  const ids = new Set<PlanId>()
  let wrong: string | undefined
  for (const json of encoded) {
    const plan = decodePlan(json)
    if (!plan.ok) return plan
    eachPlan(plan.value, ({ id }) => {
      if (!id.startsWith(`${maker}/`) || ids.has(id)) wrong ??= id
      ids.add(id)
    })
    plans.push(plan.value)
  }
  return wrong === undefined ? ok(plans) : fail(`the id ${JSON.stringify(wrong)} does not stand under ${JSON.stringify(maker)}, or stands there twice`)
}
