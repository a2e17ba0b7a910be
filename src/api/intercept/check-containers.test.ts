import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ok } from '../../model/result.ts'
import { createApi, type Api } from '../api.ts'
import type { CheckContainer, ContainerGateway, EnterableContainer } from '../container-ports.ts'
import { useApi, type Caller } from '../testing/database-world.ts'

/** A server's containers. Whoever enters one is told which server's it is. */
class FakeGateway implements ContainerGateway {
  waiting: CheckContainer[] = []
  targets: EnterableContainer[] = []
  readonly #name: string
  constructor(name: string) {
    this.#name = name
  }

  checks = () => Promise.resolve(this.waiting)
  find = () => Promise.resolve({ targets: this.targets })
  enter: ContainerGateway['enter'] = async (handle, _process, { onOutput }) => {
    await onOutput(Buffer.from(`${handle} of ${this.#name}`), 'stdout')
    return ok({ write: () => Promise.resolve(), resize: () => undefined, result: Promise.resolve(ok({ kind: 'exited' as const, status: 0 })) })
  }
}

let here: FakeGateway
let urls: string[] = []
const api = useApi(() => ({ containers: (here = new FakeGateway('this server')), peers: () => Promise.resolve(urls), holderOf: () => Promise.reject(new Error('no build has it')) }))
const servers: Server[] = []
afterEach(() => {
  urls = []
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function listen(handle: RequestListener, upgrade?: Api['upgrade']): Promise<string> {
  const server = createServer(handle)
  if (upgrade) server.on('upgrade', upgrade)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const resource = '{name: repo, type: git, source: {uri: u}}'
const config = `resources: [${resource}]\njobs: [{name: j, plan: [{get: repo}]}]`

async function world() {
  const made = api()
  await made.setPipeline(config)
  await made.setPipeline(config, '/api/v1/teams/main/pipelines/q')
  await made.setPipeline(config, '/api/v1/teams/main/pipelines/p?vars.branch="x"')
  await made.setPipeline(config, '/api/v1/teams/other/pipelines/p')
  const teams = new Map((await made.options.teams.list()).map(({ name, id }) => [name, id]))
  const pipelines = await made.pipelines.list()
  const use = (team: string, pipeline: string, name: string, instance = false) => ({
    teamId: teams.get(team) ?? 0, name,
    pipelineId: pipelines.find((one) => one.team === team && one.name === pipeline && (one.instanceVars !== undefined) === instance)?.id ?? 0,
  })
  const listed = async (query: string, as: Caller = 'viewer', team = 'main') => (await made.call('GET', `/api/v1/teams/${team}/containers?${query}`, undefined, { as })).json<{ id: string }[]>()
  const handles = async (...given: Parameters<typeof listed>) => (await listed(...given)).map(({ id }) => id)
  const url = await listen(made.api.handle, made.api.upgrade)
  /** The first frame, or how the server refuses. */
  const enter = async (handle: string, as: Caller): Promise<string> => {
    const socket = new WebSocket(`${url}/api/v1/teams/main/containers/${handle}/hijack`, { headers: { authorization: `bearer ${await made.tokenOf(as)}` } })
    return new Promise((resolve) => {
      socket.once('open', () => socket.send(JSON.stringify({ path: 'bash' })))
      socket.once('message', (data: Buffer) => resolve(Buffer.from(String((JSON.parse(data.toString()) as { stdout?: string }).stdout), 'base64').toString()))
      socket.once('error', (error) => resolve(error.message))
    })
  }
  /** Another server on the database. */
  const peer = async (gateway: FakeGateway): Promise<string> => {
    const other = await createApi({ ...made.options, containers: gateway, peers: () => Promise.reject(new Error('a server that is asked by another asks none')) })
    return listen(other.handle, other.upgrade)
  }
  return { ...made, use, listed, handles, enter, peer }
}

test('containers of checks that wait are listed by their resource as fly asks for it, one that resources share for each of them', async () => {
  const { use, listed, handles } = await world()
  here.waiting = [{ handle: 'shared', uses: [use('main', 'p', 'repo'), use('main', 'q', 'repo')] }, { handle: 'instance', uses: [use('main', 'p', 'repo', true)] }, { handle: 'one-off', uses: [{ teamId: use('main', 'p', 'x').teamId, name: 'image' }] }]
  const [container] = await listed('type=check&resource_name=repo&pipeline_name=p')
  expect(container).toEqual({ id: 'shared', worker_name: 'docker', state: 'created', type: 'check', resource_name: 'repo', pipeline_id: use('main', 'p', 'repo').pipelineId, pipeline_name: 'p' })
  expect(await listed('type=check&resource_name=repo&pipeline_name=q')).toMatchObject([{ id: 'shared', pipeline_name: 'q' }])
  expect(await listed('type=check&resource_name=repo&pipeline_name=p&vars.branch="x"')).toMatchObject([{ id: 'instance', pipeline_instance_vars: { branch: 'x' } }])
  expect(await listed('')).toMatchObject([{ id: 'shared', pipeline_name: 'p' }, { id: 'instance' }, { id: 'one-off', resource_name: 'image' }])
  expect(await handles('type=check&resource_name=other&pipeline_name=p')).toEqual([])
  expect(await handles('type=task')).toEqual([])
  expect(await handles('pipeline_name=p&job_name=j')).toEqual([])
})

test('another team sees nothing of them, nor does anybody of a pipeline that was destroyed', async () => {
  const { use, handles, call, enter } = await world()
  here.waiting = [{ handle: 'theirs', uses: [use('other', 'p', 'repo')] }, { handle: 'ours', uses: [use('main', 'q', 'repo')] }]
  expect(await handles('')).toEqual(['ours'])
  expect(await handles('type=check&resource_name=repo&pipeline_name=p')).toEqual([])
  expect(await handles('', 'stranger', 'other')).toEqual(['theirs'])
  expect((await call('GET', '/api/v1/teams/main/containers/theirs')).statusCode).toBe(404)
  expect(await enter('theirs', 'admin')).toContain('404')
  await call('DELETE', '/api/v1/teams/main/pipelines/q')
  expect(await handles('')).toEqual([])
  expect(await enter('ours', 'admin')).toContain('404')
})

test('they are entered by whoever may enter a check: an admin, on the server that has them', async () => {
  const { use, enter, call } = await world()
  here.waiting = [{ handle: 'waits', uses: [use('main', 'p', 'repo')] }]
  expect((await call('GET', '/api/v1/teams/main/containers/waits', undefined, { as: 'viewer' })).json()).toMatchObject({ id: 'waits', type: 'check' })
  expect(await enter('waits', 'viewer')).toContain('403')
  expect(await enter('waits', 'member')).toContain('403')
  expect(await enter('waits', 'admin')).toBe('waits of this server')
})

test('a check that runs for a build is listed once, with its build, and entered without asking who has the build', async () => {
  const { use, enter, listed, call } = await world()
  await call('POST', '/api/v1/teams/main/pipelines/p/jobs/j/builds')
  here.waiting = [{ handle: 'runs', uses: [use('main', 'q', 'repo'), use('main', 'p', 'repo')] }]
  here.targets = [{ handle: 'runs', buildId: 1, step: 'repo', type: 'check', state: 'running' }]
  expect(await listed('')).toMatchObject([{ id: 'runs', build_id: 1, pipeline_name: 'p' }])
  expect(await listed('type=check&resource_name=repo&pipeline_name=q')).toMatchObject([{ id: 'runs', pipeline_name: 'q' }])
  expect((await call('GET', '/api/v1/teams/main/containers/runs')).json()).toMatchObject({ build_id: 1 })
  expect(await enter('runs', 'admin')).toBe('runs of this server')
})

test('those of other servers are listed and entered through any', async () => {
  const { use, enter, listed, handles, peer, call } = await world()
  const there = new FakeGateway('another')
  there.waiting = [{ handle: 'there', uses: [use('main', 'q', 'repo'), use('main', 'p', 'repo')] }, { handle: 'theirs', uses: [use('other', 'p', 'repo')] }]
  here.waiting = [{ handle: 'here', uses: [use('main', 'p', 'repo')] }]
  urls = [await peer(there)]
  expect(await handles('')).toEqual(['here', 'there'])
  expect(await listed('type=check&resource_name=repo&pipeline_name=p')).toMatchObject([{ id: 'here' }, { id: 'there', pipeline_name: 'p' }])
  expect((await call('GET', '/api/v1/teams/main/containers/there')).json()).toMatchObject({ id: 'there' })
  expect(await enter('there', 'admin')).toBe('there of another')
  expect(await enter('there', 'member')).toContain('403')
  expect(await enter('theirs', 'admin')).toContain('404')
})

test('a server that is gone, refuses or says anything else is left out', async () => {
  const { use, handles, enter } = await world()
  here.waiting = [{ handle: 'here', uses: [use('main', 'p', 'repo')] }]
  const answers = ['no json', '{}', '[1, {"id": "x"}, {"id": "task", "worker_name": "w", "state": "created", "type": "task", "step_name": "t"}]']
  urls = [
    'http://127.0.0.1:1',
    await listen((_request, response) => response.writeHead(403).end()),
    ...(await Promise.all(answers.map((answer) => listen((_request, response) => response.end(answer))))),
  ]
  expect(await handles('')).toEqual(['here'])
  expect(await enter('task', 'admin')).toContain('404')
})
