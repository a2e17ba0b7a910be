import { expect, test } from 'vitest'
import type { Json } from '../model/json.ts'
import type { Plan, PlanNode } from '../model/plan.ts'
import { followers } from '../planner/followers.ts'
import { longestValues, MadePlans, mostCombinations, mostMade, readMadePlans } from './made-plans.ts'
import { childrenRecord } from './step-record.ts'

const task = (id: string, name = id): Plan => ({ id, kind: 'task', task: { name, privileged: false } })
const across = (vars: readonly string[], template: Plan, id = '9', limit?: number | 'all'): PlanNode<'across'> => ({
  id, kind: 'across', across: { vars: vars.map((name) => ({ name, ...(limit !== undefined && { max_in_flight: limit }) })), substep_template: template },
})
const numbers = (count: number): Json[] => Array.from({ length: count }, (_, index) => index)
const many = (count: number): Plan => ({ id: '2', kind: 'do', do: Array.from({ length: count }, (_, index) => task(`t${index}`)) })

test('as many combinations as are possible are planned, one more is not', () => {
  expect(new MadePlans().add(across(['a', 'b'], task('1')), [numbers(mostCombinations / 100), numbers(100)])).toMatchObject({ ok: true, value: { counts: [mostCombinations / 100, 100] } })
  expect(new MadePlans().add(across(['a'], task('1')), [numbers(mostCombinations + 1)])).toEqual({ ok: false, error: `the values of its vars make ${mostCombinations + 1} combinations; ${mostCombinations} are possible` })
  // Not even counted out: five vars of ten thousand values each.
  expect(new MadePlans().add(across(['a', 'b', 'c', 'd', 'e'], task('1')), Array.from({ length: 5 }, () => numbers(10_000)))).toMatchObject({ ok: false })
})

test('all across of a build together make so many steps at most', () => {
  const made = new MadePlans()
  const each = mostMade / 4
  for (const id of ['5', '6', '7', '8']) expect(made.add(across(['a'], many(each / 100 - 1), id), [numbers(100)]).ok).toBe(true)
  expect(made.add(across(['a'], task('1')), [[1]])).toEqual({ ok: false, error: `with it, the \`across\` of this build would make ${mostMade + 1} steps; ${mostMade} are possible` })
  expect(made.count).toBe(4)
})

test('values of the greatest length are taken, one character more is not', () => {
  const value = 'x'.repeat(longestValues - '[[""]]'.length)
  expect(new MadePlans().add(across(['a'], task('1')), [[value]]).ok).toBe(true)
  expect(new MadePlans().add(across(['a'], task('1')), [[`${value}x`]])).toMatchObject({ ok: false, error: expect.stringContaining('more than') as string })
})

test('records give the plans again, also of an across that another has made', () => {
  const plan: Plan = { id: '0', kind: 'do', do: [across(['x'], across(['y'], task('1', '((.:x))((.:y))'), '2'))] }
  const records = new Map([['9', childrenRecord([['a', 'b']], ['a'])], ['9/1/0', childrenRecord([[1, 2]], [])]])
  const read = readMadePlans(plan, records)
  if (!read.ok) throw new Error(read.error)
  const { made, secrets } = read.value
  expect(secrets).toEqual(['a'])
  expect(made.of('9/1/0').map((child) => child.plan)).toEqual([task('9/1/0/0/0', 'b1'), task('9/1/0/1/0', 'b2')])
  expect(made.recorded('9/0/0')).toBeUndefined()
})

test('a record that fits the plan no more is said', () => {
  expect(readMadePlans(across(['x'], task('1', '((.:x.name))')), new Map([['9', childrenRecord([['text']], [])]]))).toMatchObject({
    ok: false, error: expect.stringContaining('the recorded values of step 9 are broken') as string,
  })
})

test('a combination is followed by the next one, or where they run side by side by what comes after all', () => {
  for (const [limit, follower] of [[undefined, '9/1/0'], [1, '9/1/0'], [2, 'after'], ['all', 'after']] as const) {
    const made = new MadePlans()
    const node = across(['x'], task('1'), '9', limit)
    made.add(node, [['a', 'b']])
    const next = followers({ id: '0', kind: 'do', do: [task('before'), node, task('after')] }, made.of)
    expect(next.get('9/0/0')).toMatchObject([{ id: follower }])
    expect(next.get('9/1/0')).toMatchObject([{ id: 'after' }])
  }
})
