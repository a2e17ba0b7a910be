import { readRecord } from '../engine/step-record.ts'
import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import type { PlanId } from '../model/plan.ts'
import { eachPlan } from '../planner/children.ts'
import { decodePlan } from '../planner/plan-json.ts'
import { madeChildren } from './step-reports.ts'

export interface TestSources {
  /** Tasks, in the plan's order: what a get fetched is not the build's work. */
  readonly tasks: readonly PlanId[]
  /** That the build learnt: its log hides them. */
  readonly secrets: readonly string[]
}

/** Which steps of a build may report tests; undefined: it has no plan yet, or its log is gone and the plan with it. */
export async function testSources(builds: Pick<BuildStore, 'steps'> & Pick<BuildRegistry, 'get'>, buildId: number): Promise<TestSources | undefined> {
  const context = (await builds.get(buildId))?.context
  const plan = decodePlan(context?.['plan'] ?? null)
  if (!plan.ok) return undefined
  const records = await builds.steps(buildId)
  const tasks: PlanId[] = []
  eachPlan(plan.value, ({ kind, id }) => void (kind === 'task' && tasks.push(id)), madeChildren(plan.value, records))
  const given = context?.['secrets']
  const learnt = [...records.values()].flatMap((json) => {
    const record = readRecord(json)
    return record !== undefined && 'secrets' in record ? (record.secrets ?? []) : []
  })
  return { tasks, secrets: [...(Array.isArray(given) ? given.filter((secret) => typeof secret === 'string') : []), ...learnt] }
}
