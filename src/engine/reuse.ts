import type { BuildWrites } from '../model/build.ts'
import type { JsonObject } from '../model/json.ts'
import type { Plan, PlanId } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { children, eachPlan, type Child, type MadeChildren } from '../planner/children.ts'
import { stepName } from '../planner/step-name.ts'
import { readMadePlans } from './made-plans.ts'
import { readRecord, reusedRecord, type StepRecord } from './step-record.ts'

type StepWrite = NonNullable<BuildWrites['steps']>[number]

/** A step that another build takes as it ended. */
export interface ReusedStep {
  readonly plan: Plan
  readonly record: Exclude<StepRecord, { phase: 'assigned' | 'timing' }>
}

/**
 * The steps of a build that another build with the same plan need not run, where that begins at the step `from`: those before it wherever
 * steps run one after the other, and those beside it, in parallel, that have succeeded as a whole. What is tried several times, made of values
 * or hung behind a step begins with the step that it belongs to. The error says why the build cannot begin there.
 */
export function reusableSteps(plan: Plan, records: ReadonlyMap<PlanId, JsonObject>, from: PlanId): Result<readonly ReusedStep[], string> {
  const read = readMadePlans(plan, records)
  if (!read.ok) return read
  const { of: made } = read.value.made
  const way = wayTo(plan, from, made)
  if (way === undefined) return fail(`its plan has no step ${from}`)
  const reused: ReusedStep[] = []
  let at = plan
  for (const next of way) {
    if (next.role !== 'step') break
    const inner = children(at, made).map((child) => child.plan)
    const place = inner.findIndex(({ id }) => id === next.plan.id)
    if (at.kind === 'do') reused.push(...inner.slice(0, place).flatMap((one) => endedIn(one, records, made)))
    if (at.kind === 'in_parallel') reused.push(...inner.toSpliced(place, 1).flatMap((one) => succeededIn(one, records, made)))
    at = next.plan
  }
  return ran(at, records, made) ? ok(reused) : fail(`${titleOf(at)} did not run in it`)
}

/** As it is stored for the other build. */
export function reusedWrite({ plan, record }: ReusedStep, of: string): StepWrite {
  if (record.phase === 'children') return { planId: plan.id, record: { ...record } as unknown as JsonObject, secret: true }
  const { secrets, ...rest } = record
  return { planId: plan.id, record: reusedRecord(rest, of), ...(secrets !== undefined && secrets.length > 0 && { secrets }) }
}

/** `task unit`. */
export function titleOf(plan: Plan): string {
  const named = stepName(plan)
  return named === undefined ? `step ${plan.kind}` : `${named.kind} ${named.name}`
}

/** From a plan down to one inside it: each a child of the one before. */
function wayTo(plan: Plan, id: PlanId, made: MadeChildren): readonly Child[] | undefined {
  if (plan.id === id) return []
  for (const child of children(plan, made)) {
    const below = wayTo(child.plan, id, made)
    if (below !== undefined) return [child, ...below]
  }
  return undefined
}

function recordsIn(plan: Plan, records: ReadonlyMap<PlanId, JsonObject>, made: MadeChildren): { readonly plan: Plan; readonly record: StepRecord }[] {
  const found: { readonly plan: Plan; readonly record: StepRecord }[] = []
  eachPlan(
    plan,
    (one) => {
      const record = readRecord(records.get(one.id))
      if (record !== undefined) found.push({ plan: one, record })
    },
    made,
  )
  return found
}

const ran = (plan: Plan, records: ReadonlyMap<PlanId, JsonObject>, made: MadeChildren): boolean => recordsIn(plan, records, made).length > 0

/** What began and has not ended runs again, and a time limit counts again. */
function endedIn(plan: Plan, records: ReadonlyMap<PlanId, JsonObject>, made: MadeChildren): ReusedStep[] {
  return recordsIn(plan, records, made).flatMap(({ plan: one, record }) => (record.phase === 'assigned' || record.phase === 'timing' ? [] : [{ plan: one, record }]))
}

/** None, if any step in it ended otherwise: then it is not known here whether all of it went well. */
function succeededIn(plan: Plan, records: ReadonlyMap<PlanId, JsonObject>, made: MadeChildren): ReusedStep[] {
  const bad = recordsIn(plan, records, made).some(({ record }) => record.phase === 'assigned' || (record.phase === 'finished' && record.finished.outcome.kind !== 'succeeded'))
  return bad ? [] : endedIn(plan, records, made)
}
