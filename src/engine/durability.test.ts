import { expect, test } from 'vitest'
import { Engine } from './engine.ts'
import { taskYaml } from './testing/kit.ts'
import { Life } from './testing/mortal.ts'
import { freeLease, live, outcome, removeAfterEnd, resources, types, undisturbed, worldOf } from './testing/lives.ts'

const sequential = `
${types}
${resources}
jobs:
- name: long
  plan:
  - get: repo
  - ${taskYaml('first', { FAKE_STDOUT: 'one\ntwo — drei\nhunter2-hunter2\nlast', FAKE_SPLIT: '5' })}
  - try: {task: shaky, attempts: 2, params: {FAKE_EXIT: "3", FAKE_STDERR: broken}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: alpine}}, run: {path: make}}}
  - {put: release, params: {token: ((secret)), from: repo/x}}
  - do:
    - ${taskYaml('inner', { FAKE_STDOUT: 'inner says' })}
    - ${taskYaml('fails', { FAKE_EXIT: '7', FAKE_STDOUT: 'no', FAKE_STDERR: 'really no' })}
    timeout: 1h
    on_failure: ${taskYaml('tell', { FAKE_STDOUT: 'it failed: hunter2-hunter2' })}
    ensure: ${taskYaml('clean', { FAKE_STDOUT: 'cleaned' })}
  - ${taskYaml('never')}
`

const parallel = `
${types}
${resources}
jobs:
- name: wide
  plan:
  - in_parallel:
      limit: 2
      steps:
      - {get: repo, on_success: ${taskYaml('after-get', { FAKE_STDOUT: 'got' })}}
      - ${taskYaml('left', { FAKE_STDOUT: 'l1\nl2', FAKE_SPLIT: '2' })}
      - {do: [${taskYaml('right', { FAKE_STDOUT: 'r' })}, ${taskYaml('right-2', { FAKE_STDERR: 'r2' })}]}
  - {put: release, no_get: true}
  - ${taskYaml('end', { FAKE_STDOUT: 'end' })}
`

const imageTask = (name: string, inputs: string) => `{task: ${name}, image: app, config: {platform: linux, inputs: [${inputs}], run: {path: x}}}`
const images = `
resources: [{name: app, type: registry-image, source: {repository: example/app, stderr: "unpacking ((secret))", split: 3}}]
jobs:
- name: images
  plan:
  - get: app
  - ${imageTask('run-from', '')}
  - in_parallel: [${imageTask('read', '{name: app}')}, ${imageTask('read-too', '{name: app}')}]
`

const loading = `
${resources.replaceAll('custom', 'mock')}
- {name: app, type: registry-image, source: {repository: example/app}}
jobs:
- name: loads
  plan:
  - {get: repo}
  - {get: app, params: {format: oci}}
  - {load_var: dir, file: repo/dir, reveal: true}
  - {load_var: token, file: "((.:dir))/token.json"}
  - {load_var: tag, file: app/tag, reveal: true}
  - ${taskYaml('tells', { FAKE_STDOUT: 'in ((.:dir)) at ((.:tag)): ((.:token.secret))', FAKE_SPLIT: '4' })}
  - ${taskYaml('repeats', { FAKE_STDOUT: 'k9-loaded-token' })}
  - {put: release, params: {tag: ((.:tag))}, no_get: true}
  - {load_var: broken, file: repo/broken.json}
`

const crossing = `
resources: [{name: repo, type: mock, source: {}}]
jobs:
- name: crosses
  plan:
  - {get: repo}
  - {load_var: list, file: repo/list.yml}
  - do:
    - {load_var: own, file: "repo/((.:dir))", reveal: true}
    - ${taskYaml('t-((.:name))-((.:exit))', { FAKE_STDOUT: '((.:name)) ((.:exit)) ((.:own))', FAKE_SPLIT: '3', FAKE_EXIT: '((.:exit))' })}
    across:
    - {var: name, values: ((.:list)), max_in_flight: 2}
    - {var: exit, values: [0, 1]}
    - {var: dir, values: [dir]}
    on_failure: ${taskYaml('told', { FAKE_STDOUT: 'k8-listed-one' })}
  - ${taskYaml('never')}
`

const setting = `
resources: [{name: repo, type: mock, source: {}}]
jobs:
- name: sets
  plan:
  - {get: repo}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: "((secret))"}}
  - {try: {set_pipeline: child, file: repo/dir}}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: again}, attempts: 2}
  - {set_pipeline: child, file: repo/child.yml, vars: {path: again}}
  - ${taskYaml('after', {})}
  ensure: {set_pipeline: self, file: repo/child.yml, vars: {path: self}}
`

