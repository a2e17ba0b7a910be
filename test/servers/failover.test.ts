import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { postgresReason, startPostgres, type Postgres } from '../services/postgres.ts'
import { until } from '../services/wait.ts'
import { Client } from './client.ts'
import { Servers } from './servers.ts'
import { watch, type Watched } from './watch.ts'

const reason = await postgresReason()
const held = { FAKE_HOLD: 'go', FAKE_STDOUT: 'first\nsecond', FAKE_SPLIT: '6' }
const ended = (frames: Watched['frames']): boolean => frames.some(({ event }) => event === 'end')
const shows = (text: string) => (frames: Watched['frames']) => frames.some(({ data }) => data.includes(text))

// Each server is a process of its own, which a busy machine takes long to start.
describe.skipIf(reason !== undefined)(`two servers on PostgreSQL${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  let postgres: Postgres
  let servers: Servers
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())
  afterEach(() => servers.close())

  /** All lines of both streams: each event once, in order, to a success. */
  function whole(...parts: readonly Watched[]): void {
    const frames = parts.flatMap((part) => part.frames)
    expect(frames.map(({ id }) => id)).toEqual(frames.map((_frame, id) => id))
    expect(['"first', '"second'].map((line) => frames.filter(({ data }) => data.includes(line)).length)).toEqual([1, 1])
    expect(frames.at(-2)?.data).toContain('"status":"succeeded"')
    expect(servers.runtime.started.length).toBe(1)
  }

  test('two that start at once on an empty database both run; a logout and a change of a team at one count at the other', async () => {
    servers = await Servers.on(await postgres.createDatabase())
    const [one, two] = await Promise.all([servers.start(), servers.start()])
    const [here, there] = [await Client.to(one.url, servers), await Client.to(two.url, servers)]
    const status = async (token: string, path = '/api/v1/teams') => (await fetch(`${two.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status
    // Both know the token and the teams by now.
    expect(await status(here.token, '/api/v1/teams/main/builds')).toBe(200)
    await here.call('PUT', '/teams/other', JSON.stringify({ auth: { owner: { users: ['local:admin'] } } }))
    await until('the team is there', async () => ((await there.call('GET', '/teams')) as { name: string }[]).some(({ name }) => name === 'other'))
    // As fly logs out.
    await fetch(`${one.url}/sky/logout`, { headers: { cookie: `skymarshal_auth="Bearer ${here.token}"` } })
    await until('the logout counts', async () => (await status(here.token, '/api/v1/teams/main/builds')) === 401)
    expect(await status(there.token, '/api/v1/teams/main/builds')).toBe(200)
  })

  test('kill -9 of the server that runs a build: who watches it through another sees each line once', async () => {
    servers = await Servers.on(await postgres.createDatabase())
    const runs = await servers.start()
    const client = await Client.to(runs.url, servers)
    await client.setPipeline(servers.pipeline({ held }))
    const buildId = await client.trigger('held')
    await watch(runs.url, { buildId, token: client.token }).until(shows('"first'))
    const other = await servers.start()
    const watcher = watch(other.url, { buildId, token: client.token })
    await watcher.until(shows('"first'))
    runs.child.kill('SIGKILL')
    expect(await runs.ended).toBe('SIGKILL')
    servers.runtime.let('go')
    await watcher.until(ended)
    whole(watcher)
  })

  test('kill -9 of the server that a build is watched through: the next one goes on after the last line', async () => {
    servers = await Servers.on(await postgres.createDatabase())
    const runs = await servers.start()
    const client = await Client.to(runs.url, servers)
    await client.setPipeline(servers.pipeline({ held }))
    const buildId = await client.trigger('held')
    await watch(runs.url, { buildId, token: client.token }).until(shows('"first'))
    const watched = await servers.start()
    const watcher = watch(watched.url, { buildId, token: client.token })
    await watcher.until(shows('"first'))
    watched.child.kill('SIGKILL')
    expect(await watcher.end).toBe('cut')
    servers.runtime.let('go')
    const rest = watch(runs.url, { buildId, token: client.token, after: watcher.frames.at(-1)?.id ?? -1 })
    await rest.until(ended)
    whole(watcher, rest)
  })

  test('an intercept that comes to another server goes on to the one that runs the step, which decides again', async () => {
    servers = await Servers.on(await postgres.createDatabase())
    const runs = await servers.start()
    const client = await Client.to(runs.url, servers)
    await client.setPipeline(servers.pipeline({ held }))
    const buildId = await client.trigger('held')
    await watch(runs.url, { buildId, token: client.token }).until(shows('"first'))
    const other = await servers.start()
    const [container] = (await new Client(other.url, client.token).call('GET', '/teams/main/containers')) as { id: string }[]
    const hijack = async (url: string, headers: Record<string, string> = {}) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/teams/main/containers/${container?.id}/hijack`, { headers: { authorization: `Bearer ${client.token}`, ...headers } })
      const frames: string[] = []
      socket.on('message', (data: Buffer) => frames.push(data.toString()))
      const closed = new Promise<number>((resolve) => void socket.once('close', resolve))
      const opened = await new Promise<string>((resolve) => {
        socket.once('open', () => resolve('open'))
        socket.once('error', ({ message }) => resolve(message))
      })
      return { socket, frames, closed, opened }
    }
    const session = await hijack(other.url)
    expect(session.opened).toBe('open')
    session.socket.send(JSON.stringify({ path: 'sh', args: ['-i'] }))
    session.socket.send(JSON.stringify({ stdin: Buffer.from('hello\nexit 7\n').toString('base64') }))
    expect(await session.closed).toBe(1000)
    const said = session.frames.map((frame) => JSON.parse(frame) as { stdout?: string; exit_status?: number })
    expect(said.map(({ stdout }) => Buffer.from(stdout ?? '', 'base64').toString()).join('')).toBe('sh -i\nhello\n')
    expect(said.at(-1)).toEqual({ exit_status: 7 })
    // A request that was sent on once is not sent on again.
    expect((await hijack(other.url, { 'x-airside-peer': '1' })).opened).toContain('503')
    // A drain tells who is in a container to come back.
    const left = await hijack(other.url)
    runs.child.kill('SIGTERM')
    expect(await left.closed).toBe(1012)
    servers.runtime.let('go')
  })
})
