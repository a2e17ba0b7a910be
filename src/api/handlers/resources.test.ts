import { expect, test } from 'vitest'
import { Versions } from '../../db/versions.ts'
import { useApi, type ApiWorld } from '../testing/database-world.ts'

const world = useApi()
const at = '/api/v1/teams/main/pipelines/p'
const yaml = `
resource_types: [{name: own, type: registry-image, source: {repository: r, password: secret}, params: {a: 1}, privileged: true, check_every: 10m}]
resources:
- {name: repo, type: git, icon: github, source: {uri: u}}
- {name: open, type: own, public: true, version: {ref: fixed}}
jobs: [{name: j, plan: [{get: repo, trigger: true}, {put: open}]}]`

/** Pipeline p, with versions r1 to r5 of repo and one of open; gives the ids of r1 to r5. */
async function populate({ db, options, setPipeline }: ApiWorld): Promise<number[]> {
  await setPipeline(yaml)
  const pipelineId = (await options.pipelines.list())[0]?.id ?? 0
  const versions = new Versions(db)
  for (const name of ['repo', 'open']) {
    const { id } = await versions.enter({ scope: name, resource: { pipelineId, name } }, 0)
    await versions.save(id, name === 'repo' ? ['r1', 'r2', 'r3', 'r4', 'r5'].map((ref) => ({ ref, of: name })) : [{ ref: 'fixed' }], { now: 0 })
    await versions.saveMetadata(name, name === 'repo' ? { ref: 'r5', of: name } : { ref: 'fixed' }, [{ name: 'author', value: 'jo' }])
    await versions.saveEnds([{ scopeId: id, startedAt: 5_000, endedAt: 7_000 }])
  }
  return (await db.query<{ id: number }>(`select id from versions where version ->> 'of' = 'repo' order by version ->> 'ref'`)).map(({ id }) => id)
}

test('resources are shown by their names with their last check and their pin', async () => {
  const made = world()
  await populate(made)
  const { call } = made
  const own = { pipeline_name: 'p', team_name: 'main', last_checked: 7 }
  expect((await call('GET', `${at}/resources`)).json()).toMatchObject([
    { ...own, name: 'open', type: 'own', pinned_version: { ref: 'fixed' }, pinned_in_config: true }, { ...own, name: 'repo', type: 'git', icon: 'github' },
  ])
  expect((await call('GET', `${at}/resources/repo`)).json()).toMatchObject({ name: 'repo' })
  expect((await call('GET', `${at}/resources/gone`)).statusCode).toBe(404)
  const all = async (as: 'viewer' | 'nobody') => (await call('GET', '/api/v1/resources', undefined, { as })).json<unknown[]>().length
  expect([await all('viewer'), await all('nobody')]).toEqual([2, 0])
  await call('PUT', `${at}/expose`)
  expect(await all('nobody')).toBe(2)
})

test('O8: resource types show source, params and defaults to members alone', async () => {
  const { call, setPipeline } = world()
  await setPipeline(yaml)
  await call('PUT', `${at}/expose`)
  const types = async (as: 'viewer' | 'nobody') => (await call('GET', `${at}/resource-types`, undefined, { as })).json<unknown>()
  const open = { name: 'own', type: 'registry-image', privileged: true, check_every: '10m' }
  expect(await types('viewer')).toEqual([{ ...open, source: { repository: 'r', password: 'secret' }, params: { a: 1 } }])
  expect(await types('nobody')).toEqual([{ ...open, source: {} }])
})

