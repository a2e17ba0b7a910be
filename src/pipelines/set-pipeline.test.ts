import { beforeEach, expect, test } from 'vitest'
import { setPipeline, trySetPipeline } from './set-pipeline.ts'
import { MemoryPipelines } from './testing/memory-pipelines.ts'

const ref = { team: 'main', name: 'p' }
const plan = [{ task: 't', file: 'a/b' }]
const source = (config: object) => Buffer.from(JSON.stringify(config))

let store: MemoryPipelines
beforeEach(() => {
  store = new MemoryPipelines(['main', 'other'])
})
const version = async () => (await store.find(ref))?.configVersion
const set = async (config: object) => {
  const expected = await version()
  return setPipeline(store, { ref, source: source(config), by: 'jo', ...(expected !== undefined && { expected }) }, 1)
}
const tried = async (config: object) => {
  const expected = await version()
  const answer = await trySetPipeline(store, { ref, source: source(config), by: 'jo', ...(expected !== undefined && { expected }) }, 1)
  return answer.ok ? answer.value.changes : answer.error
}

test('a dry run tells what becomes of jobs and resources, and saves nothing', async () => {
  const get = (name: string, fields: object = {}) => ({ name, type: 'git', source: { uri: name }, ...fields })
  const job = (name: string, gets: string[], fields: object = {}) => ({ name, plan: [...gets.map((resource) => ({ get: resource })), ...plan], ...fields })
  await set({ resources: [get('a'), get('b'), get('c')], jobs: [job('one', ['a', 'b', 'c']), job('two', []), job('three', [])] })
  await set({ resources: [get('a'), get('b'), get('c')], jobs: [job('one', ['a', 'b', 'c']), job('two', [])] })
  const { id = 0 } = (await store.find(ref)) ?? {}
  const two = (await store.jobs(id)).find(({ name }) => name === 'two')
  await store.save(
    { team: 'other', name: 'child', instanceVars: { v: 1 } },
    { config: {}, by: '', initially: 'unpaused', parent: { jobId: two?.id ?? 0, buildId: 1 }, changes: () => ({ ok: true, value: { jobs: none, resources: none, types: [], inputs: [], serialGroups: [] } }) },
    1,
  )
  const before = [await store.list(), await store.jobs(id), await store.resources(id), await store.history(id)]
  const next = {
    resources: [get('renamed', { old_name: 'a', source: { uri: 'a' } }), get('b', { version: { ref: 'x' } }), get('d')],
    jobs: [job('first', ['renamed', 'b', 'd'], { old_name: 'one' }), job('three', [])],
  }
  expect(await tried(next)).toEqual([
    'job first keeps the builds of one',
    'job three comes back with its builds',
    'job two goes; its builds are kept',
    'resource renamed keeps the versions of a',
    'resource d is new',
    'resource c goes; its versions are kept',
    'resource b is pinned to {"ref":"x"}',
    'pipeline child/v:1 is archived, since job two, which has set it, goes',
  ])
  expect([await store.list(), await store.jobs(id), await store.resources(id), await store.history(id)]).toEqual(before)
  expect(await tried({ resources: [get('a'), get('b'), get('c')], jobs: [job('one', ['a', 'b', 'c']), job('two', [])] })).toEqual([])
})

const none = { remove: [], rename: [], insert: [], update: [], deactivate: [] }

test('a dry run is refused as the config would be', async () => {
  expect(await tried({ jobs: [{ name: 'j', plan: [{ get: 'nowhere' }] }] })).toMatchObject({ kind: 'invalid' })
  await set({ jobs: [{ name: 'a', plan }, { name: 'b', plan }] })
  expect(await tried({ jobs: [{ name: 'a', old_name: 'b', plan }, { name: 'b', old_name: 'a', plan }] })).toMatchObject({ kind: 'invalid', errors: [expect.stringContaining('swap names')] })
  expect(await trySetPipeline(store, { ref, source: source({ jobs: [{ name: 'a', plan }] }), by: 'jo', expected: 99 }, 1)).toEqual({ ok: false, error: { kind: 'stale' } })
  expect(await trySetPipeline(store, { ref: { team: 'none', name: 'p' }, source: source({ jobs: [{ name: 'a', plan }] }), by: 'jo' }, 1)).toEqual({ ok: false, error: { kind: 'no-team' } })
})

test('what is pinned, unpinned and begins a new history is told', async () => {
  const resource = { name: 'r', type: 'git', source: { uri: 'u' }, version: { ref: 'x' } }
  const config = (fields: object) => ({ resources: [{ ...resource, ...fields }], jobs: [{ name: 'j', plan: [{ get: 'r' }] }] })
  await set(config({}))
  expect(await tried(config({ version: undefined }))).toEqual(['resource r is not pinned any more'])
  expect(await tried(config({ version: { ref: 'y' } }))).toEqual(['resource r is pinned to {"ref":"y"}'])
  // It was never checked: it has no history to lose.
  expect(await tried(config({ source: { uri: 'v' } }))).toEqual([])
})

test('text that is no YAML is refused with its line, other mistakes with their place in the config', async () => {
  const refused = (text: string) => setPipeline(store, { ref, source: Buffer.from(text), by: 'jo' }, 1)
  expect(await refused('jobs:\n- name: j\n   plan: []\n')).toMatchObject({ error: { errors: [expect.stringMatching(/^line 3, column 8: a `:` cannot stand here/)] } })
  expect(await refused('jobs:\n- name: j\n  plan: [{tusk: x}]\n')).toMatchObject({ error: { errors: [expect.stringMatching(/^jobs\.j\.plan\[0\]: /), expect.stringMatching(/^jobs\.j\.plan\[0\]\.tusk: /)] } })
})
