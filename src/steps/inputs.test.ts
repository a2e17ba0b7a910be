import { expect, test } from 'vitest'
import type { ArtifactRef } from '../model/artifact.ts'
import type { JsonObject } from '../model/json.ts'
import { putInputs } from './put-inputs.ts'
import { createRunState } from './run-state.ts'
import { taskDirectory, taskLayout } from './task-layout.ts'

const artifact = (letter: string): ArtifactRef => ({ digest: `sha256:${letter.repeat(64)}`, size: 1 })
const artifacts = new Map([['repo', artifact('a')], ['build', artifact('b')], ['a.b', artifact('c')], ['__proto__', artifact('d')]])
const names = (inputs: Parameters<typeof putInputs>[0], params: JsonObject = {}) => {
  const found = putInputs(inputs, params, new Set(artifacts.keys()))
  return found.ok ? found.value : found.error
}

test('a put sees all artifacts, or the named ones', () => {
  expect(names('all')).toEqual(['repo', 'build', 'a.b', '__proto__'])
  expect(names(['build', 'build'])).toEqual(['build'])
  expect(names([])).toEqual([])
  expect(names(['nope', 'build', 'neither'])).toBe('input not found: nope, neither')
})

test.each<[string, JsonObject, string[]]>([
  ['first segments', { file: 'build/out.tgz' }, ['build']],
  ['deep ones', { a: [{ b: ['x', { c: 'repo' }] }], n: 1, z: null, t: true }, ['repo']],
  ['past dots', { file: './../build/x', other: '/repo/y' }, ['build', 'repo']],
  ['each once', { a: 'repo/x', b: 'repo/y' }, ['repo']],
  ['values, not keys', { repo: 'x' }, []],
  ['odd names', { a: 'a.b/c', b: '__proto__/x' }, ['a.b', '__proto__']],
  ['nothing', { a: '', b: '/', c: '..' }, []],
])('detects %s', (_what, params, expected) => {
  for (const inputs of ['detect', undefined] as const) {
    const found = names(inputs, params)
    expect(found).toEqual(expected)
  }
})

const state = createRunState()
for (const [name, ref] of artifacts) state.registerArtifact(name, ref)
const layout = (config: Parameters<typeof taskLayout>[1], plan: Partial<Parameters<typeof taskLayout>[0]> = {}) =>
  taskLayout({ name: 'unit', privileged: false, ...plan }, config, state)
const root = taskDirectory('unit')

test('a task’s directory depends on its name only', () => {
  expect(root).toMatch(/^\/tmp\/build\/[0-9a-f]{8}$/)
  expect(taskDirectory('other')).not.toBe(root)
})

test('mounts nest, share paths, and may be the working directory itself', () => {
  const found = layout({
    inputs: [{ name: 'build', path: 'repo/vendor' }, { name: 'repo' }, { name: 'a.b', path: '.' }],
    outputs: [{ name: 'out', path: '.' }, { name: 'nested', path: 'repo/target' }, { name: 'repo' }],
    caches: [{ path: 'repo/.cache' }, { path: '/root/.m2' }],
  })
  if (!found.ok) throw new Error(found.error)
  expect(found.value.workingDirectory).toBe(root)
  expect(found.value.inputs.map(({ name, path }) => [name, path])).toEqual([['a.b', root], ['repo', `${root}/repo`], ['build', `${root}/repo/vendor`]])
  expect(found.value.outputs.map(({ name, path }) => [name, path])).toEqual([['out', root], ['nested', `${root}/repo/target`], ['repo', `${root}/repo`]])
  expect(found.value.caches.map(({ path, configured }) => [path, configured])).toEqual([[`${root}/repo/.cache`, 'repo/.cache'], ['/root/.m2', '/root/.m2']])
})

test('mappings rename what a task calls by other names, and missing inputs are told all at once', () => {
  const mapped = layout({ inputs: [{ name: 'source' }], outputs: [{ name: 'out' }] }, { input_mapping: { source: 'repo' }, output_mapping: { out: 'binary' } })
  expect(mapped).toMatchObject({ ok: true, value: { inputs: [{ name: 'source', path: `${root}/source`, artifact: artifact('a') }], outputs: [{ name: 'out', artifactName: 'binary' }] } })
  expect(layout({ inputs: [{ name: 'x' }, { name: 'repo' }, { name: 'y' }, { name: 'opt', optional: true }] }, { input_mapping: { y: 'z' } })).toEqual({ ok: false, error: 'missing inputs: x, z' })
  // A name that every object has is mapped to nothing.
  expect(layout({ inputs: [{ name: 'constructor', optional: true }], outputs: [{ name: 'toString' }] }, { input_mapping: {}, output_mapping: {} })).toMatchObject({
    ok: true, value: { inputs: [], outputs: [{ artifactName: 'toString' }] },
  })
})

test('scopes see their parents’ artifacts and versions, and keep their own', () => {
  const inner = state.scope()
  inner.registerArtifact('repo', artifact('e'))
  inner.storeVersion('p', { v: '1' })
  expect(inner.artifact('repo')).toEqual(artifact('e'))
  expect(inner.artifact('build')).toEqual(artifact('b'))
  expect(inner.names()).toEqual(state.names())
  expect(state.artifact('repo')).toEqual(artifact('a'))
  expect(state.version('p')).toBeUndefined()
  expect(inner.scope().version('p')).toEqual({ v: '1' })
})
