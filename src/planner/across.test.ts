import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanNode } from '../model/plan.ts'
import { acrossChildren, combinations } from './across.ts'
import { eachPlan, eachWrittenPlan, mapChildren } from './children.ts'
import { decodePlan, encodePlan } from './plan-json.ts'
import { publicPlan } from './public-plan.ts'

const across = (vars: readonly string[], template: Plan, id = '9'): PlanNode<'across'> => ({ id, kind: 'across', across: { vars: vars.map((name) => ({ name })), substep_template: template } })
const task = (id: string, body: JsonObject = {}): Plan => ({ id, kind: 'task', task: { name: 't', privileged: false, ...body } })

function made(node: PlanNode<'across'>, ...values: readonly (readonly Json[])[]) {
  const children = acrossChildren(node, values)
  if (!children.ok) throw new Error(children.error)
  return children.value
}

test('combinations change the last var first, and there are none where a var has no values', () => {
  expect(combinations([['a1', 'a2'], ['b1'], ['c1', 'c2']])).toEqual([['a1', 'b1', 'c1'], ['a1', 'b1', 'c2'], ['a2', 'b1', 'c1'], ['a2', 'b1', 'c2']])
  expect(combinations([['a'], []])).toEqual([])
})

test('vars are filled in everywhere, names and keys too, and other vars stay', () => {
  const node = across(['v', 'os'], task('1', {
    name: 't-((.:v))', config_path: 'repo/((.:os)).yml', tags: ['((.:os))'], timeout: '((.:v))m', input_mapping: { in: 'src-((.:v))' },
    params: { A: '((.:v))', 'B-((.:os))': '((secret)) ((.:later)) ((vault:x.y)) ((.:v))' }, vars: { deep: [{ os: '((.:os))' }] },
  }))
  expect(made(node, [1, 2], ['linux']).map(({ plan }) => encodePlan(plan)['task'])).toEqual([1, 2].map((v) => ({
    name: `t-${v}`, privileged: false, config_path: 'repo/linux.yml', tags: ['linux'], timeout: `${v}m`, input_mapping: { in: `src-${v}` },
    params: { A: v, 'B-linux': `((secret)) ((.:later)) ((vault:x.y)) ${v}` }, vars: { deep: [{ os: 'linux' }] },
  })))
})

test('a number or a boolean alone is text where text belongs', () => {
  const [child] = made(across(['n', 'b'], task('1', { name: '((.:n))', image: '((.:b))', tags: ['((.:n))'], params: { N: '((.:n))' } })), [5], [true])
  expect(child?.plan).toMatchObject({ task: { name: '5', image: 'true', tags: ['5'], params: { N: 5 } } })
})

test('fields of a value are reached, and a field that it lacks is an error', () => {
  const node = across(['v'], task('1', { name: '((.:v.name))' }))
  expect(made(node, [{ name: 'x' }])[0]?.plan).toMatchObject({ task: { name: 'x' } })
  expect(acrossChildren(node, [[{ other: 1 }]])).toEqual({ ok: false, error: "missing field 'name' in var: .:v.name" })
  expect(acrossChildren(node, [['text']])).toMatchObject({ ok: false, error: expect.stringContaining("cannot access field 'name'") as string })
  expect(acrossChildren(across(['v'], task('1', { name: '((.:v))' })), [[['list']]])).toMatchObject({ ok: false, error: expect.stringContaining('plan.task.name: expected a string') as string })
})

test('each combination has ids of its own; the plans of an image stay under their step, and a get follows its put', () => {
  const image = { base_type: 'git', get_plan: { id: '3/image-get', kind: 'get' as const, get: { type: 'registry-image', source: { tag: '((.:v))' }, image: {}, version_from: '3/image-check' } }, check_plan: { id: '3/image-check', kind: 'check' as const, check: { name: 'i', type: 'registry-image', source: {}, image: {} } } }
  const put: Plan = { id: '3', kind: 'put', put: { name: 'p', type: 'git', source: {}, image } }
  const get: Plan = { id: '4', kind: 'get', get: { name: 'p', type: 'git', source: {}, image: {}, version_from: '3' } }
  const children = made(across(['v'], { id: '5', kind: 'on_success', on_success: { step: put, on_success: get } }), ['a', 'b'])
  const ids: string[][] = children.map(({ plan }) => {
    const found: string[] = []
    eachPlan(plan, ({ id }) => found.push(id))
    return found
  })
  expect(ids).toEqual(['9/0', '9/1'].map((at) => [`${at}/0`, `${at}/1`, `${at}/1/image-check`, `${at}/1/image-get`, `${at}/2`]))
  expect(children[1]?.plan).toMatchObject({
    on_success: { step: { put: { image: { get_plan: { get: { source: { tag: 'b' }, version_from: '9/1/1/image-check' } } } } }, on_success: { get: { version_from: '9/1/1' } } },
  })
})

