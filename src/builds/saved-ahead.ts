import type { Plan } from '../model/plan.ts'
import type { StepReport, StepTimes } from '../model/step-report.ts'
import { children, type MadeChildren } from '../planner/children.ts'

/**
 * How much sooner a build ended, in ms, since containers were made ready ahead: for each step on the path that took longest, what was done of
 * its container before its turn. `savedAhead` of web/src/timeline/scale.ts says the same of what the API tells of the steps, and
 * test/timeline.test.ts that both agree.
 */
export function savedAhead(plan: Plan, made: MadeChildren | undefined, reports: ReadonlyMap<string, StepReport>): number {
  const inside = (of: Plan): Plan[] => children(of, made).map((child) => child.plan)
  const endOf = (of: Plan): number => Math.max(reports.get(of.id)?.times.end ?? 0, ...inside(of).map(endOf))
  const visit = (of: Plan): number => {
    const below = inside(of)
    const side = of.kind === 'in_parallel' || of.kind === 'across'
    const path = side ? below.toSorted((a, b) => endOf(b) - endOf(a)).slice(0, 1) : below
    return path.reduce((sum, child) => sum + visit(child), savedBy(reports.get(of.id)?.times ?? {}))
  }
  return visit(plan)
}

/** What clocks of two servers say may be out of order: the container was ready when its process started, and asked for before. */
function savedBy({ prepare, ready, turn, start, end }: StepTimes): number {
  if (prepare === undefined || turn === undefined) return 0
  const made = Math.min(ready ?? turn, start ?? end ?? Infinity)
  return Math.max(0, Math.min(made, turn) - Math.min(prepare, made))
}
