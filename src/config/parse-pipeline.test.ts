import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatFinding } from './format-finding.ts'
import { parsePipeline } from './parse-pipeline.ts'
import { parseTask } from './parse-task.ts'
import { pipelineToJson } from './wire.ts'

const fixtures = new URL('fixtures/', import.meta.url)
const fixture = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8')
const baseTypes = ['git', 'registry-image', 'time']

const remarks = (source: string, options: Partial<Parameters<typeof parsePipeline>[1]> = {}): string[] =>
  parsePipeline(source, { file: 'p.yml', ...options }).findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`)

describe('findings of the fixtures', () => {
  test.each(readdirSync(fixtures).filter((name) => name.endsWith('.yml')))('%s', async (file) => {
    const source = fixture(file)
    const { findings } = file.startsWith('task') ? parseTask(source, { file }) : parsePipeline(source, { file, baseTypes })
    const shown = findings.map((finding) => `${formatFinding(finding, { source })}\n`).join('')
    await expect(shown).toMatchFileSnapshot(`fixtures/${file.replace('.yml', '.findings.txt')}`)
  })

  test('five mistakes are five findings on five lines', () => {
    const { config, findings } = parsePipeline(fixture('five-mistakes.yml'), { file: 'p.yml' })
    expect(config).toBeUndefined()
    expect(findings.map(({ severity, line, path }) => `${severity} ${line} ${path}`)).toEqual([
      'error 9 jobs[0].plan[0].get',
      'error 10 jobs[0].plan[0].triger',
      'error 12 jobs[0].plan[1].timeout',
      'error 15 jobs[1].serial',
      'error 18 jobs[1].plan[0].passed[0]',
    ])
  })
})

describe('the whole schema', () => {
  const parsed = parsePipeline(fixture('complete.yml'), { file: 'p.yml', baseTypes })

  test('is kept, in the names of the wire', async () => {
    await expect(JSON.stringify(parsed.config, undefined, 2)).toMatchFileSnapshot('fixtures/complete.config.json')
  })

  test('goes over the wire and comes back', () => {
    const wire = pipelineToJson(parsed.config ?? {})
    for (const source of [JSON.stringify(wire), stringify(wire, { version: '1.1', schema: 'yaml-1.1' })]) {
      const again = parsePipeline(source, { file: 'p.yml', baseTypes })
      expect(again.findings.filter((finding) => finding.severity === 'error')).toEqual([])
      expect(again.config).toEqual(parsed.config)
    }
    expect(JSON.stringify(wire)).not.toContain('"kind"')
  })

  test('a param may be named kind', () => {
    const source = 'resources: [{name: r, type: t, source: {kind: x}}]\njobs: [{name: j, plan: [{put: r, params: {kind: z}}]}]'
    const { config } = parsePipeline(source, { file: 'p.yml' })
    expect(pipelineToJson(config ?? {})).toEqual({
      resources: [{ name: 'r', type: 't', source: { kind: 'x' } }],
      jobs: [{ name: 'j', plan: [{ put: 'r', params: { kind: 'z' } }] }],
    })
  })
})

describe('what Concourse takes is taken', () => {
  test.each([
    ['a type named as the base type it is made from', 'resource_types: [{name: git, type: git, source: {}}]\njobs: [{name: a, plan: []}]'],
    ['empty values as none', 'resources:\ngroups:\ndisplay:\njobs:\n- {name: a, plan: , serial: , ensure: , tags: }'],
    ['a job without a plan', 'jobs: [{name: a}]'],
    ['numbers for text outside of steps', 'resources: [{name: r1, type: git, icon: 5, version: {ref: 1}}]\njobs: [{name: a, plan: [{get: r1}]}]'],
    ['sections to keep anchors in', 'x: &x {a: 1}\n.y: 1\nx-z: 1\njobs: [{name: a, plan: [{task: t, config: {platform: linux, params: {<<: *x}}}]}]'],
    ['a task without a command', 'jobs: [{name: a, plan: [{task: t, config: {platform: linux}}]}]'],
    ['names made from the vars of across', 'jobs: [{name: a, plan: [{task: "t-((.:x))", file: a/b, across: [{var: x, values: [1]}]}]}]'],
    ['a task on an image of the build', 'jobs: [{name: a, plan: [{task: t, file: a/b, image: img}]}]'],
  ])('%s', (_, source) => {
    expect(remarks(source, { baseTypes })).toEqual([])
  })

  test('what is left out keeps its place in a list, as empty text', () => {
    const source = 'jobs: [{name: a, plan: [{task: t, input_mapping: {a: }, config: {platform: linux, run: {path: sh, args: [-c, ~]}}}, {task: u, file: a/b, tags: [~, x]}]}]'
    const { config } = parsePipeline(source, { file: 'p.yml' })
    expect(config?.jobs?.[0]?.plan).toMatchObject([{ input_mapping: { a: '' }, config: { run: { args: ['-c', ''] } } }, { tags: ['', 'x'] }])
  })

  const task = (config: string): string => `jobs: [{name: a, plan: [{task: t, config: {platform: linux, ${config}}}]}]`
  test.each([
    ['a resource type that only workers may know', 'resources: [{name: r, type: cf, source: {}}]\njobs: [{name: a, plan: [{get: r}]}]', 'there is no resource type `cf`'],
    ['keys that nobody reads: of an input', task('inputs: [{name: i, passed: [x]}]'), 'an input has no key `passed`; it is ignored'],
    ['of an output', task('outputs: [{name: o, optional: true}]'), 'an output has no key `optional`; it is ignored'],
    ['of a cache', task('caches: [{path: c, name: x}]'), 'a cache has no key `name`; it is ignored'],
    ['of run', task('run: {path: sh, usr: root}'), 'run has no key `usr`; it is ignored'],
    ['of an image', task('image_resource: {type: time, privileged: true}'), 'an image_resource has no key `privileged`; it is ignored'],
    ['of limits', task('container_limits: {disk: 1}'), 'container_limits has no key `disk`; it is ignored'],
    ['of in_parallel', 'jobs: [{name: a, plan: [{in_parallel: {steps: [], max_in_flight: 2}}]}]', 'in_parallel has no key `max_in_flight`; it is ignored'],
    ['a timeout that is a var', 'jobs: [{name: a, plan: [{task: t, file: a/b, timeout: ((long))}]}]', 'a duration is needed here, and `((long))` has no value yet; without one this fails when it runs'],
    ['a check’s, too', 'resources: [{name: r, type: git, check_timeout: ((long))}]\njobs: [{name: a, plan: [{get: r}]}]', 'a duration is needed here, and `((long))` has no value yet; without one this fails when it runs'],
    ['inputs of a put that are no list', 'resources: [{name: r, type: git}]\njobs: [{name: a, plan: [{put: r, inputs: some}]}]', 'the inputs of a put are `all`, `detect` or a list of names; `some` counts as none'],
    ['less than none at once', 'jobs: [{name: a, max_in_flight: -1}]', '-1 counts as no limit'],
    ['less than none in parallel', 'jobs: [{name: a, plan: [{in_parallel: {limit: -2, steps: []}}]}]', '-2 counts as no limit'],
  ])('with a warning: %s', (_, source, message) => {
    const { config, findings } = parsePipeline(source, { file: 'p.yml', baseTypes })
    expect(config).toBeDefined()
    expect(findings.map(({ severity, message: said }) => `${severity} ${said}`)).toEqual([`warning ${message}`])
  })

  test('no retention of logs beside another', () => {
    expect(remarks('jobs: [{name: a, build_logs_to_retain: 0, build_log_retention: {builds: 3}}]')).toEqual([])
  })

  test('cycles of base types are none', () => {
    const source = 'resource_types: [{name: git, type: time}, {name: time, type: git}]\njobs: [{name: a}]'
    expect(remarks(source)).toEqual(['error 1:36 resource types are made from each other in a circle: `git` → `time` → `git`'])
    expect(remarks(source, { baseTypes })).toEqual([])
  })
})

describe('what Concourse refuses is refused', () => {
  test.each([
    ['a name that is written as nothing', 'jobs: [{name: ""}]', 'a job needs `name`'],
    ['a type', 'resources: [{name: r, type: "", source: {}}]\njobs: [{name: a, plan: [{get: r}]}]', 'a resource needs `type`'],
    ['a step’s name', 'jobs: [{name: a, plan: [{task: "", file: a/b}]}]', 'the task step needs a name'],
    ['tags that are numbers, anywhere', 'resources: [{name: r, type: git, tags: [5]}]\njobs: [{name: a, plan: [{get: r}]}]', 'this must be text, not the number `5`'],
    ['tags of a job', 'jobs: [{name: a, tags: [5]}]', 'this must be text, not the number `5`'],
    ['braces in `passed`, which only groups know', 'resources: [{name: r, type: git}]\ngroups: [{name: g, jobs: ["{a,b}"]}]\njobs: [{name: a, plan: [{get: r}]}, {name: b, plan: [{get: r, passed: ["{a,c}"]}]}]', 'there is no job `{a,c}`'],
    ['a timeout around steps that is a var', 'jobs: [{name: a, plan: [{do: [], timeout: ((long))}]}]', 'a duration is needed here, and `((long))` has no value yet'],
    ['an empty timeout around steps', 'jobs: [{name: a, plan: [{do: [], timeout: ""}]}]', 'a timeout around steps cannot be empty'],
    ['a local var that is set twice in one scope', 'jobs: [{name: a, plan: [{load_var: v, file: a/b}, {in_parallel: [{load_var: v, file: a/c}]}]}]', 'the local var `v` is set twice'],
    ['a load_var of a var of its across', 'jobs: [{name: a, plan: [{load_var: x, file: a/b, across: [{var: x, values: [1]}]}]}]', 'the local var `x` is set twice'],
    ['an unknown key of a var of across', 'jobs: [{name: a, plan: [{task: t, file: a/b, across: [{var: x, values: [1], fail_fast: true}]}]}]', 'a var of across has no key `fail_fast`'],
  ])('%s', (_, source, message) => {
    expect(parsePipeline(source, { file: 'p.yml' }).findings.map((finding) => `${finding.severity} ${finding.message}`)).toEqual([`error ${message}`])
  })
})

test('a hook stands around across and does not see its vars', () => {
  const hook = (name: string) => `jobs: [{name: a, plan: [{do: [{load_var: x, file: a/b}], across: [{var: z, values: [1]}], on_failure: ${name}}]}]`
  expect(remarks(hook('{load_var: z, file: a/c}'), { baseTypes: [] })).toEqual([])
  expect(remarks(hook('{task: "t-((.:z))", file: a/b}'), { baseTypes: [] })).toMatchObject([expect.stringContaining('the var in the name `t-((.:z))` has no value yet')])
})

describe('pipelines of old', () => {
  test('`aggregate` is one mistake, and what is in it is looked at all the same', () => {
    const source = 'resources: [{name: r, type: git}]\njobs:\n- name: a\n  plan:\n  - aggregate:\n    - get: r\n    - get: rr'
    expect(remarks(source)).toEqual(['error 5:5 `aggregate` is gone from Concourse since version 7', 'error 7:12 there is no resource `rr`'])
  })

  test('`{{name}}` is one mistake each, with the way to write it', () => {
    const source = 'resources: [{name: r, type: git, source: {uri: {{ uri }}}}]\njobs:\n- name: a\n  plan:\n  - get: r\n  - task: t\n    file: {{a/b.yml}}\n    params: {{params}}'
    expect(parsePipeline(source, { file: 'p.yml' }).findings.map(({ line, column, message, hint }) => [line, column, message, hint])).toEqual([
      [1, 48, 'vars are not written `{{…}}` any more', 'write `((uri))`'],
      [7, 11, 'vars are not written `{{…}}` any more', 'write `((a/b.yml))`'],
      [8, 13, 'vars are not written `{{…}}` any more', 'write `((params))`'],
      [8, 13, 'a map is needed here, and `((params))` has no value yet', 'give it one, e.g. with `--var name=value` (text), `--yaml-var` or `--load-vars-from`'],
    ])
    expect(remarks('jobs: [{name: a, plan: [{task: t, file: {{a: 1}: 2}}]}]')).toContain('error 1:42 a map cannot be a key')
  })
})

test('one mistake in an anchor is one finding', () => {
  const source = `x: &x {task: t, fiel: a/b}\njobs:\n- name: a\n  plan:\n${'  - *x\n'.repeat(300)}`
  expect(remarks(source)).toEqual(['error 1:17 a task step has no key `fiel`'])
})

describe('positions', () => {
  const source = fixture('complete.yml')
  const { positions } = parsePipeline(source, { file: 'p.yml' })
  const lines = source.split('\n')
  const shown = ({ line, column }: { line: number; column: number }): string => lines[line - 1]?.slice(column - 1).slice(0, 12) ?? ''

  test.each([
    ['jobs[0].plan[1].task', 'test', 'task: test'],
    ['jobs[0].plan[1].config.run.path', 'sh, args: [-', 'path: sh, ar'],
    ['jobs[0].plan[0].in_parallel.steps[1].get', 'timer, versi', 'get: timer, '],
    ['jobs[0].on_error.in_parallel.steps', '[]}', 'in_parallel:'],
    ['resources[0].source.nested.list[1].x', '~}]}}', 'x: ~}]}}'],
    ['jobs[0].plan[1].nowhere.at.all', 'task: test', 'task: test'],
  ])('%s', (path, value, key) => {
    expect(shown(positions.at(path))).toBe(value)
    expect(shown(positions.keyAt(path)).startsWith(key)).toBe(true)
  })

  test('there are some for a file that holds nothing', () => {
    expect(parsePipeline('', { file: 'x' }).positions.at('jobs[0]')).toEqual({ line: 1, column: 1 })
  })
})
