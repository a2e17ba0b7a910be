import { expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { formatReference } from '../config/vars/reference.ts'
import type { Vars } from '../model/var.ts'
import { checkCredentials } from './check-credentials.ts'

const asked: string[] = []
const vars: Vars = {
  get(reference) {
    asked.push(formatReference(reference))
    if (reference.source === 'down') return Promise.resolve({ kind: 'failed', name: formatReference(reference), message: 'no answer' })
    return Promise.resolve(reference.path === 'known' ? { kind: 'found', value: 'hunter2', secret: true } : { kind: 'missing' })
  },
}

function check(text: string) {
  asked.length = 0
  const { config, findings } = parsePipeline(text, { file: 'p.yml' })
  if (config === undefined) throw new Error(JSON.stringify(findings))
  return checkCredentials(config, vars)
}

const run = '{platform: linux, image_resource: {type: registry-image, source: {repository: ((e))}}, run: {path: "((f))"}}'

test('types, resources and tasks are looked at, hooks too, and what is missing is named with its place', async () => {
  expect(
    await check(`
resource_types: [{name: t, type: registry-image, source: {password: ((a))}}]
resources: [{name: r, type: t, source: {key: ((known)), other: ((b)), list: [((c))]}, webhook_token: ((d))}]
jobs:
- name: j
  plan:
  - {get: r}
  - {task: one, params: {P: ((known)), Q: ((down:x))}, config: ${run}}
  - try: {task: two, file: r/t.yml, vars: {v: ((g))}}
  ensure: {task: three, file: r/t.yml, params: {P: "((.:local)) ((.:local.field))"}}
`),
  ).toEqual([
    'resource type t: undefined vars: a',
    'resource r: undefined vars: b, c',
    'webhook token of resource r: undefined vars: d',
    'task one of job j: var down:x could not be read: no answer',
    'task two of job j: undefined vars: g',
  ])
})

test('each var is asked for once', async () => {
  await check('resources: [{name: r, type: git, source: {a: ((known)), b: ((x))}}, {name: s, type: git, source: {a: ((known)), b: ((x))}}]\njobs: [{name: j, plan: [{get: r}, {get: s}]}]')
  expect(asked).toEqual(['known', 'x'])
})

test('a config whose vars are all there has no errors', async () => {
  expect(await check('resources: [{name: r, type: git, source: {a: ((known))}}]\njobs: [{name: j, plan: [{get: r}]}]')).toEqual([])
})

test('errors have a bound', async () => {
  const resources = Array.from({ length: 150 }, (_, i) => `- {name: r${i}, type: git, source: {a: ((x${i}))}}`).join('\n')
  const errors = await check(`resources:\n${resources}\njobs:\n- {name: j, plan: [${Array.from({ length: 150 }, (_, i) => `{get: r${i}}`).join(', ')}]}`)
  expect(errors).toHaveLength(100)
  expect(asked).toHaveLength(100)
})
