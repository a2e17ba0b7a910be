import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useApi } from '../../src/api/testing/database-world.ts'
import { saveTarget } from '../../src/client/targets.ts'
import { inProcess, type Ended } from './in-process.ts'

const config = (...jobs: string[]): string => JSON.stringify({ jobs: jobs.map((name) => ({ name, plan: [{ task: 't', config: { platform: 'linux', run: { path: 'ls' } } }] })) })

describe('on a server with a pipeline that was set twice', () => {
  const api = useApi()
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-history-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const logIn = async (as: Parameters<ReturnType<typeof api>['tokenOf']>[0]) =>
    saveTarget(join(folder, '.flyrc'), 'ci', { api: url, team: 'main', token: { type: 'bearer', value: await api().tokenOf(as) } })
  let url: string
  beforeEach(async () => {
    url = await api().api.app.listen({ port: 0, host: '127.0.0.1' })
    await logIn('admin')
    for (const jobs of [['unit', 'old'], ['unit', 'ship']]) await set(...jobs)
  })

  const ran = (...args: string[]): Promise<Ended> => inProcess(folder, args)
  async function set(...jobs: string[]): Promise<void> {
    await writeFile(join(folder, 'p.yml'), config(...jobs))
    expect(await ran('set-pipeline', '-p', 'p', '-c', join(folder, 'p.yml'), '-n')).toMatchObject({ status: 0 })
  }
  const versions = async () => JSON.parse((await ran('pipeline-configs', '-p', 'p', '--json')).stdout) as { version: number; current: boolean }[]
  const jobs = async () => (JSON.parse((await ran('jobs', '-p', 'p', '--json')).stdout) as { name: string }[]).map(({ name }) => name)

  test('the configs that it had are listed, and it is set to one of them once that is agreed to', async () => {
    expect((await ran('pcs', '-p', 'p')).stdout).toMatch(/^\d+\s+\d{4}-\d\d-\d\dT\S+\s+admin\s+current\n\d+\s+\S+\s+admin\s*\n$/)
    const [, first] = await versions()
    const asked = await ran('rollback-pipeline', '-p', 'p')
    expect(asked).toMatchObject({ status: 2, stderr: 'nobody can be asked here; --non-interactive goes on without asking\n' })
    expect(asked.stdout).toMatch(/job ship has been removed:[\s\S]*job old has been added:/)
    expect(await jobs()).toEqual(['unit', 'ship'])
    const done = await ran('rollback-pipeline', '-p', 'p', '--to', String(first?.version), '-n')
    expect(done).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nset p to config \d+, set by admin at \d{4}-\S+\n$/) as string })
    expect(await jobs()).toEqual(['unit', 'old'])
    expect((await versions()).map(({ current }) => current)).toEqual([true, false, false])
    // The one before is the one that it was set back from.
    expect(await ran('rollback-pipeline', '-p', 'p', '-n')).toMatchObject({ status: 0 })
    expect(await jobs()).toEqual(['unit', 'ship'])
    expect(await ran('rollback-pipeline', '-p', 'p', '--to', String((await versions())[0]?.version), '-n')).toEqual({ status: 0, stdout: 'no changes to apply\n', stderr: '' })
  })

  test('a config that it had is printed as the one of now is', async () => {
    const [now, first] = await versions()
    const printed = async (...flags: string[]) => (await ran('get-pipeline', '-p', 'p', ...flags)).stdout
    expect(await printed('--config-version', String(first?.version))).toMatch(/- name: old\n/)
    expect(await printed('--config-version', String(now?.version))).toBe(await printed())
    expect(JSON.parse(await printed('--config-version', String(first?.version), '--json'))).toEqual(JSON.parse((await ran('get-pipeline', '-p', 'p', '--json')).stdout.replaceAll('ship', 'old')))
    expect(await ran('gp', '-p', 'p', '--config-version', '999999')).toEqual({ status: 1, stdout: '', stderr: 'p has no config 999999 any more; airside pipeline-configs -p p lists those that are kept\n' })
  })

  test('what cannot be set back to is said', async () => {
    expect(await ran('rollback-pipeline', '-p', 'p', '--to', '999999', '-n')).toEqual({ status: 1, stdout: '', stderr: 'p has no config 999999 any more; airside pipeline-configs -p p lists those that are kept\n' })
    expect(await ran('rollback-pipeline', '-p', 'gone', '-n')).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no pipeline gone in team main') as string })
    expect(await ran('pipeline-configs')).toMatchObject({ status: 2, stderr: 'which pipeline? -p PIPELINE\n' })
    await logIn('viewer')
    expect(await ran('rollback-pipeline', '-p', 'p', '-n')).toMatchObject({ status: 1, stderr: expect.stringContaining('not allowed') as string })
    await logIn('admin')
    expect(await jobs()).toEqual(['unit', 'ship'])
    await writeFile(join(folder, 'q.yml'), config('unit'))
    await ran('set-pipeline', '-p', 'q', '-c', join(folder, 'q.yml'), '-n')
    expect(await ran('rollback-pipeline', '-p', 'q', '-n')).toMatchObject({ status: 1, stderr: 'q has had no other config\n' })
  })

  test("somebody's login is explained: what it says, what that matches in teams, and what for", async () => {
    await logIn('member')
    const { status, stdout } = await ran('auth', 'explain')
    expect([status, stdout.replace(/as of \S+:/, 'as of T:').split('\n')]).toEqual([0, [
      'what local says of you, as of T:', '  subject: member', '  name: member', 'entries of set-team that mean you:', '  user   local:member', 'your roles:', '  main: member', '',
    ]])
    expect(JSON.parse((await ran('auth', 'explain', '-t', 'ci', '--json')).stdout)).toMatchObject({ connector: 'local', team_auth: { users: ['local:member'], groups: [] }, teams: { main: ['member'] }, token_limits: {} })
    await logIn('admin')
    expect((await ran('auth', 'explain')).stdout).toContain('you are an admin')
  })

  test('a config is set though a var of it is unknown, unless its vars are to be checked', async () => {
    await writeFile(join(folder, 'vars.yml'), 'resources: [{name: r, type: mock, source: {a: ((unknown))}}]\njobs: [{name: unit, plan: [{get: r}]}]')
    const sets = (...flags: string[]) => ran('set-pipeline', '-p', 'p', '-c', join(folder, 'vars.yml'), '-n', ...flags)
    for (const flags of [['--check-creds'], ['--check-creds', '--dry-run']]) expect(await sets(...flags)).toMatchObject({ status: 1, stderr: expect.stringContaining('resource r: undefined vars: unknown') as string })
    expect(await jobs()).toEqual(['unit', 'ship'])
    expect(await sets()).toMatchObject({ status: 0 })
    expect(await jobs()).toEqual(['unit'])
  })

  test('its jobs are a Checkfile, by groups', async () => {
    expect((await ran('checklist', '-p', 'p')).stdout).toBe(`#- p\nship: concourse.check ${url} main p ship\nunit: concourse.check ${url} main p unit\n\n`)
    const { jobs: all } = JSON.parse(config('unit', 'ship')) as { jobs: unknown[] }
    await writeFile(join(folder, 'p.yml'), JSON.stringify({ groups: [{ name: 'release', jobs: ['ship'] }, { name: 'tests', jobs: ['unit'] }], jobs: all }))
    await ran('set-pipeline', '-p', 'p', '-c', join(folder, 'p.yml'), '-n')
    expect((await ran('cl', '-p', 'p')).stdout).toBe(`#- release\nship: concourse.check ${url} main p ship\n\n#- tests\nunit: concourse.check ${url} main p unit\n\n`)
  })

  test('workers are not landed and pruned: the server says what to do', async () => {
    expect(await ran('land-worker', '-w', 'docker')).toEqual({ status: 1, stdout: '', stderr: 'workers are Kubernetes nodes or the container engine; drain the node\n' })
    expect(await ran('prune-worker', '-w', 'docker')).toEqual({ status: 1, stdout: '', stderr: 'workers are Kubernetes nodes or the container engine; remove the node there\n' })
    expect(await ran('prune-worker', '--all-stalled')).toEqual({ status: 0, stdout: 'no worker is stalled\n', stderr: '' })
    expect(await ran('prune-worker')).toMatchObject({ status: 2, stderr: 'which worker? -w NAME, or --all-stalled\n' })
  })
})
