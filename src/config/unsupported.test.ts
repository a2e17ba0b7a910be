import { describe, expect, test } from 'vitest'
import { parsePipeline } from './parse-pipeline.ts'
import { unsupported } from './unsupported.ts'

const source = `
var_sources:
- {name: vault, type: idtoken, config: {}}
- {name: dummy, type: dummy, config: {vars: {a: b}}}
prototypes:
- {name: proto, type: registry-image}
resource_types:
- {name: inner, type: registry-image, source: {password: ((vault:type))}}
- {name: outer, type: inner, source: {}}
resources:
- {name: repo, type: git, source: {key: ((vault:key)), other: ((dummy:a))}}
- {name: plain, type: git, source: {}}
- {name: typed, type: outer, source: {}}
jobs:
- name: fine
  plan:
  - get: plain
  - in_parallel: [{task: t, file: plain/x, timeout: 1h}, {try: {put: plain}}]
  ensure: {do: []}
- name: everything
  plan:
  - get: repo
  - try:
      do:
      - task: t
        hermetic: true
        params: {A: ((vault:a)), B: ((.:local))}
        config: {platform: linux, image_resource: {type: outer}}
        across: [{var: x, values: [1]}]
        on_failure: {load_var: v, file: repo/v}
  - {run: go, type: proto}
  on_abort: {set_pipeline: self, file: repo/p.yml}
- name: typed
  plan: [{put: typed}]
`
const { config, findings, positions } = parsePipeline(source, { file: 'p.yml' })
const blocking = (job: string): string[] =>
  unsupported(config ?? {}, job, positions).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)

describe('unsupported', () => {
  test('a pipeline with what is not built yet is a right one all the same', () => {
    expect(findings).toEqual([])
  })

  test('names everything that the job uses, in hooks and inner steps too', () => {
    expect(blocking('everything')).toEqual([
      '8:39 resource_types[0].source: vars from the var source `vault` cannot be looked up yet',
      '11:27 resources[0].source: vars from the var source `vault` cannot be looked up yet',
      '27:9 jobs[1].plan[1].try.do[0].params: vars from the var source `vault` cannot be looked up yet',
    ])
  })

  test('follows a resource’s type down to its own types', () => {
    expect(blocking('typed')).toEqual(['8:39 resource_types[0].source: vars from the var source `vault` cannot be looked up yet'])
  })

  test('with the base types known, refuses types that are none of them where the job uses them', () => {
    const text = `
resource_types: [{name: made, type: cf}, {name: git, type: git}, {name: own, type: own}]
resources: [{name: a, type: made}, {name: b, type: git}, {name: c, type: tracker}, {name: d, type: own}]
jobs:
- {name: one, plan: [{get: a}, {get: b}]}
- {name: two, plan: [{get: c}]}
- {name: three, plan: [{get: d}]}
`
    const parsed = parsePipeline(text, { file: 'p.yml', baseTypes: ['git'] })
    const said = (job: string, baseTypes: string[]): string[] =>
      unsupported(parsed.config ?? {}, job, parsed.positions, baseTypes).map(({ kind, line, column, path, message }) => `${kind} ${line}:${column} ${path}: ${message}`)
    expect(said('one', ['git'])).toEqual(['unknown-reference 2:31 resource_types[0].type: there is no resource type `cf`'])
    expect(said('one', ['git', 'cf'])).toEqual([])
    expect(said('two', ['git', 'cf'])).toEqual(['unknown-reference 3:68 resources[2].type: there is no resource type `tracker`'])
    expect(said('three', ['git'])).toEqual(['unknown-reference 2:78 resource_types[2].type: there is no resource type `own`'])
  })

  test('lets a job run whose own things are all there, whatever other jobs use', () => {
    expect(unsupported(config ?? {}, 'fine', positions)).toEqual([])
  })

  test('a job that is not there', () => {
    expect(unsupported(config ?? {}, 'fnie', positions)).toMatchObject([
      { kind: 'unknown-reference', line: 14, message: 'there is no job `fnie` in this pipeline', hint: 'did you mean `fine`?' },
    ])
  })
})
