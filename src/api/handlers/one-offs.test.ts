import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import { decodeStoredBuild } from '../../engine/stored-build.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()
const binary = { headers: { 'content-type': 'application/octet-stream' } }
const task = { id: '2', task: { name: 'one-off', privileged: false, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'busybox' } }, run: { path: 'ls' }, inputs: [{ name: 'in' }] } } }

async function tarOf(name: string, content: string): Promise<Buffer> {
  const tar = pack()
  tar.entry({ name }, content)
  tar.finalize()
  return buffer(tar as unknown as Readable)
}
const upload = async (as: 'member' | 'stranger' = 'member', team = 'main') => world().call('POST', `/api/v1/teams/${team}/artifacts?platform=linux`, gzipSync(await tarOf('a.txt', 'hello')), { as, ...binary })

test('an upload is stored, and downloaded packed by gzip', async () => {
  const { call } = world()
  const made = await upload()
  expect([made.statusCode, made.json()]).toMatchObject([201, { name: '', build_id: 0 }])
  const { id } = made.json<{ id: number }>()
  const got = await call('GET', `/api/v1/teams/main/artifacts/${id}`, undefined, { as: 'member' })
  expect([got.statusCode, got.headers['content-type'], got.headers['content-encoding'], got.headers['x-content-type-options']]).toEqual([200, 'application/octet-stream', undefined, 'nosniff'])
  expect(gunzipSync(got.rawPayload).toString()).toContain('hello')
  expect((await call('GET', `/api/v1/teams/other/artifacts/${id}`, undefined, { as: 'stranger' })).statusCode).toBe(404)
  await world().clock.advance(12 * 3_600_000)
  expect((await call('GET', `/api/v1/teams/main/artifacts/${id}`)).statusCode).not.toBe(200)
})

test('an upload that is no archive, or of another type, is refused with what is wrong', async () => {
  const { call } = world()
  const put = (body: Buffer, headers = binary.headers) => call('POST', '/api/v1/teams/main/artifacts', body, { headers })
  expect((await put(await tarOf('../up', 'x'))).payload).toBe('"../up" leads out of the folder')
  expect((await put(Buffer.from('<html>'.repeat(200)))).statusCode).toBe(400)
  expect((await put(Buffer.from('{}'), { 'content-type': 'application/json' })).statusCode).toBe(415)
})

test('a build is made from a plan and the uploads that it names, and starts at once', async () => {
  const { call, builds } = world()
  const { id } = (await upload()).json<{ id: number }>()
  const plan = { id: '0', do: [{ id: '1', artifact_input: { artifact_id: id, name: 'in' } }, task] }
  const made = await call('POST', '/api/v1/teams/main/builds', plan, { as: 'member' })
  expect([made.statusCode, made.json()]).toMatchObject([201, { id: 1, name: '1', status: 'started', team_name: 'main', created_by: 'member' }])
  expect(made.json()).not.toHaveProperty('job_name')
  const stored = decodeStoredBuild((await builds.get(1))?.context ?? {})
  expect(stored).toMatchObject({ ok: true, value: { artifacts: { in: { size: 2048 } } } })
  expect((await call('GET', '/api/v1/builds/1/plan')).json()).toMatchObject({ schema: 'exec.v2' })
})

test('a build of a pipeline has its vars', async () => {
  const { call, builds, setPipeline } = world()
  await setPipeline(`var_sources: [{name: d, type: dummy, config: {vars: {a: 1}}}]\njobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: ls}}}]}]`)
  const made = await call('POST', '/api/v1/teams/main/pipelines/p/builds', task)
  expect([made.statusCode, made.json()]).toMatchObject([201, { pipeline_name: 'p', status: 'started' }])
  expect(decodeStoredBuild((await builds.get(made.json<{ id: number }>().id))?.context ?? {})).toMatchObject({ value: { varSources: [{ name: 'd' }] } })
})

test.each<[string, object | string, string]>([
  ['no JSON', 'x', 'a build needs a plan'],
  ['a step of pipelines', { id: '1', set_pipeline: { name: 'p', file: 'f' } }, 'set_pipeline steps are for pipelines'],
  ['a step of pipelines in a hook', { id: '1', ensure: { step: task, ensure: { id: '3', load_var: { name: 'v', file: 'f' } } } }, 'load_var steps are for pipelines'],
  ['an upload that is not there', { id: '1', artifact_input: { artifact_id: 99, name: 'in' } }, 'input in: there is no artifact 99 of this team'],
  ['too many steps', { id: '0', do: Array.from({ length: 1_000 }, (_, id) => ({ id: `s${id}`, artifact_input: { artifact_id: 1, name: 'in' } })) }, 'more than 1000 steps'],
])('a plan with %s is refused', async (_kind, plan, words) => {
  const made = await world().call('POST', '/api/v1/teams/main/builds', plan)
  expect([made.statusCode, made.payload]).toEqual([400, expect.stringContaining(words)])
})

test('an upload of another team is not found', async () => {
  const { id } = (await upload('stranger', 'other')).json<{ id: number }>()
  const made = await world().call('POST', '/api/v1/teams/main/builds', { id: '1', artifact_input: { artifact_id: id, name: 'in' } })
  expect(made.payload).toContain(`there is no artifact ${id} of this team`)
})

test('outputs that a build has kept are listed by name', async () => {
  const { call, db, clock } = world()
  await call('POST', '/api/v1/teams/main/builds', task)
  const { WorkerArtifacts } = await import('../../db/worker-artifacts.ts')
  await new WorkerArtifacts(db).put(1, 'out', { digest: `sha256:${'a'.repeat(64)}`, size: 1 }, clock.now())
  expect((await call('GET', '/api/v1/builds/1/artifacts', undefined, { as: 'viewer' })).json()).toMatchObject([{ name: 'out', build_id: 1 }])
})
