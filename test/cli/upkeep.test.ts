import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useApi } from '../../src/api/testing/database-world.ts'
import { saveTarget } from '../../src/client/targets.ts'
import { inProcess, type Ended } from './in-process.ts'

/** Commands for lists, caches, versions, the wall, targets and the API itself, on a database. */
describe('on a server with a pipeline', () => {
  const api = useApi((made) => ({
    containers: { ...made.containers, find: () => Promise.resolve({ targets: [{ handle: 'h1', buildId: 1, step: 'greet', type: 'task', attempt: '2', state: 'kept' }] }) },
  }))
  let folder: string
  let url: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-upkeep-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    const world = api()
    url = await world.api.app.listen({ port: 0, host: '127.0.0.1' })
    await saveTarget(join(folder, '.flyrc'), 'ci', { api: url, team: 'main', token: { type: 'bearer', value: await world.tokenOf('admin') } })
    await world.setPipeline('resource_types: [{name: tool, type: mock, source: {}}]\nresources: [{name: repo, type: mock, source: {}}]\njobs: [{name: j, plan: [{get: repo}, {task: greet, config: {platform: linux, run: {path: ls}}}]}]')
  })
  afterEach(() => rm(join(folder, '.flyrc'), { force: true }))

  const ran = (...args: string[]): Promise<Ended> => inProcess(folder, args)
  const succeeds = (stdout: unknown) => ({ status: 0, stdout, stderr: '' })

  test('what runs, who is there and what is paused is listed', async () => {
    const world = api()
    await world.call('POST', '/api/v1/teams/main/pipelines/p/jobs/j/builds')
    expect((await ran('containers')).stdout).toMatch(/^h1\s+p\s+j\s+1\s+1\s+task\s+greet\s+2\s+docker\n$/)
    expect(JSON.parse((await ran('cs', '--json')).stdout)).toMatchObject([{ id: 'h1', step_name: 'greet' }])
    expect((await ran('workers')).stdout).toMatch(/^docker\s+2\s+1\s+linux\s+none\s+none\s+running\s/)
    expect(await ran('volumes')).toEqual(succeeds(''))
    expect((await ran('active-users')).stdout).toMatch(/^admin\s+local\s+\d{4}-\d\d-\d\dT/)
    expect(await ran('active-users', '--since', 'yesterday')).toMatchObject({ status: 2, stderr: '--since "yesterday": write a day as 2026-01-31\n' })
    expect((await ran('active-users', '--since', '2999-01-01')).stdout).toBe('')
    expect(await ran('paused-jobs')).toEqual(succeeds(''))
    expect(await ran('pause-job', '-j', 'p/j')).toMatchObject({ status: 0 })
    expect((await ran('paused-jobs')).stdout).toMatch(/^p\s+j\n$/)
    expect((await ran('paused-pipelines')).stdout).toMatch(/^p\s/)
    await ran('unpause-pipeline', '-p', 'p')
    expect(await ran('paused-pipelines')).toEqual(succeeds(''))
    expect((await ran('get-team')).stdout).toMatch(/^owner\s+local:admin\s+none$/m)
    expect(await ran('get-team', '-n', 'nothing')).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing') as string })
  })

  test('caches and versions are cleared once that is agreed to', async () => {
    expect(await ran('clear-task-cache', '-j', 'p/j', '-s', 'greet', '-n')).toEqual(succeeds('0 caches removed\n'))
    expect(await ran('clear-task-cache', '-j', 'p/j', '-s', 'greet', '-c', 'deps', '-n')).toEqual(succeeds('0 caches removed\n'))
    expect(await ran('clear-resource-cache', '-r', 'p/repo', '-v', 'ref:1', '-n')).toEqual(succeeds('0 caches removed\n'))
    expect(await ran('clear-versions', '--resource', 'p/repo', '-n')).toEqual(succeeds('0 versions removed\n'))
    expect(await ran('clear-versions', '--resource-type', 'p/tool', '-n')).toEqual(succeeds('0 versions removed\n'))
    expect(await ran('clear-versions', '--resource-type', 'p/gone', '-n')).toMatchObject({ status: 1, stderr: 'there is no resource type p/gone\n' })
    expect(await ran('clear-versions', '-n')).toMatchObject({ status: 2 })
    expect(await ran('clear-task-cache', '-j', 'p/j', '-n')).toMatchObject({ status: 2, stderr: 'of which task? -j PIPELINE/JOB -s STEP\n' })
    expect(await ran('schedule-job', '-j', 'p/j')).toEqual(succeeds('scheduled p/j\n'))
    expect(await ran('schedule-job', '-j', 'p/gone')).toMatchObject({ status: 1, stderr: 'there is no job p/gone\n' })
  })

  test('a message is shown to everybody, for a time or until it is taken away', async () => {
    expect(await ran('get-wall')).toEqual(succeeds(''))
    expect(await ran('set-wall', '-m', 'down at noon', '--ttl', '30m')).toMatchObject({ status: 0 })
    expect(await ran('get-wall')).toEqual(succeeds('down at noon\n'))
    await api().clock.advance(1_800_001)
    expect(await ran('get-wall')).toEqual(succeeds(''))
    await ran('set-wall', '-m', 'again')
    expect(await ran('clear-wall')).toEqual(succeeds(''))
    expect(await ran('get-wall')).toEqual(succeeds(''))
    expect(await ran('set-wall', '-m', 'x', '--ttl', 'soon')).toMatchObject({ status: 2, stderr: expect.stringContaining('--ttl "soon"') as string })
  })

  test('groups of components are paused', async () => {
    expect(await ran('pause-component', '--runtime-components')).toEqual(succeeds('paused tracker\npaused scanner\npaused scheduler\n'))
    expect((await ran('unpause-component', '--gc-components')).stdout).toMatch(/^unpaused reaper\nunpaused collector_artifacts\n/)
    expect(await ran('pause-component', '--all', '--gc-components')).toMatchObject({ status: 2 })
    expect((await ran('get-components')).stdout).toMatch(/^scheduler\s.*\syes$/m)
    expect((await ran('get-components')).stdout).toMatch(/^reaper\s.*\sno$/m)
  })

  test('instances have an order', async () => {
    for (const branch of ['main', 'next']) await api().setPipeline('jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: ls}}}]}]', `/api/v1/teams/main/pipelines/inst?vars=${encodeURIComponent(JSON.stringify({ branch }))}`)
    expect(await ran('order-instanced-pipelines', '-g', 'inst', '-p', 'branch:next', '-p', 'branch:main')).toEqual(succeeds('inst/branch:next\ninst/branch:main\n'))
    expect((await ran('pipelines')).stdout).toMatch(/inst\/branch:next[\s\S]*inst\/branch:main/)
    expect(await ran('order-instanced-pipelines', '-g', 'inst')).toMatchObject({ status: 2 })
  })

  test('a comment says why a resource is pinned', async () => {
    expect(await ran('pin-resource', '-r', 'p/repo', '-c', 'for good')).toMatchObject({ status: 1 })
    expect(await ran('pin-resource', '-r', 'p/repo')).toMatchObject({ status: 2, stderr: expect.stringContaining('which version?') as string })
  })

  test('a request is sent with the token, and a refusal is the exit status', async () => {
    expect(JSON.parse((await ran('curl', '/api/v1/user')).stdout)).toMatchObject({ user_name: 'admin' })
    expect(await ran('curl', '/api/v1/teams/main/pipelines/p/rename', '-X', 'PUT', '-d', '{"name": "q"}')).toMatchObject({ status: 0 })
    expect((await ran('pipelines')).stdout).toMatch(/^q\s/)
    expect(await ran('curl', '/api/v1/nothing')).toMatchObject({ status: 1, stderr: 'the server answered 404\n' })
    expect(await ran('curl', 'api/v1/info')).toMatchObject({ status: 2 })
    expect(await ran('curl', '/api/v1/info', '-X', 'TRACE')).toMatchObject({ status: 2, stderr: '--request "TRACE": write GET, POST, PUT or DELETE\n' })
  })

  test('a target gets another name, address and team, and is forgotten', async () => {
    expect(await ran('edit-target', '-t', 'ci', '--target-name', 'new', '-u', 'http://elsewhere:8080/', '-n', 'web')).toEqual(succeeds('saved target new\nforgot target ci\n'))
    const file = await readFile(join(folder, '.flyrc'), 'utf8')
    expect(file).toMatch(/new:\s+api: http:\/\/elsewhere:8080\n\s+team: web\n/)
    expect(file).not.toContain('ci:')
    expect(await ran('edit-target', '-t', 'new')).toMatchObject({ status: 2, stderr: expect.stringContaining('what is to be changed?') as string })
    expect(await ran('edit-target', '-t', 'new', '-u', 'elsewhere')).toMatchObject({ status: 2, stderr: '--concourse-url "elsewhere": write http://HOST or https://HOST\n' })
    expect(await ran('delete-target')).toMatchObject({ status: 2, stderr: 'which server? -t NAME, or --all\n' })
    expect(await ran('delete-target', '-t', 'ci')).toMatchObject({ status: 2, stderr: 'there is no target ci\n' })
    expect(await ran('delete-target', '-t', 'new')).toEqual(succeeds('forgot target new\n'))
    expect((await ran('targets')).stdout).toBe('')
  })
})
