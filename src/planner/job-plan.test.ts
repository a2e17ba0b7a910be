import { expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import type { Plan } from '../model/plan.ts'
import { acrossChildren } from './across.ts'
import { planCheck } from './check-plan.ts'
import { followers } from './followers.ts'
import { imagePlans } from './image-plans.ts'
import { children, eachPlan } from './children.ts'
import { planJob, type JobPlanOptions } from './job-plan.ts'
import { publicPlan } from './public-plan.ts'

function configOf(text: string) {
  // A resource that no job uses is an error of the pipeline.
  const [, jobs = ''] = text.split('jobs:')
  const used = resources.split('\n').filter((line) => !jobs.includes(/^- \{name: (\w+)/.exec(line)?.[1] ?? ''))
  const { config, findings } = parsePipeline(used.reduce((rest, line) => rest.replace(`${line}\n`, ''), text).replace(/^resources:\n(?!-)/m, ''), { file: 'p.yml' })
  if (config?.jobs?.[0] === undefined) throw new Error(JSON.stringify(findings))
  return { config, job: config.jobs[0] }
}

function planned(text: string, options: Partial<JobPlanOptions> = {}) {
  const { config, job } = configOf(text)
  return planJob(config, job, { inputs: new Map([['repo', { ref: 'v1' }]]), manual: false, ...options })
}

function planOf(text: string, options: Partial<JobPlanOptions> = {}): Plan {
  const plan = planned(text, options)
  if (!plan.ok) throw new Error(JSON.stringify(plan.error))
  return plan.value
}

/** The kinds of a plan, nested. */
function shape(plan: Plan): string {
  const own = plan.kind === 'task' ? plan.task.name : plan.kind === 'get' ? `get:${plan.get.name}` : plan.kind === 'put' ? `put:${plan.put.name}` : plan.kind
  const inner = ['get', 'put', 'check'].includes(plan.kind) ? [] : children(plan).map((child) => child.plan)
  return inner.length === 0 ? own : `${own}(${inner.map(shape).join(' ')})`
}

const types = `
resource_types:
- {name: outer, type: middle, source: {repository: outer}, defaults: {team: blue, level: 1}}
- {name: middle, type: registry-image, source: {repository: middle}, privileged: true, check_every: 5m, params: {format: oci}, defaults: {registry: outer-default}}
- {name: registry-image, type: registry-image, source: {repository: own-registry-image}, defaults: {insecure: true}}
`
const resources = `
resources:
- {name: repo, type: git, source: {uri: u}}
- {name: image, type: outer, source: {level: 2}, expose_build_created_by: true}
`
const config = (name: string, more = '') => `{task: ${name}, config: {platform: linux, run: {path: x}}${more}}`

test('modifiers wrap from the inside out: timeout, attempts, then the hooks up to ensure', () => {
  const plan = planOf(`${resources}
jobs:
- name: j
  plan:
  - do: [${config('a')}]
    timeout: 5m
    attempts: 2
    on_success: ${config('s')}
    on_failure: ${config('f')}
    on_abort: ${config('ab')}
    on_error: ${config('er')}
    ensure: ${config('en')}
  ensure: ${config('job-ensure')}
`)
  expect(shape(plan)).toBe('ensure(do(ensure(on_error(on_abort(on_failure(on_success(retry(timeout(do(a)) timeout(do(a))) s) f) ab) er) en)) job-ensure)')
})

test('ids are unique, of one build only, and the same for the same input', () => {
  const text = `${types}${resources}
jobs: [{name: j, plan: [{get: repo}, {in_parallel: {limit: 2, fail_fast: true, steps: [${config('a', ', attempts: 3')}, {try: {put: image}}]}}]}]`
  const ids: string[] = []
  eachPlan(planOf(text), ({ id }) => ids.push(id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(planOf(text)).toEqual(planOf(text))
})

test('a put is followed by a get of what it made, unless it says no_get', () => {
  const plan = planOf(`${types}${resources}
jobs: [{name: j, plan: [{put: image, params: {p: 1}, get_params: {skip: true}, timeout: 1h, inputs: [some], tags: [t]}, {put: again, resource: image, no_get: true}]}]`)
  if (plan.kind !== 'do') throw new Error(plan.kind)
  const [first, second] = plan.do
  if (first?.kind !== 'on_success' || first.on_success.step.kind !== 'put' || first.on_success.on_success.kind !== 'get') throw new Error('no put and get')
  const { put } = first.on_success.step
  const { get } = first.on_success.on_success
  expect(put).toMatchObject({ name: 'image', type: 'outer', resource: 'image', params: { p: 1 }, inputs: ['some'], timeout: '1h', tags: ['t'], expose_build_created_by: true })
  expect(get).toMatchObject({ name: 'image', version_from: first.on_success.step.id, params: { skip: true }, timeout: '1h', tags: ['t'] })
  expect(get.version).toBeUndefined()
  expect(second).toMatchObject({ kind: 'put', put: { name: 'again', resource: 'image' } })
})

test('a type’s defaults stand under the source, and an image plan nests as deep as its chain of types', () => {
  const plan = planOf(`${types}${resources}
jobs: [{name: j, plan: [{put: image, no_get: true}]}]`, { manual: true })
  if (plan.kind !== 'do' || plan.do[0]?.kind !== 'put') throw new Error('no put')
  const { id, put } = plan.do[0]
  expect(put.source).toEqual({ team: 'blue', level: 2 })
  // outer ← middle ← registry-image (the pipeline's own) ← the base type of that name
  const outer = put.image.get_plan
  expect(outer).toMatchObject({ id: `${id}/image-get`, get: { name: 'outer', type: 'middle', source: { repository: 'outer', registry: 'outer-default' }, version_from: `${id}/image-check` } })
  expect(put.image.privileged).toBe(false)
  expect(put.image.check_plan).toMatchObject({ check: { name: 'outer', type: 'middle', resource_type: 'outer', skip_interval: true, interval: '1m0s' } })
  const middle = outer?.kind === 'get' ? outer.get.image.get_plan : undefined
  expect(middle).toMatchObject({
    id: `${id}/image-get/image-get`, get: { name: 'middle', type: 'registry-image', source: { repository: 'middle', insecure: true }, params: { format: 'oci' } },
  })
  expect(outer?.kind === 'get' && outer.get.image.privileged).toBe(true)
  expect(outer?.kind === 'get' && outer.get.image.check_plan).toMatchObject({ check: { interval: '5m' } })
  const own = middle?.kind === 'get' ? middle.get.image.get_plan : undefined
  expect(own).toMatchObject({ id: `${id}/image-get/image-get/image-get`, get: { name: 'registry-image', source: { repository: 'own-registry-image' }, image: { base_type: 'registry-image' } } })
})

test('the image of a task is called image where its file has no name, which fly sends as an empty one', () => {
  for (const name of [{}, { name: '' }]) {
    const { checkPlan, getPlan } = imagePlans('1', { type: 'registry-image', source: {}, ...name }, [], { skipInterval: false })
    expect([checkPlan?.check.name, getPlan.get.name]).toEqual(['image', 'image'])
  }
})

test('a load_var and a run have what their steps say, and a timeout around or in them', () => {
  const plan = planOf(`prototypes: [{name: p, type: registry-image, source: {}, defaults: {a: 1, b: 2}}]
jobs:
- name: j
  plan:
  - {load_var: v, file: repo/v, format: raw, reveal: true, timeout: 5m}
  - {run: go, type: p, params: {b: 3}, privileged: true, tags: [gpu], timeout: 1h}`)
  expect(plan).toMatchObject({
    do: [
      { kind: 'timeout', timeout: { duration: '5m', step: { load_var: { name: 'v', file: 'repo/v', format: 'raw', reveal: true } } } },
      { run: { message: 'go', type: 'p', object: { a: 1, b: 3 }, privileged: true, tags: ['gpu'], timeout: '1h' } },
    ],
  })
  expect(publicPlan(plan)).toMatchObject({
    do: [{ timeout: { duration: '5m', step: { load_var: { name: 'v' } } } }, { run: { message: 'go', type: 'p', privileged: true } }],
  })
})

test('C12: a get inside across has one version for all combinations, chosen before its vars have values', () => {
  const plan = planOf(`${resources}
jobs: [{name: j, plan: [{get: repo, across: [{var: x, values: ((.:later))}]}]}]`)
  const [across] = plan.kind === 'do' ? plan.do : []
  if (across?.kind !== 'across') throw new Error('no across')
  const made = acrossChildren(across, [['a', 'b']])
  expect(made.ok && made.value.map((child) => child.plan)).toMatchObject([{ get: { version: { ref: 'v1' } } }, { get: { version: { ref: 'v1' } } }])
})

test('an across of set_pipeline names a pipeline for each combination, also by a number', () => {
  const plan = planOf('jobs: [{name: j, plan: [{set_pipeline: "release-((.:minor))", file: repo/p.yml, vars: {minor: ((.:minor))}, instance_vars: {of: ((.:minor))}, across: [{var: minor, values: [1, 2]}]}, {set_pipeline: ((.:name)), file: repo/p.yml, across: [{var: name, values: [7]}]}]}]')
  const children = (plan.kind === 'do' ? plan.do : []).flatMap((node) => {
    const made = node.kind === 'across' ? acrossChildren(node, node.across.vars.map(({ values }) => (Array.isArray(values) ? values : []))) : undefined
    return made?.ok === true ? made.value.map((child) => child.plan) : []
  })
  expect(children).toMatchObject([{ set_pipeline: { name: 'release-1', vars: { minor: 1 }, instance_vars: { of: 1 } } }, { set_pipeline: { name: 'release-2' } }, { set_pipeline: { name: '7' } }])
})

test('a base type has no image plans', () => {
  const plan = planOf(`${resources}
jobs: [{name: j, plan: [{get: repo}]}]`)
  expect(plan).toMatchObject({ do: [{ get: { image: { base_type: 'git' }, version: { ref: 'v1' }, resource: 'repo' } }] })
})

test('a local input is no get, what is not known or not built is a value', () => {
  const text = `${resources}
jobs: [{name: j, plan: [{get: repo}]}]`
  expect(planOf(text, { local: new Set(['repo']) })).toMatchObject({ do: [{ kind: 'artifact_input', artifact_input: { name: 'repo' } }] })
  expect(planned(text, { inputs: new Map() })).toEqual({ ok: false, error: { kind: 'no-input-version', step: 'repo' } })
  const prototypes = { ...configOf('prototypes: [{name: p, type: registry-image, source: {}}]\njobs: [{name: j, plan: [{run: go, type: p}]}]'), options: { inputs: new Map(), manual: false } }
  expect(planJob({ ...prototypes.config, prototypes: [] }, prototypes.job, prototypes.options)).toEqual({ ok: false, error: { kind: 'unknown-prototype', step: 'go', prototype: 'p' } })
  const { config: pipeline, job } = configOf(text)
  const { resources: _, ...without } = pipeline
  expect(planJob(without, job, { inputs: new Map(), manual: false })).toEqual({ ok: false, error: { kind: 'unknown-resource', step: 'repo', resource: 'repo' } })
})

test('a check’s plan has its resource’s source over its type’s defaults', () => {
  const { config: pipeline } = configOf(`${types}${resources}
jobs: [{name: j, plan: [{get: repo}, {put: image}]}]`)
  const image = pipeline.resources?.find(({ name }) => name === 'image')
  if (image === undefined) throw new Error('no image')
  expect(planCheck(pipeline, image, 'c', { from: { v: '1' } })).toMatchObject({
    id: 'c', check: { name: 'image', type: 'outer', source: { team: 'blue', level: 2 }, from_version: { v: '1' }, image: { check_plan: { id: 'c/image-check' } } },
  })
})

/** What follows each leaf, by names. */
function following(text: string): Record<string, string[]> {
  const plan = planOf(text)
  const names = new Map<string, string>()
  eachPlan(plan, (node) => {
    if (node.kind === 'task') names.set(node.id, node.task.name)
    if (node.kind === 'get') names.set(node.id, `get:${node.get.name}`)
    if (node.kind === 'put') names.set(node.id, `put:${node.put.name}`)
  })
  return Object.fromEntries([...followers(plan)].map(([id, next]) => [names.get(id) ?? id, next.map((leaf) => names.get(leaf.id) ?? leaf.id)]))
}

test('what is prepared ahead follows the plan, and not the hooks that may not run', () => {
  const hooked = config('b', `, on_failure: {do: [${config('f1')}, ${config('f2')}]}, on_error: ${config('e')}, on_abort: ${config('ab')}, ensure: ${config('en')}`)
  expect(following(`${resources}
jobs: [{name: j, plan: [{get: repo}, ${hooked}, ${config('c')}]}]`)).toEqual({ 'get:repo': ['b'], b: ['en'], en: ['c'], c: [], f1: ['f2'], f2: [], e: [], ab: [] })
  expect(following(`${resources}
jobs: [{name: j, plan: [${config('a')}, {in_parallel: {limit: 2, steps: [${config('p')}, {do: [${config('q')}, ${config('r')}]}, ${config('s')}]}}, {put: repo}]}]`)).toEqual({
    a: ['p', 'q'], p: ['put:repo'], q: ['r'], r: ['put:repo'], s: ['put:repo'], 'put:repo': ['get:repo'], 'get:repo': [],
  })
})

test('a later attempt is prepared after nobody', () => {
  const plan = planOf(`jobs: [{name: j, plan: [${config('a')}, ${config('again', ', attempts: 2')}, ${config('z')}]}]`)
  if (plan.kind !== 'do' || plan.do[0] === undefined || plan.do[1]?.kind !== 'retry') throw new Error('no retry')
  const [first, second] = plan.do[1].retry
  const next = followers(plan)
  expect(next.get(plan.do[0].id)?.map(({ id }) => id)).toEqual([first?.id])
  expect([...next.values()].flat().map(({ id }) => id)).not.toContain(second?.id)
})
