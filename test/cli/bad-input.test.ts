import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { airside } from '../e2e/airside.ts'

/** What a user gets who made a mistake, before anything runs: words with file and line, status 2, no stack trace. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-bad-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(pipeline: string, ...args: string[]) {
  const file = join(folder, 'pipeline.yml')
  await writeFile(file, pipeline)
  const ended = await airside(['run', file, '--data', join(folder, 'data'), ...args]).ended
  expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at .*:\d+/m)
  return ended
}

const task = 'config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: "true"}}'

test('broken YAML', async () => {
  const { status, stderr } = await run('jobs:\n- name: a\n  plan: [\n- b')
  expect(status).toBe(2)
  expect(stderr).toMatch(/pipeline\.yml:\d+:\d+: error:/)
})

test('five mistakes, all at once', async () => {
  const { status, stderr } = await run(`
resources:
- {name: repo, type: git, sauce: {}}
jobs:
- name: a
  plan:
  - get: repoo
  - task: t
    confg: {}
  - task: both
    file: repo/task.yml
    ${task}
  - get: repo
    attempts: many
`)
  expect(status).toBe(2)
  expect(stderr.match(/pipeline\.yml:\d+:\d+: error:/g)?.length).toBeGreaterThanOrEqual(5)
})

test('a file, a job and an input that are not there', async () => {
  const missing = await airside(['run', join(folder, 'nope.yml')]).ended
  expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no file') as string })
  const pipeline = `jobs:\n- name: a\n  plan:\n  - task: t\n    ${task}\n`
  expect(await run(pipeline, '--job', 'b')).toMatchObject({ status: 2, stderr: expect.stringContaining('its jobs are: a') as string })
})

test('what is not built yet is refused with file and line', async () => {
  const { status, stderr } = await run('jobs:\n- name: a\n  plan:\n  - set_pipeline: self\n    file: x/y.yml\n')
  expect(status).toBe(2)
  expect(stderr).toMatch(/pipeline\.yml:4:\d+/)
  expect(stderr).toContain('set_pipeline')
})

test('options that are wrong say how they are written', async () => {
  const pipeline = `jobs:\n- name: a\n  plan:\n  - task: t\n    ${task}\n`
  for (const [option, words] of [
    [['--input', 'repo'], 'NAME=DIR'],
    [['--input-version', 'repo'], 'name=key:value'],
    [['--base-resource-type', 'git'], 'NAME=IMAGE'],
    [['--prepare-ahead', 'many'], 'whole number'],
    [['--runtime', 'nomad'], 'kubernetes'],
    [['--runtime', 'kubernetes', '--image-registry', 'ci'], "must begin with a registry's host"],
  ] as const) {
    const { status, stderr } = await run(pipeline, ...option)
    expect({ option, status }).toEqual({ option, status: 2 })
    expect(stderr).toContain(words)
  }
})

test('validate prints every finding, and says when there is none', async () => {
  const file = join(folder, 'good.yml')
  await writeFile(file, `jobs:\n- name: a\n  plan:\n  - task: t\n    ${task}\n`)
  expect(await airside(['validate', file]).ended).toMatchObject({ status: 0, stdout: expect.stringContaining('looks good') as string })
})
