import { expect, test } from 'vitest'
import { Redactor } from '../lib/redactor.ts'
import { fail, ok } from '../model/result.ts'
import { createRunState } from '../steps/run-state.ts'
import { loadVar, longestVarFile } from './load-var.ts'
import { artifactsOf, fakeServices, filesOf } from './testing/kit.ts'
import { World } from './testing/world.ts'

function loading(files: Readonly<Record<string, string>>) {
  const limits: number[] = []
  const artifacts = artifactsOf((_digest, path, limit) => {
    limits.push(limit)
    const text = files[path]
    if (text === undefined) return Promise.resolve(fail({ kind: 'not-found' as const }))
    return Promise.resolve(text.length > limit ? fail({ kind: 'too-large' as const, message: `${path} is larger than ${limit} bytes` }) : ok(Buffer.from(text)))
  })
  const context = { services: fakeServices({}, { artifacts }), redactor: new Redactor() }
  const state = createRunState()
  state.registerArtifact('repo', { digest: `sha256:${'0'.repeat(64)}`, size: 1 })
  return { load: (file: string, format?: string, reveal = false) => loadVar(context, { file, format, reveal }, state), context, limits }
}

test('the format is the one named, else the extension, else trim', async () => {
  const { load } = loading({ 'v.json': '{"a": 1}', 'v.yml': 'a: 2', 'v.yaml': 'a: 3', 'v.txt': ' t ', v: ' n\n', 'v.raw': ' r ' })
  const values = await Promise.all(['v.json', 'v.yml', 'v.yaml', 'v.txt', 'v', 'v.raw'].map((path) => load(`repo/${path}`)))
  expect(values.map((value) => value.ok && value.value)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, 't', 'n', ' r '])
  expect(await load('repo/v.json', 'raw')).toEqual(ok('{"a": 1}'))
  expect(await load('repo/v.json', '')).toEqual(ok({ a: 1 }))
  expect(await load('repo/v', 'toml')).toEqual(fail('there is no format "toml"; it can be json, yml, yaml, trim, raw'))
})

test('without reveal the value, its parts and each line are taken out of the log', async () => {
  const { load, context } = loading({ 'v.json': '{"user": "deploy-user", "keys": ["line-one\\nline-two"], "pin": 123456}', shown: 'shown-value' })
  await load('repo/v.json')
  await load('repo/shown', undefined, true)
  expect(context.redactor.redact('deploy-user line-two line-one 123456 shown-value')).toBe('((redacted)) ((redacted)) ((redacted)) ((redacted)) shown-value')
})

test('a file of the greatest size is read, one byte more is refused', async () => {
  const { load, limits } = loading({ fits: 'x'.repeat(longestVarFile), long: 'x'.repeat(longestVarFile + 1) })
  expect((await load('repo/fits', 'raw')).ok).toBe(true)
  expect(await load('repo/long', 'raw')).toEqual(fail(`file "repo/long": long is larger than ${longestVarFile} bytes`))
  expect(limits).toEqual([longestVarFile, longestVarFile])
})

const task = (name: string, stdout: string) => `{task: ${name}, params: {FAKE_STDOUT: "${stdout}"}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, run: {path: x}}}`

test('steps beside and after a load_var, in any nesting, see its var; a step before it does not', async () => {
  const world = new World(
    `
resources: [{name: repo, type: git, source: {}}]
jobs:
- name: j
  plan:
  - get: repo
  - try: ${task('before', '((.:v))')}
  - in_parallel:
      limit: 1
      steps:
      - do: [{try: {load_var: v, file: repo/v, reveal: true}}]
        timeout: 1h
        attempts: 2
      - ${task('beside', 'beside ((.:v))')}
  - ${task('after', 'after ((.:v))')}
  ensure: ${task('hook', 'hook ((.:v))')}
`,
    {},
    { artifacts: filesOf(() => Promise.resolve(Buffer.from('1.2'))) },
  )
  expect(await world.run()).toBe('succeeded')
  const lines = world.joinedLines()
  expect(lines).toContain('error before {"message":"undefined vars: .:v"}')
  expect(lines.filter((line) => line.includes(' 1.2'))).toEqual([...['beside', 'after', 'hook'].map((name) => `log ${name} stdout "${name} 1.2\\n"`)])
})

test('an image whose source has a loaded var is found by its get, and downloaded for a step that reads it', async () => {
  const world = new World(
    `
resources: [{name: repo, type: git, source: {}}, {name: app, type: registry-image, source: {repository: app, tag: ((.:v))}}]
jobs:
- name: j
  plan:
  - get: repo
  - {load_var: v, file: repo/v, reveal: true}
  - get: app
  - {task: reads, config: {platform: linux, image_resource: {type: registry-image, source: {repository: b}}, inputs: [{name: app}], run: {path: x}}}
`,
    {},
    { artifacts: filesOf(() => Promise.resolve(Buffer.from('1.2'))) },
  )
  expect(await world.run()).toBe('succeeded')
  expect(world.started()).toContain('app')
})
