import { readRecord } from '../engine/step-record.ts'
import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import { decodePlan } from '../planner/plan-json.ts'
import { madeChildren } from './step-reports.ts'

/** A build's plan with what is recorded of its steps; undefined: the build has no plan yet, or its log is gone and the plan with it. */
export async function recordedSteps(builds: Pick<BuildStore, 'steps'> & Pick<BuildRegistry, 'get'>, buildId: number) {
  const plan = decodePlan((await builds.get(buildId))?.context?.['plan'] ?? null)
  if (!plan.ok) return undefined
  const records = await builds.steps(buildId)
  const steps = [...records].flatMap(([id, json]) => {
    const record = readRecord(json)
    if (record?.phase !== 'assigned' && record?.phase !== 'finished') return []
    return [[id, { report: record.report, ...(record.phase === 'finished' && { outcome: record.finished.outcome.kind }) }] as const]
  })
  return { plan: plan.value, made: madeChildren(plan.value, records) ?? (() => []), steps: new Map(steps) }
}
