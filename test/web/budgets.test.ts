import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const dist = join(import.meta.dirname, '../../web/dist')

test('W26: the first page, the terminal and all that others load are no larger than they were', async () => {
  const sizes = new Map<string, number>()
  for (const name of await readdir(join(dist, 'assets'))) if (name.endsWith('.gz')) sizes.set(name, (await readFile(join(dist, 'assets', name))).length)
  const bytes = (which: RegExp): number => [...sizes].reduce((sum, [name, size]) => sum + (which.test(name) ? size : 0), 0)
  const index = await readFile(join(dist, 'index.html'), 'utf8')
  const first = [...index.matchAll(/assets\/([\w.-]+\.(?:js|css))"/g)].map(([, name]) => `${name}.gz`)
  expect(first.map((name) => name.replace(/-[\w-]+\./, '-HASH.')).toSorted()).toEqual(['app-HASH.js.gz', 'style-HASH.css.gz'])
  const kB = 1_000
  // The aim for all but the terminal is 90 kB.
  expect({ js: bytes(/^app-.*\.js/), css: bytes(/^style-.*\.css/), terminal: bytes(/^terminal-/), others: bytes(/^(?!terminal-)/) }).toEqual({
    js: expect.toSatisfy((size: number) => size > 0 && size <= 30 * kB),
    css: expect.toSatisfy((size: number) => size > 0 && size <= 12 * kB),
    terminal: expect.toSatisfy((size: number) => size > 0 && size <= 95 * kB),
    others: expect.toSatisfy((size: number) => size > 0 && size <= 128 * kB),
  })
})

test('W26: the first page is there after five requests, and asks for nothing in a minute', async () => {
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  // The page's own clock: what its timers would do in a minute happens at once.
  await page.clock.install()
  let sockets = 0
  page.on('websocket', () => sockets++)
  await page.goto('about:blank')
  await tab.settled()
  const before = tab.requests.length
  await page.goto('/')
  await page.getByRole('heading', { name: 'Set the first pipeline' }).waitFor()
  // The browser itself fetches the icon of the tab when it likes.
  const asked = () => tab.requests.slice(before).filter((request) => !request.includes('/favicon'))
  expect(asked().map((request) => request.replace(/-[\w-]+\./, '-HASH.')).toSorted()).toEqual(['GET /', 'GET /api/v1/user', 'GET /assets/app-HASH.js', 'GET /assets/style-HASH.css'])
  expect(sockets).toBe(1)
  const idle = asked().length
  await page.clock.runFor(60_000)
  expect(asked().slice(idle)).toEqual([])
  expect(sockets).toBe(1)
})

test('W26: no page asks for anything in a minute in which nothing happens, with builds that run, wait and have ended', async () => {
  const api = await world.server.as('ana')
  const p = '/teams/main/pipelines/idle'
  await api.setPipeline('idle', `resources: [{name: repo, type: registry-image, check_every: never, source: {repository: registry.example/repo}}]\njobs:\n- {name: waits, plan: [{get: repo, passed: [gets]}]}\n- {name: gets, plan: [{get: repo}]}${taskJob('unit', { FAKE_STDOUT: 'said' })}${taskJob('runs', { FAKE_STDOUT: 'begun\nends', FAKE_HOLD: 'idle', FAKE_SPLIT: '6' })}`)
  expect(await api.ended(await api.trigger('idle', 'unit'))).toBe('succeeded')
  await api.events(await api.trigger('idle', 'runs'), 'begun')
  await api.trigger('idle', 'waits')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.clock.install()
  let sockets = 0
  page.on('websocket', () => sockets++)
  for (const path of ['/', p, `${p}?show=list&job=unit`, `${p}/config`, `${p}/jobs/unit`, `${p}/jobs/waits`, `${p}/jobs/unit/builds/1`, `${p}/jobs/runs/builds/1`, `${p}/jobs/waits/builds/1`, `${p}/resources/repo`, '/builds', '/teams/main', '/account', '/admin', '/download-fly']) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.clock.runFor(1_000)
    await tab.settled()
    const [asked, open] = [tab.requests.length, sockets]
    await page.clock.runFor(60_000)
    await tab.settled()
    expect([path, tab.requests.slice(asked).filter((request) => !request.includes('/favicon')), sockets]).toEqual([path, [], open])
  }
})
