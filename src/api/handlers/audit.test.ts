import { expect, test } from 'vitest'
import { useApi, type ApiWorld } from '../testing/database-world.ts'

const world = useApi()
const pipeline = 'jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]'

interface Entry {
  readonly id: number
  readonly action: string
  readonly status: number
  readonly user?: { readonly name: string }
  readonly detail?: Record<string, unknown>
}

const read = async ({ call }: ApiWorld, path = '/api/v1/audit'): Promise<Entry[]> => JSON.parse((await call('GET', path)).payload) as Entry[]
const told = (entries: readonly Entry[]): string[] => entries.map(({ action, status, user }) => `${action} ${status} ${user?.name ?? '-'}`).toReversed()

test('S18: changes and refusals are recorded with who, what, when and from where, reads are not', async () => {
  const made = world()
  await made.setPipeline(pipeline)
  await made.call('PUT', '/api/v1/teams/main/pipelines/p/pause', undefined, { as: 'member' })
  await made.call('PUT', '/api/v1/teams/main/pipelines/p/pause', undefined, { as: 'viewer' })
  await made.call('GET', '/api/v1/teams/main/pipelines/p', undefined, { as: 'viewer' })
  await made.call('GET', '/api/v1/teams/main/pipelines/p', undefined, { as: 'nobody' })
  const entries = await read(made)
  expect(told(entries)).toEqual(['SaveConfig 201 local:admin', 'PausePipeline 200 local:member', 'PausePipeline 403 local:viewer', 'GetPipeline 401 -'])
  expect(entries.at(-1)).toMatchObject({ time: made.clock.now() / 1000, token: { kind: 'fly' }, team: 'main', subject: '/api/v1/teams/main/pipelines/p/config', address: '127.0.0.1' })
})

test('a team is told of its own entries, page by page', async () => {
  const made = world()
  await made.setPipeline(pipeline)
  await made.setPipeline(pipeline, '/api/v1/teams/other/pipelines/q')
  await made.call('PUT', '/api/v1/teams/main/pipelines/p/pause')
  const all = await read(made, '/api/v1/teams/main/audit')
  expect(told(all)).toEqual(['SaveConfig 201 local:admin', 'PausePipeline 200 local:admin'])
  expect(told(await read(made, '/api/v1/teams/main/audit?limit=1'))).toEqual(['PausePipeline 200 local:admin'])
  expect(told(await read(made, `/api/v1/teams/main/audit?to=${(all[0]?.id ?? 0) - 1}`))).toEqual(['SaveConfig 201 local:admin'])
  expect((await made.call('GET', '/api/v1/audit?limit=10001')).statusCode).toBe(400)
})

test('O4: what changed is told without secrets: a team\'s auth, a token\'s name, never its text, never a config', async () => {
  const made = world()
  await made.call('PUT', '/api/v1/teams/new', { auth: { owner: { users: ['local:somebody'] } } })
  const token = JSON.parse((await made.call('POST', '/api/v1/tokens', { name: 'for CI' })).payload) as { value: string }
  await made.setPipeline('resources: [{name: r, type: git, source: {private_key: "hunter2"}}]\njobs: [{name: j, plan: [{get: r}]}]')
  const [config, madeToken, team] = await read(made)
  expect(team?.detail).toEqual({ auth: { owner: { users: ['local:somebody'], groups: [] } } })
  expect(madeToken?.detail).toEqual({ name: 'for CI' })
  expect(config?.action).toBe('SaveConfig')
  const rows = JSON.stringify(await made.db.query('select * from audit'))
  expect([rows.includes('hunter2'), rows.includes(token.value)]).toEqual([false, false])
})

test('logins and refused ones are recorded', async () => {
  const made = world()
  const logIn = (password: string) =>
    made.api.app.inject({ method: 'POST', url: '/sky/issuer/token', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, payload: new URLSearchParams({ grant_type: 'password', username: 'admin', password, scope: 'openid' }).toString() })
  await logIn('wrong')
  await logIn('right')
  const entries = await read(made)
  expect(told(entries)).toEqual(['LogIn 401 local:admin', 'LogIn 200 local:admin'])
  expect(entries.map(({ detail }) => detail)).toEqual([{ subject: 'admin' }, { reason: 'wrong' }])
  expect(JSON.stringify(entries)).not.toContain('right')
})

test('a path with a NUL or of any length is recorded as far as a row may hold it', async () => {
  const made = world()
  await made.options.auditLog.add({ at: 0, action: 'a', subject: `/\0${'x'.repeat(5_000)}`, status: 200, address: '', detail: { name: 'a\0b' } })
  const [entry] = await made.options.auditLog.page({ limit: 1 })
  expect(entry).toMatchObject({ detail: { name: 'a\uFFFDb' } })
  expect(entry?.subject).toHaveLength(2_000)
})
