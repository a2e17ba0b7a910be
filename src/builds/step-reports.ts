import { readMadePlans } from '../engine/made-plans.ts'
import { reportOf } from '../engine/step-record.ts'
import type { JsonObject } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import type { StepReport } from '../model/step-report.ts'
import type { MadeChildren } from '../planner/children.ts'

/** Reports of a build's steps, by plan id, whatever plans they belong to. */
export function stepReports(records: ReadonlyMap<string, JsonObject>): Map<string, StepReport> {
  return new Map([...records].flatMap(([planId, record]): [string, StepReport][] => {
    const report = reportOf(record)
    return report === undefined ? [] : [[planId, report]]
  }))
}

/** Plans that steps of a build made when their turn came; undefined when their records cannot be read. */
export function madeChildren(plan: Plan, records: ReadonlyMap<string, JsonObject>): MadeChildren | undefined {
  const read = readMadePlans(plan, records)
  return read.ok ? read.value.made.of : undefined
}
