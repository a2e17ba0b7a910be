import { describe, expect, test } from 'vitest'
import { parsePipeline } from './parse-pipeline.ts'
import { unrunnable } from './unrunnable.ts'

const source = `
resources: [{name: plain, type: git, source: {}}, {name: other, type: nowhere, source: {}}]
jobs:
- {name: fine, plan: [{get: plain}]}
- {name: wrong, plan: [{get: other}]}
`
const { config, positions } = parsePipeline(source, { file: 'p.yml' })

describe('what stands in the way of a job', () => {
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
      unrunnable(parsed.config ?? {}, job, parsed.positions, baseTypes).map(({ kind, line, column, path, message }) => `${kind} ${line}:${column} ${path}: ${message}`)
    expect(said('one', ['git'])).toEqual(['unknown-reference 2:31 resource_types[0].type: there is no resource type `cf`'])
    expect(said('one', ['git', 'cf'])).toEqual([])
    expect(said('two', ['git', 'cf'])).toEqual(['unknown-reference 3:68 resources[2].type: there is no resource type `tracker`'])
    expect(said('three', ['git'])).toEqual(['unknown-reference 2:78 resource_types[2].type: there is no resource type `own`'])
  })

  test('lets a job run whose own things are all there, whatever other jobs use', () => {
    expect(unrunnable(config ?? {}, 'fine', positions, ['git'])).toEqual([])
  })

  test('a job that is not there', () => {
    expect(unrunnable(config ?? {}, 'fnie', positions)).toMatchObject([
      { kind: 'unknown-reference', line: 3, message: 'there is no job `fnie` in this pipeline', hint: 'did you mean `fine`?' },
    ])
  })
})
