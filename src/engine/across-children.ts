import { describeVarError, interpolate } from '../config/vars/interpolate.ts'
import type { Json } from '../model/json.ts'
import type { PlanNode } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { publicPlan } from '../planner/public-plan.ts'
import type { AcrossPlans, RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { readWithVars } from './interpolate.ts'
import { childrenRecord } from './step-record.ts'

/** The steps of an across: as they were recorded, else those that its vars' values make now, which are recorded and shown. */
export async function acrossChildren(context: BuildContext, node: PlanNode<'across'>, state: RunState): Promise<Result<AcrossPlans, string>> {
  const recorded = context.made.recorded(node.id)
  if (recorded !== undefined) return ok(recorded)
  const values: (readonly Json[])[] = []
  const secrets = new Set<string>()
  for (const { name, values: written = [] } of node.across.vars) {
    const filled = await readWithVars(context, state, (lookup) => interpolate(written, lookup))
    if (!filled.ok) return fail(describeVarError(filled.error))
    for (const secret of filled.value.secrets) secrets.add(secret)
    const list = filled.value.value ?? []
    if (!Array.isArray(list)) return fail(`the values of var ${name} of \`across\` are a list; its vars make ${typeof list === 'object' ? 'a map' : `a ${typeof list}`} of it`)
    values.push(list)
  }
  const made = context.made.add(node, values)
  if (!made.ok) return made
  context.redactor.add(secrets)
  const substeps = made.value.children.map((child) => ({ step: publicPlan(child.plan), values: [...child.values] }))
  const time = Math.floor(context.services.clock.now() / 1000)
  // In or before the first commit of a child; a failure shows there. Values may be secret.
  const step = { planId: node.id, record: childrenRecord(values, [...secrets]), secret: true } as const
  context.writer
    .write({ events: [{ key: `${node.id}:across-substeps`, event: { type: 'across-substeps', data: { time, origin: { id: node.id }, substeps } } }], steps: [step] })
    .catch(() => undefined)
  return made
}
