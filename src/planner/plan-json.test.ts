import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { decodePlan, encodePlan } from './plan-json.ts'
import { publicPlan } from './public-plan.ts'

const name = fc.string({ minLength: 1, maxLength: 8 })
const secret = 'CANARY-secret'
const json: fc.Arbitrary<JsonObject> = fc.dictionary(name, fc.oneof(fc.constant(secret), fc.integer(), fc.constant(null), fc.array(fc.constant(secret), { maxLength: 2 })), { maxKeys: 3 })
const version = fc.dictionary(name, fc.string())
const optional = <T>(key: string, value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined }).map((some) => (some === undefined ? {} : { [key]: some }))
const joined = (...parts: fc.Arbitrary<object>[]) => fc.tuple(...parts).map((all) => Object.assign({}, ...all) as JsonObject)

const { plan } = fc.letrec<{ plan: object; image: object }>((tie) => ({
  image: fc.oneof(
    { depthSize: 'small' },
    fc.record({ base_type: name }),
    joined(optional('check_plan', fc.record({ kind: fc.constant('check'), check: joined(fc.record({ name, type: name, source: json }), fc.record({ image: tie('image') })) })), fc.record({
      get_plan: fc.record({ kind: fc.constant('get'), get: joined(fc.record({ type: name, source: json, image: tie('image') }), optional('version_from', name)) }),
    })),
  ),
  plan: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.record({ kind: fc.constant('get'), get: joined(fc.record({ name, type: name, source: json, image: tie('image') }), optional('version', version), optional('params', json), optional('timeout', name)) }),
    fc.record({ kind: fc.constant('put'), put: joined(fc.record({ name, type: name, source: json, image: tie('image') }), optional('params', json), optional('inputs', fc.oneof(fc.constantFrom('all', 'detect'), fc.array(name, { maxLength: 2 })))) }),
    fc.record({ kind: fc.constant('task'), task: joined(fc.record({ name, privileged: fc.boolean() }), optional('config', json), optional('params', json), optional('vars', json)) }),
    fc.record({ kind: fc.constant('do'), do: fc.array(tie('plan'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('retry'), retry: fc.array(tie('plan'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('in_parallel'), in_parallel: joined(fc.record({ steps: fc.array(tie('plan'), { maxLength: 3 }) }), optional('limit', fc.nat(5)), optional('fail_fast', fc.boolean())) }),
    ...['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'].map((kind) =>
      fc.record({ kind: fc.constant(kind), [kind]: fc.record({ step: tie('plan'), [kind]: tie('plan') }) }),
    ),
    fc.record({ kind: fc.constant('try'), try: fc.record({ step: tie('plan') }) }),
    fc.record({ kind: fc.constant('timeout'), timeout: fc.record({ step: tie('plan'), duration: fc.constant('10m') }) }),
    fc.record({ kind: fc.constant('artifact_input'), artifact_input: fc.record({ artifact_id: fc.nat(), name }) }),
    fc.record({ kind: fc.constant('across'), across: joined(fc.record({ vars: fc.array(joined(fc.record({ name }), optional('values', json), optional('max_in_flight', fc.constantFrom(2, 'all'))), { maxLength: 2 }), substep_template: tie('plan') }), optional('fail_fast', fc.boolean())) }),
    fc.record({ kind: fc.constant('load_var'), load_var: joined(fc.record({ name, file: fc.constant(secret) }), optional('format', name), optional('reveal', fc.boolean())) }),
    fc.record({ kind: fc.constant('run'), run: joined(fc.record({ message: name, type: name, privileged: fc.boolean() }), optional('object', json), optional('timeout', name)) }),
    fc.record({ kind: fc.constant('set_pipeline'), set_pipeline: joined(fc.record({ name, file: fc.constant(secret) }), optional('vars', json), optional('var_files', fc.array(name, { maxLength: 2 }))) }),
  ),
}))

/** Every node gets an id of its own. */
function numbered(node: unknown): Plan {
  let last = 0
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const walked = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]))
    return typeof walked['kind'] === 'string' && Object.hasOwn(walked, walked['kind']) ? { id: (last += 1).toString(16), ...walked } : walked
  }
  return walk(node) as Plan
}

const plans = plan.map(numbered)

test('what is encoded is decoded as it was, by way of text', () => {
  fc.assert(
    fc.property(plans, (original) => {
      const wire = JSON.parse(JSON.stringify(encodePlan(original))) as Json
      expect(decodePlan(wire)).toEqual({ ok: true, value: original })
      expect(encodePlan(original)).toEqual(wire)
    }),
    { numRuns: 500 },
  )
})