test('an undisturbed build that loads vars shows what it reveals, and nothing else', async () => {
  const { expected } = await undisturbed(loading, false)
  expect(expected.status).toBe('errored')
  expect(expected.events).toContain('log tells stdout "in repo at v7: ((redacted))\\n"')
  expect(expected.events.join('\n')).not.toContain('k9-loaded')
})

test('an undisturbed across runs every combination, each in its own scope', async () => {
  const { expected } = await undisturbed(crossing, true)
  expect(expected.status).toBe('failed')
  expect(expected.started.filter((line) => line.startsWith('task'))).toHaveLength(5)
  expect(expected.events.filter((line) => line.startsWith('across-substeps'))).toHaveLength(1)
  expect(expected.events.join('\n')).not.toContain('k8-listed')
})

test('an undisturbed build that sets pipelines says what changes, without secrets', async () => {
  const { expected, points } = await undisturbed(setting, false)
  expect(expected.status).toBe('succeeded')
  expect(expected.events.filter((line) => line.startsWith('set-pipeline-changed'))).toEqual([
    'set-pipeline-changed set_pipeline:child {"changed":true}',
    'set-pipeline-changed set_pipeline:child#1 {"changed":true}',
    'set-pipeline-changed set_pipeline:child {"changed":false}',
    'set-pipeline-changed set_pipeline:self {"changed":true}',
  ])
  expect(expected.events.join('\n')).not.toContain('hunter2')
  expect(points).toContain('after a pipeline is set')
})

test('an undisturbed long build', async () => {
  const { expected, points } = await undisturbed(sequential, false)
  expect(expected).toMatchObject({ status: 'failed', left: [] })
  expect(new Set(expected.started).size).toBe(expected.started.length)
  expect(expected.events.join('\n')).not.toContain('hunter2')
  expect(points).toEqual(
    expect.arrayContaining([
      'before a commit', 'after a commit', 'before task is created', 'after task reported in', 'before a guess is created', 'after a guess reported in',
      'before assign is sent', 'before records', 'before records are acknowledged', 'after exit', 'before release', 'before list',
    ]),
  )
})

for (const [name, text, perStep] of [['a long build', sequential, false], ['parallel branches', parallel, true], ['an image that is found, run from and downloaded', images, true], ['vars that are loaded', loading, false], ['an across', crossing, true], ['pipelines that are set', setting, false]] as const) {
  test(`${name}: kill -9 at every point leaves the same build`, async () => {
    const { expected, points } = await undisturbed(text, perStep)
    for (let kill = 1; kill <= points.length; kill += 1) {
      const world = worldOf(text)
      const first = new Life((_point, count) => count === kill)
      await live(world, first)
      if (world.store.row(world.buildId).status === 'started') {
        freeLease(world)
        await live(world, new Life())
      } else await removeAfterEnd(world)
      expect(outcome(world, perStep), `killed at point ${kill}: ${first.points.at(-1)}`).toEqual(expected)
    }
  })

  test(`${name}: a server that dies at every tenth of its points, again and again`, async () => {
    const { expected } = await undisturbed(text, perStep)
    for (const stride of [7, 11, 17, 23]) {
      const world = worldOf(text)
      for (let lives = 0; lives < 200 && world.store.row(world.buildId).status === 'started'; lives += 1) {
        freeLease(world)
        await live(world, new Life((_point, count) => count === stride + lives))
      }
      await removeAfterEnd(world)
      expect(outcome(world, perStep), `stride ${stride}`).toEqual(expected)
    }
  })

  test(`${name}: a refused commit ends the run, and the next one goes on`, async () => {
    const { expected } = await undisturbed(text, perStep)
    for (let refuse = 1; ; refuse += 1) {
      const world = worldOf(text)
      let commits = 0
      world.store.beforeCommit = () => {
        commits += 1
        if (commits === refuse) throw new Error('the database is away')
      }
      const engine = new Engine(world.services, world.store, 'server')
      const claimed = await engine.claim(world.buildId)
      const end = await claimed?.end.then(() => 'ended', (error: Error) => error.message)
      if (end === 'ended') break
      expect(end).toBe('the database is away')
      freeLease(world)
      const again = await engine.claim(world.buildId)
      await again?.end
      await engine.stop()
      expect(outcome(world, perStep), `commit ${refuse} refused`).toEqual(expected)
    }
  })
}
