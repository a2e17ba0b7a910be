import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { Client } from '../servers/client.ts'
import { watch, type Watched } from '../servers/watch.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { freePort } from '../services/ports.ts'
import { postgresReason, startPostgres, type Postgres } from '../services/postgres.ts'
import { until } from '../services/wait.ts'
import { airside, type Running } from './airside.ts'

const reason = await postgresReason()
const ended = (frames: Watched['frames']): boolean => frames.some(({ event }) => event === 'end')
const showsFirst = (frames: Watched['frames']): boolean => frames.some(({ data }) => data.includes('"first'))

interface Server {
  readonly url: string
  readonly metrics: string
  readonly process: Running
}

/** Several of `airside web` on one PostgreSQL and one engine, set up by the variables that a Concourse web node has. */
describe.skipIf(reason !== undefined)(`servers on PostgreSQL and Podman${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  let folder: string
  let podman: Podman
  let postgres: Postgres
  let database: URL
  let sql: pg.Client
  let registry: RunningRegistry
  const running = new Set<Running>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-two-'))
    ;[podman, postgres, registry] = await Promise.all([startPodman(), startPostgres(), startRegistry({ dir: join(folder, 'registry') })])
    database = new URL(await postgres.createDatabase())
    sql = new pg.Client({ connectionString: database.href })
    await sql.connect()
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
  })
  afterAll(async () => {
    for (const { child, ended: end } of running) {
      child.kill('SIGKILL')
      await end
    }
    await sql.end()
    await registry.stop()
    await postgres.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(): Promise<Server> {
    const [port, metrics] = [await freePort(), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const process = airside(['web', '--data', join(folder, 'data'), '--drain-delay', '0s'], {
      DOCKER_HOST: podman.dockerHost,
      CONCOURSE_POSTGRES_HOST: database.hostname, CONCOURSE_POSTGRES_PORT: database.port, CONCOURSE_POSTGRES_USER: database.username, CONCOURSE_POSTGRES_DATABASE: database.pathname.slice(1),
      CONCOURSE_EXTERNAL_URL: url, CONCOURSE_BIND_IP: '127.0.0.1', CONCOURSE_BIND_PORT: String(port),
      CONCOURSE_ADD_LOCAL_USER: 'ann:password-of-ann', CONCOURSE_MAIN_TEAM_LOCAL_USER: 'ann', CONCOURSE_AUTH_DURATION: '2h', CONCOURSE_ENCRYPTION_KEY: 'sixteen-letters!',
      CONCOURSE_PROMETHEUS_BIND_IP: '127.0.0.1', CONCOURSE_PROMETHEUS_BIND_PORT: String(metrics), CONCOURSE_CLUSTER_NAME: 'of another server',
    })
    running.add(process)
    void process.ended.then(() => running.delete(process))
    await until('the server answers', async () => (await fetch(`${url}/health`)).ok, { why: () => Promise.resolve(process.stderr()) })
    return { url, metrics: `http://127.0.0.1:${metrics}/metrics`, process }
  }

  const logIn = async (url: string): Promise<{ access_token: string; expires_in: number }> =>
    (await fetch(`${url}/sky/issuer/token`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'password', username: 'ann', password: 'password-of-ann', scope: 'openid' }),
    })).json() as Promise<{ access_token: string; expires_in: number }>

  /** Which of the servers has the lease of the build, once one has it. */
  const runnerOf = (buildId: number, servers: readonly Server[]): Promise<Server> =>
    until('one of the servers runs the build', async () => {
      const { rows } = await sql.query<{ lease_owner: string | null }>('select lease_owner from builds where id = $1', [buildId])
      return servers.find(({ process }) => rows[0]?.lease_owner?.includes(`-${process.child.pid}-`) === true)
    })

  /** Lets the process of each container go on. The container may be gone before `podman exec` has read how its own process ended. */
  async function letGo(): Promise<void> {
    for (const name of (await podman.podman(['ps', '--format', '{{.Names}}'])).split('\n').filter((line) => line !== '')) {
      await podman.podman(['exec', name, 'sh', '-c', ': > /go']).catch(() => undefined)
    }
  }

  test('TERM and kill -9 of the one that runs a build cost those who watch it through any no line', async () => {
    const servers = await Promise.all([start(), start(), start()])
    const [some] = servers
    const { access_token: token, expires_in: seconds } = await logIn(some.url)
    expect(seconds).toBeLessThanOrEqual(7_200)
    const log = some.process.stdout() + some.process.stderr()
    expect(log).toMatch(/taken from Concourse's settings: [^"]*CONCOURSE_MAIN_TEAM_LOCAL_USER/)
    expect(log).toContain('no setting here means the same as CONCOURSE_CLUSTER_NAME')
    expect(await (await fetch(some.metrics)).text()).toContain('concourse_builds_running')

    const client = new Client(some.url, token)
    const script = 'echo first; until [ -e /go ]; do sleep 0.1; done; echo second'
    const image = { type: 'registry-image', source: { repository: `${registry.host}/tools`, tag: '1', insecure: true } }
    await client.setPipeline(JSON.stringify({ jobs: [{ name: 'held', plan: [{ task: 'held', config: { platform: 'linux', image_resource: image, run: { path: 'sh', args: ['-c', script] } } }] }] }))
    const buildId = await client.trigger('held')
    const watched = new Map(servers.map((server) => [server, watch(server.url, { buildId, token })]))
    await Promise.all([...watched.values()].map((watcher) => watcher.until(showsFirst)))

    // It lets go of the build, and one of the others goes on with it at once. Its own watchers are cut, never ended.
    const first = await runnerOf(buildId, servers)
    first.process.child.kill('SIGTERM')
    expect(await watched.get(first)?.end).toBe('cut')
    expect((await first.process.ended).status).toBe(0)

    const second = await runnerOf(buildId, servers.filter((server) => server !== first))
    second.process.child.kill('SIGKILL')
    expect(await watched.get(second)?.end).toBe('cut')
    await second.process.ended
    // Nobody tells that it is gone. As if the 30 s of its lease were over:
    await sql.query('update builds set lease_until = 0 where id = $1', [buildId])
    const third = await runnerOf(buildId, servers.filter((server) => server !== first && server !== second))

    await letGo()
    for (const [server, before] of watched) {
      const rest = server === third ? before : watch(third.url, { buildId, token, after: before.frames.at(-1)?.id ?? -1 })
      await rest.until(ended)
      const frames = rest === before ? before.frames : [...before.frames, ...rest.frames]
      // Each event once, in order, to a success.
      expect(frames.map(({ id }) => id)).toEqual(frames.map((_frame, id) => id))
      expect(['"first', '"second'].map((line) => frames.filter(({ data }) => data.includes(line)).length)).toEqual([1, 1])
      expect(frames.at(-2)?.data).toContain('"status":"succeeded"')
    }
    third.process.child.kill('SIGTERM')
    expect((await third.process.ended).status).toBe(0)
  })

  /** The first frame of a process there that prints something. */
  const says = (server: Server, token: string, handle: string, command: string): Promise<string> => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/teams/main/containers/${handle}/hijack`, { headers: { authorization: `Bearer ${token}` } })
    return new Promise((resolve) => {
      socket.once('open', () => socket.send(JSON.stringify({ path: 'sh', args: ['-c', command] })))
      socket.once('message', (data: Buffer) => resolve(data.toString()))
      socket.once('error', (error) => resolve(error.message))
    })
  }

  test('the container of a check is listed and entered through the servers that do not have it, too, and gone with the one that has', async () => {
    const servers = await Promise.all([start(), start()])
    const { access_token: token } = await logIn(servers[0].url)
    const [client, another] = servers.map(({ url }) => new Client(url, token)) as [Client, Client]
    const source = { repository: `${registry.host}/letterbox-resource`, insecure: true }
    await client.call('PUT', '/teams/main/pipelines/letters/config', JSON.stringify({
      resource_types: [{ name: 'letterbox', type: 'registry-image', source }],
      resources: [{ name: 'letter', type: 'letterbox', check_every: 'never', source: { letters: ['a'] } }],
      jobs: [{ name: 'j', plan: [{ get: 'letter' }] }],
    }), { 'content-type': 'application/x-yaml' })
    const { id } = (await client.call('POST', '/teams/main/pipelines/letters/resources/letter/check', '{}')) as { id: number }
    await expect.poll(() => client.call('GET', `/builds/${id}`)).toMatchObject({ status: 'succeeded' })
    const holder = await runnerOf(id, servers)
    const listed = (of: Client) => of.call('GET', '/teams/main/containers?type=check&pipeline_name=letters&resource_name=letter') as Promise<{ id: string }[]>
    const [{ id: handle }] = (await listed(client)) as [{ id: string }]
    expect(await listed(another)).toEqual(await listed(client))
    for (const server of servers) expect(await says(server, token, handle, 'echo $((6 * 7))')).toBe(JSON.stringify({ stdout: Buffer.from('42\n').toString('base64') }))
    holder.process.child.kill('SIGTERM')
    await holder.process.ended
    const left = servers.find((server) => server !== holder) as Server
    expect(await listed(new Client(left.url, token))).toEqual([])
    left.process.child.kill('SIGTERM')
    expect((await left.process.ended).status).toBe(0)
  })
})
