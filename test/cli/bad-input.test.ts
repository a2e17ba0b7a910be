import { spawnSync } from 'node:child_process'
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
  expect(await run(pipeline, '--job', 'b')).toMatchObject({ status: 2, stderr: expect.stringContaining('has no job "b"; its jobs are:\n  a\n') as string })
})

test('a folder in place of a file', async () => {
  for (const command of ['run', 'validate']) {
    expect(await airside([command, folder]).ended).toMatchObject({ status: 2, stderr: `${folder} is a folder; name the YAML file in it\n` })
  }
})

test('no job among many: their names stand in columns', async () => {
  const { status, stderr } = await run(`jobs:\n${Array.from({ length: 120 }, (_, index) => `- {name: job-number-${index}, plan: [{task: t, ${task}}]}\n`).join('')}`)
  expect(status).toBe(2)
  const lines = stderr.trimEnd().split('\n')
  expect(lines[0]).toBe('which job? --job NAME, one of:')
  expect(lines[1]).toMatch(/^ {2}job-number-0 +job-number-1 /)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(102)
  expect(lines.length).toBeLessThan(40)
})

test('an option of a var is named once', async () => {
  expect(await run('jobs: []', '--var', 'nothing')).toMatchObject({ status: 2, stderr: '--var: an option is no `name=value`\n' })
})

test('warnings are about the job that runs', async () => {
  const job = (name: string, key: string) => `- name: ${name}\n  plan:\n  - task: t\n    config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: "true", ${key}: 1}}\n`
  // The engine is not reached: this data folder cannot be made.
  const { stderr } = await run(`jobs:\n${job('mine', 'unknown-one')}${job('other', 'unknown-two')}`, '--job', 'mine', '--data', '/dev/null/data')
  expect(stderr).toContain('unknown-one')
  expect(stderr).not.toContain('unknown-two')
})

test('no secret is in what fails, whatever fails', async () => {
  const pipeline = `jobs:\n- name: a\n  plan:\n  - task: t\n    params: {P: ((p))}\n    ${task}\n`
  const broken = join(folder, 'hunter22')
  await writeFile(broken, '')
  const failed = await run(pipeline, '--var', 'p=hunter22', '--data', join(broken, 'data'))
  expect(failed).toMatchObject({ status: 2, stderr: expect.stringContaining('((redacted))') as string })
  expect(failed.stderr).not.toContain('hunter22')

  const file = join(folder, 'pipeline.yml')
  const environment = { AIRSIDE_ENCRYPTION_KEY: 'key-canary', AIRSIDE_POSTGRES: 'postgres://me:pass-canary@db/x' }
  const thrower = `data:text/javascript,${encodeURIComponent("process.once('beforeExit', () => { throw new Error(`no ${process.env.AIRSIDE_ENCRYPTION_KEY} ${process.env.AIRSIDE_POSTGRES}`) })")}`
  const crashed = await airside(['validate', file], { ...environment, NODE_OPTIONS: `--import ${thrower}`, AIRSIDE_DEBUG: '1' }).ended
  expect(crashed).toMatchObject({ status: 2, stderr: expect.stringContaining('airside: no ((redacted)) postgres://me:((redacted))@db/x') as string })
  const help = await Promise.all(['run', 'web'].map((command) => airside([command, '--help'], environment).ended))
  for (const { stdout, stderr } of [crashed, ...help]) expect(stdout + stderr).not.toContain('canary')
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

test('validate-pipeline takes the flags of fly', async () => {
  const file = join(folder, 'vars.yml')
  await writeFile(file, 'unused: 1\njobs:\n- name: a\n  plan:\n  - {task: t, file: ((file))}\n')
  expect(await airside(['validate-pipeline', '-c', file, '-o', '-v', 'file=a/b.yml']).ended).toMatchObject({
    status: 0,
    stdout: 'unused: 1\njobs:\n- name: a\n  plan:\n  - task: t\n    file: a/b.yml\n',
    stderr: expect.stringContaining('a pipeline has no section `unused`') as string,
  })
  expect(await airside(['validate-pipeline', '-s', '-o', '-c', file]).ended).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('1 error') as string })
  expect(await airside(['validate']).ended).toMatchObject({ status: 2, stderr: expect.stringContaining('which file?') as string })
  expect(await airside(['validate', '-c', file, file]).ended).toMatchObject({ status: 2, stderr: expect.stringContaining('name one file') as string })
})

test('validate reads the standard input, and knows a task file', async () => {
  const good = spawnSync(join(process.cwd(), 'bin', 'airside'), ['validate', '-'], { input: 'platform: linux\nrun: {path: x}\n', encoding: 'utf8' })
  expect(good).toMatchObject({ status: 0, stdout: '-: looks good (a task file)\n' })
  const wrong = spawnSync(join(process.cwd(), 'bin', 'airside'), ['validate', '-'], { input: 'platform: linux\nouputs: []\n', encoding: 'utf8' })
  expect(wrong).toMatchObject({ status: 1, stdout: expect.stringContaining('a task config has no key `ouputs`') as string })
})
