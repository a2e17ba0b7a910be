import { afterEach, expect, test } from 'vitest'
import { about } from '../lib/about.ts'
import { fakeClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { ok } from '../model/result.ts'
import type { ServedDatabase, ServedRegistry } from './ports.ts'
import { startServer, type RunningServer, type ServerOptions } from './server.ts'

const running: RunningServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

/** A registry that opens with its name as the Authorization header. */
const registry = (name: string): ServedRegistry => ({
  allows: ({ headers }) => headers.authorization === name,
  handle: (_request, response) => Promise.resolve(void response.end(name)),
})

/** Tells `events` what the server does. */
function world(databases: readonly Partial<ServedDatabase>[] = [{}]) {
  const events: string[] = []
  const database = (given: Partial<ServedDatabase>, index: number): ServedDatabase => {
    const closed = Promise.withResolvers<void>()
    return {
      engine: {
        drain: () => void events.push(`drain ${index}`),
        serve() {
          events.push(`serve ${index}`)
          return closed.promise
        },
      },
      ping: () => Promise.resolve(),
      close() {
        events.push(`close ${index}`)
        closed.resolve()
        return Promise.resolve()
      },
      ...given,
    }
  }
  const [first = {}, ...others] = databases
  const options: ServerOptions = {
    databases: [database(first, 0), ...others.map((given, index) => database(given, index + 1))],
    runtime: 'Fake 1',
    address: { bind: '127.0.0.1', port: 0 },
    services: { name: 'services', start: () => void events.push('start services'), stop: () => Promise.resolve(void events.push('stop services')) },
    log: silentLog,
  }
  return { events, options }
}

async function start(options: ServerOptions): Promise<string> {
  const started = await startServer(options)
  if (!started.ok) throw new Error(started.error.message)
  running.push(started.value)
  return `http://127.0.0.1:${started.value.port}`
}

test('/health says whether the first database answers', async () => {
  let alive = true
  const url = await start(world([{ ping: () => (alive ? Promise.resolve() : Promise.reject(new Error('away'))) }, { ping: () => Promise.reject(new Error('not asked')) }]).options)
  const health = async () => {
    const response = await fetch(`${url}/health`)
    return [response.status, await response.json()]
  }
  expect(await health()).toEqual([200, { status: 'ok', runtime: 'Fake 1' }])
  alive = false
  expect(await health()).toEqual([503, { status: 'unavailable', database: 'does not answer' }])
})

test('/v2/ goes to the registry that the password belongs to, else to the first', async () => {
  const url = await start(world([{}, { registry: registry('one') }, { registry: registry('two') }]).options)
  const body = async (authorization: string) => (await fetch(`${url}/v2/x`, { headers: { authorization } })).text()
  expect([await body('two'), await body('one'), await body('none')]).toEqual(['two', 'one', 'one'])
})

test('answers about health and of the registry have ids, and lines of the registry theirs', async () => {
  const seen: unknown[] = []
  const url = await start(world([{ registry: { allows: () => true, handle: (_request, response) => (seen.push(about()), response.end(), Promise.resolve()) } }]).options)
  for (const path of ['/health', '/health/live', '/health/ready', '/v2/']) {
    expect((await fetch(`${url}${path}`, { headers: { 'x-request-id': 'mine' } })).headers.get('x-request-id'), path).toBe('mine')
    expect((await fetch(`${url}${path}`)).headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/)
  }
  expect(seen[0]).toEqual({ request: 'mine' })
})

test('a registry that fails costs its connection only', async () => {
  const url = await start(world([{ registry: { allows: () => true, handle: () => Promise.reject(new Error('broken')) } }]).options)
  await expect(fetch(`${url}/v2/`)).rejects.toThrow()
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

test.each([['GET', '/'], ['POST', '/health'], ['GET', '/v2/']])('%s %s of a server without a registry is not found', async (method, path) => {
  const url = await start(world().options)
  const response = await fetch(`${url}${path}`, { method })
  expect([response.status, await response.json()]).toEqual([404, { errors: [{ detail: 'not found' }] }])
})

test('builds run once the server listens, and are let go of after its services have stopped', async () => {
  const { events, options } = world([{}, {}])
  const started = await startServer(options)
  expect(started).toEqual(ok(expect.anything()))
  expect(events).toEqual(['start services', 'serve 0', 'serve 1'])
  if (started.ok) await started.value.stop()
  expect(events.slice(3)).toEqual(['drain 0', 'drain 1', 'stop services', 'close 0', 'close 1'])
})

/** An API that answers a request when the test says so. */
function slowApi() {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const closed: number[] = []
  const api: ServerOptions['api'] = {
    handle: (_request, response) => {
      asked.resolve()
      void answer.promise.then(() => response.end('answered'))
    },
    upgrade: () => undefined,
    close: (spreadMs) => Promise.resolve(void closed.push(spreadMs)),
  }
  return { api, asked: asked.promise, answer: answer.resolve, closed }
}

test('a server that stops is not ready, still answers for the delay, then cuts its streams and answers what is under way', async () => {
  const clock = fakeClock()
  const { api, asked, answer, closed } = slowApi()
  const { events, options } = world()
  const started = await startServer({ ...options, api, clock })
  if (!started.ok) throw new Error(started.error.message)
  const url = `http://127.0.0.1:${started.value.port}`
  const status = async (path: string) => (await fetch(`${url}${path}`)).status
  expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 200])
  const pending = fetch(`${url}/slow`).then((response) => response.text())
  await asked
  const stopping = started.value.stop({ delayMs: 5_000, spreadMs: 2_000 })
  expect([await status('/health/live'), await status('/health/ready'), await status('/health')]).toEqual([200, 503, 200])
  expect([events.includes('drain 0'), closed, events.includes('stop services')]).toEqual([true, [], false])
  await clock.advance(5_000)
  expect(closed).toEqual([2_000])
  await expect(fetch(`${url}/health`)).rejects.toThrow()
  answer()
  expect(await pending).toBe('answered')
  await stopping
  expect(events.slice(-2)).toEqual(['stop services', 'close 0'])
})

test('a request that is not answered in time is cut off when the server stops', async () => {
  const clock = fakeClock()
  const { api, asked } = slowApi()
  const started = await startServer({ ...world().options, api, clock })
  if (!started.ok) throw new Error(started.error.message)
  const pending = fetch(`http://127.0.0.1:${started.value.port}/slow`).then(() => 'answered', () => 'cut')
  await asked
  const stopping = started.value.stop()
  await clock.advance(4_999)
  expect(await Promise.race([pending, Promise.resolve('waits')])).toBe('waits')
  await clock.advance(1)
  expect(await pending).toBe('cut')
  await stopping
})

test('a server whose port is taken starts nothing', async () => {
  const url = new URL(await start(world().options))
  const { events, options } = world()
  expect(await startServer({ ...options, address: { bind: '127.0.0.1', port: Number(url.port) } })).toMatchObject({ ok: false, error: { kind: 'address-in-use' } })
  expect(await startServer({ ...options, address: { bind: '203.0.113.1', port: 0 } })).toMatchObject({ ok: false, error: { kind: 'cannot-listen' } })
  expect(events).toEqual([])
})
