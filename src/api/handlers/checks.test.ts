import { expect, test } from 'vitest'
import { decodeStoredBuild } from '../../engine/stored-build.ts'
import { useApi, type ApiWorld } from '../testing/database-world.ts'

const world = useApi()
const at = '/api/v1/teams/main/pipelines/p'
const yaml = `
resource_types:
- {name: own, type: registry-image, source: {repository: r}, check_every: 10m}
- {name: outer, type: own, source: {}}
prototypes: [{name: proto, type: own, source: {repository: q}}]
resources:
- {name: repo, type: outer, source: {uri: u}, webhook_token: ((known))}
- {name: pinned, type: own, source: {}, version: {ref: fixed}, webhook_token: plain}
- {name: unknown, type: own, source: {}, webhook_token: ((not-there))}
- {name: none, type: own, source: {}}
jobs: [{name: j, plan: [{get: repo}, {get: pinned}, {get: unknown}, {get: none}]}]`

async function planOf({ builds }: ApiWorld, id: number) {
  const stored = decodeStoredBuild((await builds.get(id))?.context ?? {})
  if (!stored.ok || stored.value.plan.kind !== 'check') throw new Error('no plan of a check')
  return stored.value.plan.check
}

test('C7: check-resource starts a build named check, from the version that is given, the pin or the latest', async () => {
  const made = world()
  await made.setPipeline(yaml)
  const check = async (what: string, body: object) => {
    const answer = await made.call('POST', `${at}/${what}/check`, body, { as: 'pipeline-operator' })
    expect(answer.statusCode, answer.payload).toBe(201)
    const build = answer.json<{ id: number; name: string; status: string; team_name: string; pipeline_name: string }>()
    expect(build).toMatchObject({ name: 'check', status: 'started', team_name: 'main', pipeline_name: 'p' })
    return { build, plan: await planOf(made, build.id) }
  }
  const { plan: latest, build } = await check('resources/repo', { from: null, shallow: false })
  expect(latest).toMatchObject({ resource: 'repo', skip_interval: true, image: { check_plan: { check: { skip_interval: true } } } })
  expect(latest.from_version).toBeUndefined()
  expect(await made.builds.get(build.id)).toMatchObject({ kind: 'check', createdBy: expect.anything() })
  expect((await check('resources/repo', { from: { ref: 'old' } })).plan.from_version).toEqual({ ref: 'old' })
  expect((await check('resources/pinned', {})).plan.from_version).toEqual({ ref: 'fixed' })
  const { plan: shallow } = await check('resources/repo', { shallow: true })
  expect(shallow.image.check_plan).toMatchObject({ check: { resource_type: 'outer', interval: '1m0s' } })
  expect(shallow.image.check_plan).not.toMatchObject({ check: { skip_interval: true } })

  expect((await check('resource-types/outer', { shallow: true })).plan).toMatchObject({ name: 'outer', type: 'own', resource_type: 'outer', image: { check_plan: { check: { interval: '10m' } } } })
  expect((await check('resource-types/own', {})).plan).toMatchObject({ type: 'registry-image', image: { base_type: 'registry-image' } })
  expect((await check('prototypes/proto', {})).plan).toMatchObject({ prototype: 'proto', source: { repository: 'q' } })
})

test('C7: what is not there is 404, a body that is none 400, a viewer’s request and one of an archived pipeline are refused', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml)
  const status = async (path: string, body: object = {}, as: 'member' | 'viewer' = 'member') => (await call('POST', `${at}/${path}`, body, { as })).statusCode
  expect(await status('resources/gone/check')).toBe(404)
  expect(await status('resource-types/gone/check')).toBe(404)
  expect(await status('resource-types/proto/check')).toBe(404)
  expect(await status('prototypes/own/check')).toBe(404)
  expect(await status('resources/repo/check', { from: 'x' })).toBe(400)
  expect(await status('resources/repo/check', {}, 'viewer')).toBe(403)
  await call('PUT', `${at}/archive`)
  expect(await status('resources/repo/check')).toBe(409)
})

test('C7: a webhook with the resource’s token wants a check, once however often it comes', async () => {
  const { call, setPipeline, db, clock, builds } = world()
  await setPipeline(yaml)
  const hook = async (resource: string, query: string) => (await call('POST', `${at}/resources/${resource}/check/webhook${query}`, undefined, { as: 'nobody' })).statusCode
  const wanted = () => db.query<{ wanted_at: number | null }>('select c.wanted_at from resources r join scope_checks c using (scope_id) where wanted_at is not null')
  expect(await hook('repo', '')).toBe(400)
  expect(await hook('repo', '?webhook_token=y')).toBe(401)
  expect(await hook('none', '?webhook_token=y')).toBe(401)
  expect(await hook('gone', '?webhook_token=x')).toBe(404)
  expect(await hook('unknown', '?webhook_token=x')).toBe(500)
  expect(await wanted()).toEqual([])
  expect(await hook('repo', '?webhook_token=x')).toBe(201)
  expect(await hook('repo', '?webhook_token=x')).toBe(201)
  expect(await hook('pinned', '?webhook_token=plain')).toBe(201)
  expect(await wanted()).toEqual([{ wanted_at: clock.now() }, { wanted_at: clock.now() }])
  expect(await builds.list()).toEqual([])
})

test('of more than ten webhooks of a resource a second the rest is refused, and those of other resources are not', async () => {
  const { call, setPipeline, clock } = world()
  await setPipeline(yaml)
  const hook = async (resource: string, token: string) => (await call('POST', `${at}/resources/${resource}/check/webhook?webhook_token=${token}`, undefined, { as: 'nobody' })).statusCode
  const statuses: number[] = []
  for (let index = 0; index < 11; index++) statuses.push(await hook('pinned', 'plain'))
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429])
  await clock.advance(100)
  expect([await hook('pinned', 'plain'), await hook('pinned', 'plain')]).toEqual([201, 429])
})
