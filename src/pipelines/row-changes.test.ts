import { expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { Resource, ResourcePin } from '../model/pipeline.ts'
import type { RowChanges } from './ports.ts'
import { rowChanges } from './row-changes.ts'

const none = { jobs: [], resources: [] }

function changes(config: PipelineConfig, present: Parameters<typeof rowChanges>[0] = none): RowChanges {
  const result = rowChanges(present, config)
  if (!result.ok) throw new Error(result.error.kind)
  return result.value
}

function parsed(yaml: string): PipelineConfig {
  const { config, findings } = parsePipeline(yaml, { file: 'p.yml' })
  if (config === undefined) throw new Error(findings[0]?.message ?? '')
  return config
}

test('I12: gets in hooks, try, across and in parallel are inputs, in any nesting', () => {
  const config = parsed(`
resources: [{name: r, type: git, source: {}}]
jobs:
- name: j
  plan:
  - get: plain
    resource: r
    trigger: true
    version: every
  - in_parallel:
      steps:
      - try:
          do:
          - get: in-try
            resource: r
            version: {ref: x}
          - put: r
            on_failure: {get: in-hook, resource: r}
    ensure: {get: in-ensure, resource: r}
  - get: in-across
    resource: r
    across: [{var: x, values: [1, 2]}]
  on_abort: {do: [{get: in-job-hook, resource: r}]}
`)
  const input = (name: string, more: object = {}) => ({ job: 'j', name, resource: 'r', passed: [], trigger: false, every: false, ...more })
  expect(changes(config).inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    [
      input('in-across'),
      input('in-ensure'),
      input('in-hook'),
      input('in-job-hook'),
      input('in-try', { pin: { ref: 'x' } }),
      input('plain', { trigger: true, every: true }),
    ],
  )
})

test('I12: globs in passed become the jobs that they mean, each once', () => {
  const config = parsed(`
resources: [{name: r, type: git, source: {}}]
jobs:
- {name: unit-1, plan: [{get: r}]}
- {name: unit-2, plan: [{get: r}]}
- {name: lint, plan: [{get: r}]}
- {name: ship, plan: [{get: r, passed: ['unit-*', unit-1, lint]}]}
`)
  expect(changes(config).inputs.at(-1)?.passed).toEqual(['unit-1', 'unit-2', 'lint'])
})

test('a limited job without groups is in the group of its name, and serial means one', () => {
  const job = (name: string, fields: object = {}) => ({ name, plan: [], ...fields })
  const { jobs, serialGroups } = changes({
    jobs: [job('a'), job('b', { serial: true, max_in_flight: 4 }), job('c', { max_in_flight: 2 }), job('d', { serial_groups: ['x', 'b', 'x'], max_in_flight: 9 }), job('e', { max_in_flight: 0 })],
  })
  expect(jobs.insert.map(({ maxInFlight }) => maxInFlight)).toEqual([undefined, 1, 2, 1, undefined])
  expect(serialGroups).toEqual([{ job: 'b', group: 'b' }, { job: 'c', group: 'c' }, { job: 'd', group: 'x' }, { job: 'd', group: 'b' }])
})

test('I9: a resource keeps its scope while its type and source are written alike', () => {
  const config = { resources: [{ name: 'r', type: 'git', source: { uri: '((u))', b: { x: 1, y: [2] } } }] }
  const [{ textHash = '' } = {}] = changes(config).resources.insert
  const row: Resource = { id: 3, pipelineId: 1, name: 'r', type: 'git', active: true, textHash, scopeId: 9 }
  const after = (resource: object) => changes({ resources: [{ ...config.resources[0], ...resource } as never] }, { jobs: [], resources: [row] }).resources.update[0]?.keepsScope
  expect(after({})).toBe(true)
  expect(after({ source: { b: { y: [2], x: 1 }, uri: '((u))' } })).toBe(true)
  expect(after({ check_every: '2m', icon: 'x' })).toBe(true)
  expect(after({ source: { uri: '((other))' } })).toBe(false)
  expect(after({ type: 'git2' })).toBe(false)
})

test.each<[string, ResourcePin | undefined, object, ResourcePin | undefined]>([
  ['a config pin replaces one set by hand', { version: { v: '1' }, comment: 'why', inConfig: false }, { version: { v: '2' } }, { version: { v: '2' }, inConfig: true }],
  ['a config pin that changes keeps its comment', { version: { v: '1' }, comment: 'why', inConfig: true }, { version: { v: '2' } }, { version: { v: '2' }, comment: 'why', inConfig: true }],
  ['out of config is unpinned', { version: { v: '1' }, comment: 'why', inConfig: true }, {}, undefined],
  ['a pin set by hand stays, also when the source changes', { version: { v: '1' }, comment: 'why', inConfig: false }, { source: { new: 1 } }, { version: { v: '1' }, comment: 'why', inConfig: false }],
])('I2: %s', (_name, before, config, expected) => {
  const row: Resource = { id: 3, pipelineId: 1, name: 'r', type: 'git', active: true, textHash: 'x', ...(before && { pin: before }) }
  expect(changes({ resources: [{ name: 'r', type: 'git', source: {}, ...config }] }, { jobs: [], resources: [row] }).resources.update[0]?.pin).toEqual(expected)
})

test('types and prototypes are told apart, and what no database holds is refused with its place', () => {
  expect(changes({ resource_types: [{ name: 't', type: 'registry-image', source: {} }], prototypes: [{ name: 't', type: 'registry-image', source: {} }] }).types).toMatchObject([
    { kind: 'resource-type', name: 't', type: 'registry-image' },
    { kind: 'prototype', name: 't' },
  ])
  const refused = (config: PipelineConfig) => rowChanges(none, config)
  const resource = { name: 'r', type: 'git', source: {} }
  expect(refused({ resources: [resource, { ...resource, name: 'q', version: { v: 'a\0' } }] })).toEqual({ ok: false, error: { kind: 'unstorable', path: 'resources[1].version' } })
  expect(refused({ jobs: [{ name: '\ud800', plan: [] }] })).toEqual({ ok: false, error: { kind: 'unstorable', path: 'jobs[0].name' } })
  expect(refused({ resource_types: [{ ...resource, type: '\0' }] })).toEqual({ ok: false, error: { kind: 'unstorable', path: 'resource_types[0].type' } })
  expect(refused({ jobs: [{ name: 'j', plan: [], serial_groups: ['\0'] }] })).toEqual({ ok: false, error: { kind: 'unstorable', path: 'jobs[0].serial_groups' } })
  expect(refused({ resources: [resource], jobs: [{ name: 'j', plan: [{ kind: 'get', get: 'r', version: { v: '\0' } }] }] })).toMatchObject({ ok: false, error: { path: 'jobs[0].plan' } })
})
