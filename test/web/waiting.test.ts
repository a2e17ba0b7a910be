import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { connectionOf } from './harness/connection.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const p = '/teams/main/pipelines/waiting'
const pages = ['/', p, `${p}/config`, `${p}/jobs/unit`, `${p}/jobs/unit/builds/1`, `${p}/resources/repo`, '/builds', '/teams/main', '/account', '/admin'] as const

const looks = [
  { width: 1440, media: { colorScheme: 'light', forcedColors: 'none' } },
  { width: 320, media: { colorScheme: 'dark', forcedColors: 'none' } },
  { width: 640, media: { colorScheme: 'light', forcedColors: 'active' } },
] as const

/** What is wrong with what a page shows in each look, a line each. */
async function faults(page: Page, name: string): Promise<string[]> {
  const found: string[] = []
  for (const { width, media } of looks) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    const moving = await page.evaluate(() => document.getAnimations().length)
    found.push(...[...(await accessibilityFindings(page)), ...(sideways > 0 ? [`${sideways} px wider than the window`] : []), ...(moving > 0 ? ['it moves'] : [])].map((fault) => `${name}, ${width}: ${fault}`))
  }
  return found
}

async function prepare(): Promise<void> {
  const api = await world.server.as('ana')
  await api.setPipeline('waiting', `resources: [{name: repo, type: registry-image, check_every: never, source: {repository: registry.example/repo}}]\njobs:\n- {name: gets, plan: [{get: repo}]}${taskJob('unit', { FAKE_STDOUT: 'said' })}`)
  if ((await api.call<unknown[]>('GET', `${p}/jobs/unit/builds`)).length === 0) expect(await api.ended(await api.trigger('waiting', 'unit'))).toBe('succeeded')
}

test('W25: axe finds nothing in pages that wait for what they read, and each fits 320 pixels', async () => {
  await prepare()
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  // Nothing comes, over either way; who looks is known.
  await page.route((url) => url.pathname.startsWith('/api/v1/') && url.pathname !== '/api/v1/user', () => undefined)
  await page.routeWebSocket(/\/api\/v1\/watch/, () => undefined)
  const found: string[] = []
  for (const path of pages) {
    await page.goto(path)
    await page.getByRole('status', { name: 'loading' }).first().waitFor()
    found.push(...(await faults(page, path)))
  }
  expect(found).toEqual([])
})

test('W25: pages whose server fails say so, with the id of the request and a way to try again, and axe finds nothing', async () => {
  await prepare()
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  tab.expectRefusal('500 GET /api/v1/')
  let fails = true
  await page.route((url) => url.pathname.startsWith('/api/v1/') && url.pathname !== '/api/v1/user', (route) => (fails ? route.fulfill({ status: 500, headers: { 'x-request-id': 'r-4711' }, body: 'the database is away' }) : route.continue()))
  const found: string[] = []
  for (const path of [p, `${p}/config`, `${p}/jobs/unit`, `${p}/jobs/unit/builds/1`, `${p}/resources/repo`]) {
    fails = true
    await page.goto(path)
    await page.getByRole('alert').filter({ hasText: 'the database is away Request r-4711.' }).first().waitFor()
    expect(await page.getByRole('heading', { level: 1 }).count(), path).toBe(1)
    found.push(...(await faults(page, path)))
    fails = false
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1, name: /unit|repo|waiting/ }).waitFor()
  }
  expect(found).toEqual([])
})

test('W25: pages that are not live keep what they show and say since when, and axe finds nothing', async () => {
  await prepare()
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const connection = await connectionOf(page)
  const found: string[] = []
  for (const path of pages) {
    await page.goto(path)
    const heading = page.getByRole('heading', { level: 1 })
    await heading.waitFor()
    await tab.settled()
    const shown = await heading.textContent()
    await connection.cut()
    await page.getByText(/^Not live since/).waitFor()
    expect(await heading.allTextContents(), path).toEqual([shown])
    found.push(...(await faults(page, path)))
    await connection.restore()
    await page.getByText(/^Not live since/).waitFor({ state: 'detached' })
  }
  expect(found).toEqual([])
})

test('W25: of 45 builds that run at most forty icons move, and none where less motion is wanted', async () => {
  const api = await world.server.as('ana')
  const jobs = Array.from({ length: 45 }, (_, at) => `run-${at}`)
  await api.setPipeline('moving', `jobs:${jobs.map((job) => taskJob(job, { FAKE_HOLD: 'moving' })).join('')}`)
  for (const job of jobs) await api.trigger('moving', job)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/moving?show=list')
  await expect.poll(() => page.getByRole('row').filter({ hasText: 'running' }).count()).toBe(45)
  const moving = () => page.evaluate(() => document.getAnimations().length)
  await expect.poll(moving).toBe(40)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect.poll(moving).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  world.server.fake.let('moving')
  await expect.poll(() => page.getByRole('row').filter({ hasText: 'succeeded' }).count()).toBe(45)
  await expect.poll(moving).toBe(0)
})

test('W25: what runs turns without work of the page’s thread, and what only names a state stands still', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('turning', `jobs:${taskJob('unit', { FAKE_HOLD: 'turning' })}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/?search=turning')
  const card = page.getByRole('link', { name: /turning/ })
  await card.waitFor()
  const turning = () => page.evaluate(() => document.getAnimations().map(({ effect }) => (effect as KeyframeEffect).target?.closest('a')?.textContent))
  expect(await turning()).toEqual([])
  const devtools = await page.context().newCDPSession(page)
  const told: { readonly name: string; readonly args?: { readonly data?: { readonly compositeFailed?: number; readonly state?: string } } }[] = []
  devtools.on('Tracing.dataCollected', ({ value }) => void told.push(...(value as unknown as typeof told)))
  const traced = new Promise<void>((resolve) => devtools.once('Tracing.tracingComplete', () => resolve()))
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['blink.animations'] } })
  await api.trigger('turning', 'unit')
  await expect.poll(turning).toContain('turning')
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ ready }) => ready)))
  await devtools.send('Tracing.end')
  await traced
  const animations = told.flatMap(({ name, args }) => (name === 'Animation' && args?.data !== undefined ? [args.data] : []))
  expect(animations).toContainEqual(expect.objectContaining({ state: 'running' }))
  expect(animations.filter(({ compositeFailed = 0 }) => compositeFailed !== 0)).toEqual([])
  world.server.fake.let('turning')
  await expect.poll(turning).toEqual([])
})
