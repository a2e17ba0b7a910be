import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGunzip } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { apiWorld, type ApiWorld } from '../testing/world.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

interface Watched {
  /** `over`: the response ended well, which fly takes for the end of the build. `cut`: it comes back. */
  readonly end: Promise<'over' | 'cut'>
  readonly ids: () => string[]
  readonly text: () => string
  until(pattern: RegExp): Promise<void>
}

async function world(given: Parameters<typeof apiWorld>[0] = {}) {
  const made = await apiWorld(given)
  made.builds.set(1, { id: 1, kind: 'job', name: '1', scope: { teamId: 1, pipelineId: 1, jobId: 1 }, team: 'main', status: 'started', createdAt: 0, abortRequested: false, pipelinePublic: false, jobPublic: false })
  const server = createServer(made.api.handle)
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const authorization = `Bearer ${await made.tokenOf('admin')}`
  const { port } = server.address() as AddressInfo
  /** As go-sse reads a stream. */
  const watch = (lastId?: number, extra: Record<string, string> = {}): Watched => {
    let text = ''
    let wake = Promise.withResolvers<void>()
    const end = new Promise<'over' | 'cut'>((resolve) => {
      const asked = request({ port, path: '/api/v1/builds/1/events', headers: { authorization, ...(lastId !== undefined && { 'last-event-id': String(lastId) }), ...extra } }, (response) => {
        const source = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
        source.on('error', () => undefined)
        source.setEncoding('utf8').on('data', (more: string) => {
          text += more
          wake.resolve()
          wake = Promise.withResolvers()
        })
        response.on('error', () => undefined)
        response.on('close', () => resolve(response.complete ? 'over' : 'cut'))
      })
      asked.on('error', () => resolve('cut'))
      asked.end()
    })
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text)) await wake.promise
    }
    return { end, until, text: () => text, ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id ?? '') }
  }
  return { ...made, watch }
}

function finish({ events, builds }: Pick<ApiWorld, 'events' | 'builds'>): void {
  const build = builds.get(1)
  if (build !== undefined) builds.set(1, { ...build, status: 'succeeded', endedAt: 1 })
  events.push('status', { status: 'succeeded' })
}

test('all who watch a build share one stream of it, each gets every event once and the end after the final status', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  const [one, two] = [made.watch(), made.watch()]
  await Promise.all([one.until(/started/), two.until(/started/)])
  expect(made.events.streams).toBe(1)
  const late = made.watch(0)
  made.events.push('log', { payload: 'x' })
  finish(made)
  await Promise.all([one, two, late].map((each) => each.until(/event: end\ndata\n/)))
  await made.clock.advance(5_000)
  expect(await Promise.all([one.end, two.end, late.end])).toEqual(['over', 'over', 'over'])
  expect([one.ids(), two.ids(), late.ids()]).toEqual([['0', '1', '2', '3'], ['0', '1', '2', '3'], ['1', '2', '3']])
})

test('a source that fails and a server that stops cut the connection, and never end it', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  const first = made.watch()
  await first.until(/started/)
  made.events.fail()
  expect(await first.end).toBe('cut')
  const second = made.watch(0)
  made.events.push('log', { payload: 'y' })
  await second.until(/"y"/)
  await made.api.close()
  expect(await second.end).toBe('cut')
  expect(second.ids()).toEqual(['1'])
})

test('a server that stops cuts its streams one after the other, and refuses new ones so that fly comes back', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  const watchers = [made.watch(), made.watch(), made.watch(), made.watch()]
  await Promise.all(watchers.map((watcher) => watcher.until(/started/)))
  let cut = 0
  for (const { end } of watchers) void end.then(() => cut++)
  const closing = made.api.close(2_000)
  // Whichever connected first.
  expect(await Promise.race(watchers.map(({ end }) => end))).toBe('cut')
  expect(cut).toBe(1)
  const refused = await made.api.app.inject({ url: '/api/v1/builds/1/events', headers: { authorization: `Bearer ${await made.tokenOf('admin')}` } })
  expect(refused.statusCode).toBe(503)
  await made.clock.advance(2_000)
  expect(await Promise.all(watchers.map(({ end }) => end))).toEqual(['cut', 'cut', 'cut', 'cut'])
  await closing
})

