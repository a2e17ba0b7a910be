import { expect, test } from 'vitest'
import type { BuildEvent } from '../../model/event.ts'
import type { Plan, PlanNode } from '../../model/plan.ts'
import { acrossChildren } from '../../planner/across.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import { StepLabels } from './step-labels.ts'

const task = (id: string, name: string): Plan => ({ id, kind: 'task', task: { name, privileged: false } })
const across = (limit?: number | 'all'): PlanNode<'across'> => ({
  id: '9', kind: 'across', across: { vars: [{ name: 'v', ...(limit !== undefined && { max_in_flight: limit }) }], substep_template: { id: '8', kind: 'do', do: [task('1', 'unit'), task('2', 't-((.:v))')] } },
})

function labelled(limit: number | 'all' | undefined, live: boolean) {
  const node = across(limit)
  const made = acrossChildren(node, [['a', 'b']])
  if (!made.ok) throw new Error(made.error)
  const labels = StepLabels.ofPlan(node, live ? undefined : (id) => (id === '9' ? made.value : []))
  const event = { type: 'across-substeps', data: { time: 0, origin: { id: '9' }, substeps: made.value.map(({ plan, values }) => ({ step: publicPlan(plan), values })) } } as const satisfies BuildEvent
  if (live) labels.addAcross(event)
  return labels
}

test.each([true, false])('steps of an across are named by their values, where their names do not say them (live: %s)', (live) => {
  const labels = labelled(undefined, live)
  expect(['9/0/1', '9/0/2', '9/1/1', '9/1/2'].map((id) => labels.of(id)?.name)).toEqual(['task unit (a)', 'task t-a', 'task unit (b)', 'task t-b'])
  expect(labels.of('9/0/1/image-check')).toMatchObject({ name: 'task unit (a)', image: true })
  expect(labels.of('9/0/1')?.image).toBe(false)
})

test.each([[undefined, false], [1, false], [2, true], ['all', true]] as const)('steps of an across with max_in_flight %s print side by side: %s', (limit, parallel) => {
  for (const live of [true, false]) expect(labelled(limit, live).of('9/1/1')?.parallel).toBe(parallel)
})

test('a public plan names the steps of an image by their step', () => {
  const labels = StepLabels.ofPublicPlan({ id: '3', in_parallel: { steps: [{ id: '1', get: { name: 'repo', type: 't', image_check_plan: { id: '1/image-check', check: { name: 'image', type: 'r' } } } }, { id: '2', try: { step: { id: '4', put: { name: 'out' } } } }] } })
  expect(labels.of('1/image-check')).toEqual({ kind: 'get', step: 'repo', name: 'get repo', parallel: true, image: true })
  expect(labels.of('4')).toEqual({ kind: 'put', step: 'out', name: 'put out', parallel: true, image: false })
  expect(labels.of('3')).toBeUndefined()
})
