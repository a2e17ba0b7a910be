import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanId, PlanNode } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { acrossChildren } from '../planner/across.ts'
import { children, eachPlan, type MadeChildren } from '../planner/children.ts'
import type { AcrossPlans } from '../steps/ports.ts'
import { readRecord } from './step-record.ts'

/** Combinations of values that one across may have. */
export const mostCombinations = 10_000
/** Plans that all steps of a build may make. */
export const mostMade = 100_000
/** Characters of JSON that the values of one across may have. */
export const longestValues = 4 * 1024 * 1024

/** The values that the vars of an across have in a build, in its vars' order. */
export type AcrossValues = readonly (readonly Json[])[]

/**
 * What steps of a build have planned when their turn came (across), by the plan that made it. The values are looked up once; they are
 * recorded, and the plans made of them again by whoever goes on after a restart.
 */
export class MadePlans {
  private readonly plans = new Map<PlanId, AcrossPlans>()
  private made = 0

  readonly of: MadeChildren = (id) => this.plans.get(id)?.children ?? []

  /** Undefined: its turn has not come. */
  recorded(id: PlanId): AcrossPlans | undefined {
    return this.plans.get(id)
  }

  /** How many steps have made theirs: what is derived from the plan is older if it was another number. */
  get count(): number {
    return this.plans.size
  }

  add(node: PlanNode<'across'>, values: AcrossValues): Result<AcrossPlans, string> {
    const combinations = values.reduce((product, own) => product * own.length, 1)
    if (combinations > mostCombinations) return fail(`the values of its vars make ${combinations} combinations; ${mostCombinations} are possible`)
    if (JSON.stringify(values).length > longestValues) return fail(`the values of its vars have more than ${longestValues} characters together`)
    const made = acrossChildren(node, values)
    if (!made.ok) return made
    let count = this.made
    for (const { plan } of made.value) eachPlan(plan, () => (count += 1))
    if (count > mostMade) return fail(`with it, the \`across\` of this build would make ${count} steps; ${mostMade} are possible`)
    this.made = count
    const plans = { children: made.value, counts: values.map((own) => own.length) }
    this.plans.set(node.id, plans)
    return ok(plans)
  }
}

/** What the records of a build's steps say of its plan, and the secrets that are among those values. */
export function readMadePlans(plan: Plan, records: ReadonlyMap<PlanId, JsonObject>): Result<{ readonly made: MadePlans; readonly secrets: readonly string[] }, string> {
  const made = new MadePlans()
  const secrets: string[] = []
  let broken: string | undefined
  const visit = (node: Plan): void => {
    const record = node.kind === 'across' ? readRecord(records.get(node.id)) : undefined
    if (node.kind === 'across' && record?.phase === 'children') {
      const added = made.add(node, record.values)
      if (!added.ok) broken ??= `the recorded values of step ${node.id} are broken: ${added.error}`
      secrets.push(...record.secrets)
    }
    for (const child of children(node, made.of)) visit(child.plan)
  }
  visit(plan)
  return broken === undefined ? ok({ made, secrets }) : fail(broken)
}
