import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiWorld, type ApiWorld } from '../../src/api/testing/world.ts'
import { airside } from '../e2e/airside.ts'

/** The commands for people without fly, as processes, on the API with stores in memory. */
describe('commands on a server', () => {
  let folder: string
  let world: ApiWorld
  let url: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-remote-'))
    const paused = new Set<string>()
    world = await apiWorld({
      components: {
        list: () => (['scheduler', 'scanner'] as const).map((name) => ({ name, paused: paused.has(name) })),
        pause: (names) => (names.forEach((name) => paused.add(name)), Promise.resolve()),
        unpause: (names) => (names.forEach((name) => paused.delete(name)), Promise.resolve()),
      },
    })
    url = await world.api.app.listen({ port: 0, host: '127.0.0.1' })
    await writeFile(join(folder, 'pipeline.yml'), 'jobs:\n- name: j\n  plan:\n  - task: t\n    config: {platform: linux, image_resource: {type: mock, source: {word: ((word))}}, run: {path: ((path))}}\n')
  })
  afterAll(async () => {
    await world.api.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function ran(...args: string[]) {
    const ended = await airside(args, { HOME: folder, FLY_HOME: folder, AIRSIDE_TARGET: '' }).ended
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at .*:\d+/m)
    return ended
  }

  test('say how to log in when no server is known', async () => {
    expect(await ran('pipelines')).toMatchObject({ status: 2, stderr: 'no server is known yet; log in with: airside login -t NAME -c URL\n' })
  })

  test('log in with a password, which no file holds', async () => {
    const wrong = await ran('login', '-t', 'ci', '-c', url, '-u', 'admin', '-p', 'wrong-password')
    expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('Invalid username or password') as string })
    expect(await ran('login', '-t', 'ci', '-c', `${url}/`, '-u', 'admin', '-p', 'right')).toMatchObject({ status: 0, stdout: 'target saved\n' })
    const saved = await readFile(join(folder, '.flyrc'), 'utf8')
    expect(saved).toContain(`api: ${url}\n`)
    expect(saved).not.toContain('right')
    expect((await stat(join(folder, '.flyrc'))).mode & 0o077).toBe(0)
    expect(await ran('status')).toMatchObject({ status: 0, stdout: `logged in to ${url} as admin\n` })
    expect(await ran('targets')).toMatchObject({ stdout: expect.stringMatching(/^ci\s+http:\/\/127\.0\.0\.1:\d+\s+main\n$/) as string })
    expect(await ran('login', '-t', 'ci', '-u', 'admin', '-p', 'right', '-n', 'nowhere')).toMatchObject({ status: 0 })
    expect(await ran('login', '-t', 'ci', '-u', 'admin', '-p', 'right', '-n', 'main')).toMatchObject({ status: 0 })
  })

  test('say of a server that is none what to look at', async () => {
    const { status, stderr } = await ran('login', '-t', 'other', '-c', 'http://127.0.0.1:1', '-u', 'admin', '-p', 'x')
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/) as string })
    expect(await ran('login', '-t', 'other', '-c', 'ci.example')).toMatchObject({ status: 2, stderr: '--concourse-url: write http://HOST or https://HOST\n' })
  })

  test('set a pipeline, show what it changes, and get it back', async () => {
    const file = join(folder, 'pipeline.yml')
    const set = (...more: string[]) => ran('-t', 'ci', 'set-pipeline', '-p', 'p', '-c', file, '-v', 'path=true', ...more)
    expect(await set()).toMatchObject({ status: 2, stderr: 'nobody can be asked here; --non-interactive goes on without asking\n' })
    const created = await set('-n')
    expect(created.stdout).toContain('jobs:\n  job j has been added:\n+ name: j\n')
    expect(created.stdout).toContain('word: "((word))"')
    expect(created).toMatchObject({ status: 0, stdout: expect.stringMatching(/pipeline created\nthe pipeline is paused; let it go on with: airside unpause-pipeline -t ci -p p\n$/) as string })
    expect(await set('-n')).toMatchObject({ status: 0, stdout: 'no changes to apply\n' })

    const got = await ran('get-pipeline', '-p', 'p')
    await writeFile(join(folder, 'got.yml'), got.stdout)
    expect(await ran('set-pipeline', '-p', 'p', '-c', join(folder, 'got.yml'), '-n')).toMatchObject({ stdout: 'no changes to apply\n' })
    await writeFile(join(folder, 'bad.yml'), 'jobs:\n- name: j\n  plan:\n  - get: nothing\n')
    const bad = await ran('set-pipeline', '-p', 'p', '-c', join(folder, 'bad.yml'), '-n')
    expect(bad).toMatchObject({ status: 1, stderr: expect.stringMatching(/bad\.yml:4:\d+: error: .*nothing[\s\S]*nothing was set/) as string })

    expect(await ran('unpause-pipeline', '-p', 'p')).toMatchObject({ status: 0, stdout: 'unpaused p\n' })
    expect(await ran('pipelines')).toMatchObject({ stdout: expect.stringMatching(/^p\s+no\s+no\s+\d{4}-/) as string })
    expect(JSON.parse((await ran('pipelines', '--json')).stdout)).toMatchObject([{ name: 'p', team_name: 'main' }])
    expect(await ran('unpause-pipeline', '-p', 'nothing')).toMatchObject({ status: 1, stderr: 'there is no pipeline nothing in team main\n' })
  })

  test('set and name an instance of a pipeline', async () => {
    const file = join(folder, 'pipeline.yml')
    expect(await ran('sp', '-p', 'group', '-c', file, '-v', 'path=true', '-i', 'branch=main', '-n')).toMatchObject({ status: 0 })
    expect((await ran('ps')).stdout).toMatch(/^group\/branch:main\s/m)
    expect(await ran('up', '-p', 'group/branch:main')).toMatchObject({ status: 0, stdout: 'unpaused group/branch:main\n' })
  })

  test('trigger a job and follow its build to the end, with the exit status of its task', async () => {
    const running = airside(['trigger-job', '-j', 'p/j', '-w'], { HOME: folder, FLY_HOME: folder })
    await running.until(/^started p\/j #1$/m)
    const { events, builds } = world
    events.push('status', { status: 'started', time: 1 })
    events.push('initialize-task', { origin: { id: '1' }, time: 1, config: {} })
    events.push('log', { origin: { id: '1', source: 'stdout' }, time: 1, payload: 'hello\n' })
    events.push('finish-task', { origin: { id: '1' }, time: 1, exit_status: 7 })
    const build = builds.get(1)
    if (build !== undefined) builds.set(1, { ...build, status: 'failed', endedAt: 2 })
    events.push('status', { status: 'failed', time: 2 })
    expect(await running.ended).toEqual({ stderr: '', status: 7, stdout: 'started p/j #1\ninitializing\nhello\nfailed\n' })

    expect(await ran('watch', '-b', '1')).toMatchObject({ status: 7, stdout: 'initializing\nhello\nfailed\n' })
    expect((await ran('builds')).stdout).toMatch(/^1\s+p\/j\/1\s+failed/)
    expect(await ran('watch', '-b', '12')).toMatchObject({ status: 1, stderr: 'there is no build 12\n' })
    expect(await ran('watch', '-b', 'x')).toMatchObject({ status: 2, stderr: expect.stringContaining('-j PIPELINE/JOB -b x') as string })
    expect(await ran('trigger-job', '-j', 'p/none')).toMatchObject({ status: 1, stderr: 'there is no job p/none\n' })
    expect(await ran('trigger-job')).toMatchObject({ status: 2, stderr: 'which job? -j PIPELINE/JOB\n' })
  })

  test('rename and order pipelines', async () => {
    expect(await ran('rename-pipeline', '-o', 'p', '-n', 'renamed')).toMatchObject({ status: 0, stdout: 'renamed p to renamed\n' })
    expect(await ran('rename-pipeline', '-o', 'p', '-n', 'again')).toMatchObject({ status: 1, stderr: 'there is no pipeline p in team main\n' })
    expect(await ran('rename-pipeline', '-o', 'p')).toMatchObject({ status: 2, stderr: expect.stringContaining('-o PIPELINE -n PIPELINE') as string })
    expect(await ran('order-pipelines', '-p', 'renamed', '-p', 'group')).toMatchObject({ status: 0, stdout: 'renamed\ngroup\n' })
    expect(await ran('order-pipelines', '--alphabetical')).toMatchObject({ status: 0, stdout: 'group\nrenamed\n' })
    expect(await ran('order-pipelines')).toMatchObject({ status: 2, stderr: expect.stringContaining('in which order?') as string })
    expect(await ran('rename-pipeline', '-o', 'renamed', '-n', 'p')).toMatchObject({ status: 0 })
  })

  test('make, rename and remove a team', async () => {
    await writeFile(join(folder, 'team.yml'), 'roles:\n- name: owner\n  local: {users: [Admin]}\n- name: viewer\n  github: {teams: ["Acme:Ops"]}\n')
    expect(await ran('set-team', '-n', 'web', '-c', join(folder, 'team.yml'))).toMatchObject({ status: 2, stderr: expect.stringContaining('--non-interactive') as string })
    expect(await ran('set-team', '-n', 'web', '-c', join(folder, 'team.yml'), '--non-interactive')).toMatchObject({ status: 0, stdout: 'owner: local:admin\nviewer: github:acme:ops\nset team web\n' })
    expect(await ran('set-team', '-n', 'web', '--local-user', 'admin', '--non-interactive')).toMatchObject({ status: 0, stdout: 'owner: local:admin\nset team web\n' })
    expect(await ran('set-team', '-n', 'web', '--non-interactive')).toMatchObject({ status: 2, stderr: 'who has which role? -c FILE, or --local-user NAME\n' })
    expect(await ran('rename-team', '-o', 'web', '-n', 'site')).toMatchObject({ status: 0, stdout: 'renamed team web to site\n' })
    expect((await ran('teams')).stdout).toMatch(/^site/m)
    expect(await ran('destroy-team', '-n', 'site', '--non-interactive')).toMatchObject({ status: 0, stdout: 'removed team site\n' })
    expect((await ran('teams')).stdout).not.toMatch(/^site/m)
  })

  test('pause and unpause components', async () => {
    expect(await ran('pause-component', '-n', 'scheduler')).toMatchObject({ status: 0, stdout: 'paused scheduler\n' })
    expect((await ran('get-components')).stdout).toMatch(/^scheduler\s+1s\s+never\s+yes\nscanner\s+1s\s+never\s+no$/m)
    expect(await ran('unpause-component', '--all')).toMatchObject({ status: 0, stdout: 'unpaused all components\n' })
    expect((await ran('get-components')).stdout).toMatch(/^scheduler\s+1s\s+never\s+no$/m)
    expect(await ran('pause-component', '-n', 'nothing')).toMatchObject({ status: 1, stderr: 'there is no component nothing; airside get-components lists them\n' })
    expect(await ran('pause-component')).toMatchObject({ status: 2, stderr: 'which component? -n COMPONENT, or --all\n' })
  })

  test('log out: the token is void, and forgotten', async () => {
    const token = /value: (\S+)/.exec(await readFile(join(folder, '.flyrc'), 'utf8'))?.[1] ?? ''
    const asks = () => fetch(`${url}/api/v1/user`, { headers: { authorization: `bearer ${token}` } })
    expect((await asks()).status).toBe(200)
    expect(await ran('logout', '-t', 'ci')).toMatchObject({ status: 0, stdout: 'logged out of ci\n' })
    expect((await asks()).status).toBe(401)
    expect(await ran('jobs', '-p', 'p')).toMatchObject({ status: 1, stderr: `not logged in, or no longer; log in with: airside login -t ci -c ${url}\n` })
  })
})