test('the public plan has every id and no source, params, config or vars', () => {
  fc.assert(
    fc.property(plans, (original) => {
      const shown = JSON.stringify(publicPlan(original))
      expect(shown).not.toContain(secret)
      if (original.kind === 'do') expect(publicPlan(original)['do']).toHaveLength(original.do.length)
      expect(publicPlan(original)['id']).toBe(original.id)
    }),
    { numRuns: 500 },
  )
})

test('no JSON makes it throw', () => {
  const hostile = fc.jsonValue({ maxDepth: 6 })
  const kinds = ['get', 'put', 'task', 'do', 'retry', 'in_parallel', 'ensure', 'try', 'timeout', 'check', '__proto__', 'artifact_input']
  const nearly = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, hostile, fc.record({ id: fc.oneof(fc.string(), hostile) }).chain((id) =>
      fc.dictionary(fc.constantFrom(...kinds), fc.oneof(hostile, tie('node'), fc.array(tie('node')), fc.record({ step: tie('node'), image: hostile, type: fc.string(), name: hostile, steps: hostile })), { maxKeys: 2 }).map((rest) => ({ ...id, ...rest })))),
  })).node
  fc.assert(
    fc.property(nearly, (value) => {
      const decoded = decodePlan(JSON.parse(JSON.stringify(value)) as Json)
      if (decoded.ok) JSON.stringify([encodePlan(decoded.value), publicPlan(decoded.value)])
      else expect(decoded.error).not.toBe('')
    }),
    { numRuns: 1000 },
  )
})

const task = (id: string): JsonObject => ({ id, task: { name: 't', privileged: false } })
const nest = (depth: number, inner: Json, wrap: (inner: Json, index: number) => Json) => {
  let value = inner
  for (let index = 0; index < depth; index += 1) value = wrap(value, index)
  return value
}

test('depth is bounded, of steps and of what is in them', () => {
  expect(decodePlan(nest(190, task('t'), (step, index) => ({ id: `d${index}`, do: [step] }))).ok).toBe(true)
  expect(decodePlan(nest(300, task('t'), (step, index) => ({ id: `d${index}`, do: [step] })))).toEqual({ ok: false, error: expect.stringContaining('nest deeper than 200') })
  const params = nest(100_000, 'x', (value) => [value])
  expect(decodePlan({ id: 'p', task: { name: 't', privileged: false, params: { deep: params } } })).toEqual({ ok: false, error: expect.stringContaining('deeper than 1000') })
})

test.each<[string, Json, string]>([
  ['no step', { id: 'a' }, 'expected exactly one step, found none'],
  ['two steps', { ...task('a'), do: [] }, 'expected exactly one step, found task, do'],
  ['no id', { task: { name: 't' } }, 'plan.id'],
  ['an id with NUL', task('a\0b'), 'plan.id'],
  ['an id twice', { id: 'x', do: [task('a'), task('a')] }, 'two steps have the id "a"'],
  ['a number for a timeout', { id: 'a', get: { type: 't', timeout: 5 } }, 'plan.get.timeout: expected a string'],
  ['a list for a source', { id: 'a', get: { type: 't', source: [] } }, 'plan.get.source: expected an object'],
  ['a version of numbers', { id: 'a', get: { type: 't', version: { n: 1 } } }, 'plan.get.version: expected a map of strings'],
  ['a task where a get belongs', { id: 'a', get: { type: 't', image: { get_plan: task('b') } } }, 'plan.get.image.get_plan: expected a get step, found task'],
  ['a text for a limit', { id: 'a', in_parallel: { steps: [], limit: '2' } }, 'plan.in_parallel.limit: expected a number'],
  ['inputs of another kind', { id: 'a', put: { name: 'p', type: 't', inputs: 'some' } }, 'plan.put.inputs: expected "all", "detect" or a list of names'],
])('%s is refused', (_what, value, words) => {
  expect(decodePlan(value)).toEqual({ ok: false, error: expect.stringContaining(words) })
})

test('a field that is null is absent', () => {
  const decoded = decodePlan({ id: 'a', get: { type: 't', timeout: null, version: null, image: { get_plan: null, base_type: 't' } } })
  expect(decoded).toEqual({ ok: true, value: { id: 'a', kind: 'get', get: { type: 't', source: {}, image: { base_type: 't' } } } })
})

test('a list of steps that is null is empty, as fly sends the inputs of a task that has none', () => {
  const decoded = decodePlan({ id: 'a', do: [{ id: 'b', in_parallel: { steps: null } }] })
  expect(decoded).toEqual({ ok: true, value: { id: 'a', kind: 'do', do: [{ id: 'b', kind: 'in_parallel', in_parallel: { steps: [] } }] } })
})