test('a build that has ended is told from the database, from any event on', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  finish(made)
  const watched = made.watch(0)
  await watched.until(/event: end/)
  expect([watched.ids(), made.events.streams]).toEqual([['1', '2'], 0])
})

test('who takes gzip gets the same events compressed, at their coming', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  const watched = made.watch(undefined, { 'accept-encoding': 'gzip' })
  await watched.until(/started/)
  made.events.push('log', { payload: 'x' })
  await watched.until(/"x"/)
  finish(made)
  await watched.until(/event: end\ndata\n/)
  expect(watched.ids()).toEqual(['0', '1', '2', '3'])
})

test('who has as many event streams as one may have gets 503, by which fly tries again, until one is closed', async () => {
  const made = await world({ streamLimits: { principal: 1, address: 1, server: 2 } })
  made.events.push('status', { status: 'started' })
  const first = made.watch()
  await first.until(/started/)
  const again = async () => (await made.api.app.inject({ url: '/api/v1/builds/1/events', headers: { authorization: `Bearer ${await made.tokenOf('admin')}` } })).statusCode
  expect(await again()).toBe(503)
  made.events.fail()
  expect(await first.end).toBe('cut')
  const next = made.watch(0)
  made.events.push('log', { payload: 'z' })
  await next.until(/"z"/)
})

test('a stream without events has a heartbeat each 15 to 20 seconds, by one timer for all who watch', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  const watchers = [made.watch(), made.watch(), made.watch()]
  await Promise.all(watchers.map((watcher) => watcher.until(/started/)))
  const before = made.clock.sleeping
  await made.clock.advance(10_000)
  made.events.push('log', { payload: 'x' })
  await Promise.all(watchers.map((watcher) => watcher.until(/"x"/)))
  expect(made.clock.sleeping).toBe(before)
  expect(before).toBeLessThan(watchers.length)
  await made.clock.advance(10_000)
  expect(watchers.map((watcher) => /^:$/m.test(watcher.text()))).toEqual([false, false, false])
  await made.clock.advance(5_000)
  await Promise.all(watchers.map((watcher) => watcher.until(/^:$/m)))
})

test('who pages a log that retention takes away meanwhile is told so, and again after coming back', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  for (let line = 0; line < 600; line++) made.events.push('log', { payload: `line ${line}\n` })
  finish(made)
  const { read } = made.events
  let removed = false
  made.events.read = async (id, after, limit) => {
    const left = (await read.call(made.events, id, after, limit)).filter(({ type }) => !removed || type === 'status')
    removed = true
    return left
  }
  const watched = made.watch()
  await watched.until(/event: end/)
  expect(watched.text()).toContain('line 0\\n')
  expect(watched.text()).not.toContain('line 599\\n')
  expect(watched.text()).toMatch(/the rest of the log of this build is no longer kept.*\n\n.*\n.*\n.*succeeded/)
  const again = made.watch(Number(watched.ids().at(-3)))
  await again.until(/event: end/)
  expect(again.text()).toMatch(/^id: \d+\nevent: event\ndata: \{"data":\{"message":"the rest of the log/)
})

test('a log whose build is removed while it is paged is cut, and not ended', async () => {
  const made = await world()
  made.events.push('status', { status: 'started' })
  finish(made)
  const { read } = made.events
  made.events.read = (id, after) => {
    made.builds.delete(1)
    return after < 0 ? read.call(made.events, id, after, 1) : Promise.resolve([])
  }
  expect(await made.watch().end).toBe('cut')
})