test('versions are listed by pages in the order of checks, and filtered by what they contain', async () => {
  const made = world()
  const ids = await populate(made)
  const { call } = made
  const versions = async (query: string) => {
    const answer = await call('GET', `${at}/resources/repo/versions?${query}`)
    return { refs: answer.json<{ version: { ref: string } }[]>().map(({ version }) => version.ref), links: answer.headers.link }
  }
  const link = (bound: string, rel: string) => `<http://ci.example${at}/resources/repo/versions?${bound}&limit=2>; rel="${rel}"`
  expect(await versions('limit=2')).toEqual({ refs: ['r5', 'r4'], links: link(`to=${ids[2]}`, 'next') })
  expect(await versions(`to=${ids[2]}&limit=2`)).toEqual({ refs: ['r3', 'r2'], links: `${link(`from=${ids[3]}`, 'previous')}, ${link(`to=${ids[0]}`, 'next')}` })
  expect(await versions(`from=${ids[0]}&limit=2`)).toEqual({ refs: ['r2', 'r1'], links: link(`from=${ids[2]}`, 'previous') })
  expect(await versions(`from=${ids[1]}&to=${ids[2]}`)).toMatchObject({ refs: ['r2', 'r3'] })
  expect(await versions('filter=ref:r4&filter=of:repo')).toEqual({ refs: ['r4'], links: undefined })
  expect(await versions('filter=ref:none')).toEqual({ refs: [], links: undefined })
  expect((await call('GET', `${at}/resources/repo/versions?filter=ref`)).statusCode).toBe(400)
})

test('O8: a version is one of its resource alone, and its metadata is for members or of a public resource', async () => {
  const made = world()
  const ids = await populate(made)
  const { call } = made
  await call('PUT', `${at}/expose`)
  const get = (resource: string, id: string | number | undefined, as: 'viewer' | 'nobody' = 'viewer') => call('GET', `${at}/resources/${resource}/versions/${id}`, undefined, { as })
  expect((await get('repo', ids[4])).json()).toMatchObject({ id: ids[4], metadata: [{ name: 'author', value: 'jo' }], enabled: true })
  expect((await get('repo', ids[4], 'nobody')).json()).not.toHaveProperty('metadata')
  const [{ id: open } = { id: 0 }] = (await call('GET', `${at}/resources/open/versions`)).json<{ id: number }[]>()
  expect((await get('open', open, 'nobody')).json()).toMatchObject({ metadata: [{ name: 'author', value: 'jo' }] })
  expect([(await get('open', ids[4])).statusCode, (await get('repo', 'x')).statusCode]).toEqual([404, 400])
})

test('versions are disabled and enabled, and the resource’s jobs are looked at again', async () => {
  const made = world()
  const ids = await populate(made)
  const { call, db } = made
  const put = (id: number | undefined, what: string, resource = 'repo') => call('PUT', `${at}/resources/${resource}/versions/${id}/${what}`)
  const wanted = async () => (await db.query<{ wanted: number }>('select wanted from job_schedule'))[0]?.wanted ?? 0
  const before = await wanted()
  expect((await put(ids[4], 'disable')).statusCode).toBe(200)
  expect(await wanted()).toBe(before + 1)
  await put(ids[4], 'disable')
  expect(await wanted()).toBe(before + 1)
  expect((await call('GET', `${at}/resources/repo/versions/${ids[4]}`)).json()).toMatchObject({ enabled: false })
  await put(ids[4], 'enable')
  expect((await call('GET', `${at}/resources/repo/versions/${ids[4]}`)).json()).toMatchObject({ enabled: true })
  expect((await put(ids[4], 'disable', 'open')).statusCode).toBe(404)
})