test('an across inside sees outer vars in its values and its step, and hides those that it sets itself', () => {
  const inner: Plan = { id: '2', kind: 'across', across: { vars: [{ name: 'x', values: ['((.:x))-1', '((.:y))'] }], substep_template: task('1', { name: '((.:x))-((.:y))' }) } }
  const [outer] = made(across(['x', 'y'], inner), ['a'], ['b'])
  expect(outer?.plan).toMatchObject({ id: '9/0/0', across: { vars: [{ values: ['a-1', 'b'] }], substep_template: { id: '1', task: { name: '((.:x))-b' } } } })
  if (outer?.plan.kind !== 'across') throw new Error('no across')
  expect(made(outer.plan, ['q']).map(({ plan }) => plan)).toEqual([task('9/0/0/0/0', { name: 'q-b' })])
})

test('what has no var is shared by all combinations, not copied', () => {
  const types = [{ name: 'big', type: 'registry-image', source: { a: 'x'.repeat(100) } }]
  const children = made(across(['v'], task('1', { name: '((.:v))', resource_types: types })), ['a', 'b'])
  const [first, second] = children.map(({ plan }) => (plan.kind === 'task' ? plan.task.resource_types : undefined))
  expect(first).toBe(second)
})

test('the wire form takes the template as an object or as text, refuses what is none, and public plans do not show it', () => {
  const node: PlanNode<'across'> = { id: '2', kind: 'across', across: { vars: [{ name: 'v', values: ['CANARY'], max_in_flight: 'all' }], substep_template: task('1', { params: { A: 'CANARY' } }), fail_fast: true } }
  const wire = encodePlan(node)
  expect(decodePlan(wire)).toEqual({ ok: true, value: node })
  const body = wire['across'] as JsonObject
  expect(decodePlan({ ...wire, across: { ...body, substep_template: JSON.stringify(body['substep_template']) } })).toEqual({ ok: true, value: node })
  for (const [changed, words] of [
    [{ substep_template: '{' }, 'plan.across.substep_template: expected an object'],
    [{ substep_template: '['.repeat(2000) + ']'.repeat(2000) }, 'expected an object'],
    [{ vars: null }, 'plan.across.vars: expected a list of vars'],
    [{ vars: [{ values: [] }] }, 'each with a name'],
    [{ vars: [{ name: 'v', max_in_flight: 'some' }] }, '"all"'],
  ] as const) {
    expect(decodePlan({ ...wire, across: { ...body, ...changed } as Json })).toEqual({ ok: false, error: expect.stringContaining(words) as string })
  }
  expect(publicPlan(node)).toEqual({ id: '2', across: { vars: [{ name: 'v' }], fail_fast: true } })
})

/** As JSON brings them: it has no -0. */
const jsonValue = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)

test('any values make plans with unique ids that are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(jsonValue, { maxLength: 4 }), fc.array(fc.string(), { maxLength: 3 }), (a, b) => {
      const template: Plan = { id: '2', kind: 'do', do: [task('1', { params: { A: '((.:a))', B: '((.:b))' } }), task('3')] }
      const children = made(across(['a', 'b'], template), a, b)
      expect(children).toHaveLength(a.length * b.length)
      const ids = new Set<string>()
      for (const { plan } of children) {
        eachWrittenPlan(plan, ({ id }) => ids.add(id))
        expect(decodePlan(encodePlan(plan))).toEqual({ ok: true, value: plan })
        expect(mapChildren(plan, (child) => child.kind)).toEqual(['task', 'task'])
      }
      expect(ids.size).toBe(children.length * 3)
    }),
  )
})