test('a resource is pinned with a comment and unpinned, unless its config pins it', async () => {
  const made = world()
  const ids = await populate(made)
  const { call } = made
  const comment = (words: string) => call('PUT', `${at}/resources/repo/pin_comment`, { pin_comment: words })
  expect((await comment('early')).payload).toBe('the resource is not pinned')
  expect((await call('PUT', `${at}/resources/repo/versions/${ids[2]}/pin`)).statusCode).toBe(200)
  expect((await comment('broken since')).statusCode).toBe(200)
  await call('PUT', `${at}/expose`)
  expect((await call('GET', `${at}/resources/repo`)).json()).toMatchObject({ pinned_version: { ref: 'r3' }, pin_comment: 'broken since' })
  expect((await call('GET', `${at}/resources/repo`, undefined, { as: 'nobody' })).json()).not.toHaveProperty('pin_comment')
  expect((await call('PUT', `${at}/resources/repo/versions/999999/pin`)).statusCode).toBe(404)
  // I2: its comment stays when it is pinned anew, and goes when it is unpinned.
  await call('PUT', `${at}/resources/repo/versions/${ids[1]}/pin`)
  expect((await call('GET', `${at}/resources/repo`)).json()).toMatchObject({ pinned_version: { ref: 'r2' }, pin_comment: 'broken since' })
  expect((await call('PUT', `${at}/resources/repo/unpin`)).statusCode).toBe(200)
  expect((await call('GET', `${at}/resources/repo`)).json()).not.toHaveProperty('pinned_version')
  await call('PUT', `${at}/resources/repo/versions/${ids[1]}/pin`)
  expect((await call('GET', `${at}/resources/repo`)).json()).not.toHaveProperty('pin_comment')
  const [{ id: open } = { id: 0 }] = (await call('GET', `${at}/resources/open/versions`)).json<{ id: number }[]>()
  expect((await call('PUT', `${at}/resources/open/versions/${open}/pin`)).payload).toContain('pinned in the pipeline’s config')
  expect((await call('PUT', `${at}/resources/open/unpin`)).statusCode).toBe(409)
  await call('PUT', `${at}/archive`)
  expect((await call('PUT', `${at}/resources/repo/unpin`)).statusCode).toBe(409)
})

test('versions that resources of one config share are listed by who shares them, and cleared for all', async () => {
  const made = world()
  await populate(made)
  const { call, options, db, setPipeline } = made
  await setPipeline('resources: [{name: same, type: git, source: {uri: u}}]\njobs: [{name: j, plan: [{get: same}]}]', '/api/v1/teams/other/pipelines/q')
  const pipelines = await options.pipelines.list()
  const idOf = (name: string) => pipelines.find((pipeline) => pipeline.name === name)?.id ?? 0
  await new Versions(db).enter({ scope: 'repo', resource: { pipelineId: idOf('q'), name: 'same' } }, 0)
  expect((await call('GET', `${at}/resources/repo/shared`)).json()).toEqual({
    resources: [{ name: 'repo', pipeline_name: 'p', team_name: 'main' }, { name: 'same', pipeline_name: 'q', team_name: 'other' }], resource_types: [],
  })
  expect((await call('GET', `${at}/resource-types/own/shared`)).json()).toEqual({ resources: [], resource_types: [] })
  expect((await call('GET', `${at}/resource-types/none/shared`)).statusCode).toBe(404)
  const told = Promise.withResolvers<string | undefined>()
  const unlisten = await db.listen('checks_wanted', told.resolve)
  expect((await call('DELETE', `${at}/resources/repo/versions`)).json()).toEqual({ versions_removed: 5 })
  const [scope] = await db.query<{ id: number }>(`select id from resource_config_scopes where key = 'repo'`)
  expect(await told.promise, 'whoever checks it reads it anew').toBe(String(scope?.id))
  await unlisten()
  expect((await call('GET', '/api/v1/teams/other/pipelines/q/resources/same/versions')).json()).toEqual([])
  expect((await call('DELETE', `${at}/resource-types/own/versions`)).json()).toEqual({ versions_removed: 0 })
  const versions = new Versions(db)
  const { id } = await versions.enter({ scope: 'image', type: { pipelineId: idOf('p'), kind: 'resource-type', name: 'own' } }, 0)
  await versions.save(id, [{ digest: 'sha256:1' }], { now: 0 })
  expect((await call('GET', `${at}/resource-types/own/shared`)).json()).toEqual({ resources: [], resource_types: [{ name: 'own', pipeline_name: 'p', team_name: 'main' }] })
  expect((await call('DELETE', `${at}/resource-types/own/versions`)).json()).toEqual({ versions_removed: 1 })
})
