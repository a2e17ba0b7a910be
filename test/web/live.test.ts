import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorldBehindFront } from './harness/world.ts'

const world = webWorldBehindFront()

const count = 6_000
/** Short: no line takes two rows. */
const text = `line % of a log ${'.'.repeat(40)}`
const oneJob = (name: string, lines = count): string => `jobs:${taskJob('unit', { FAKE_STDOUT: text, FAKE_LINES: String(lines), FAKE_SPLIT: '700', FAKE_HOLD: name })}`
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const notLive = (page: Page) => page.getByText(/^Not live since/)

/** Each line stands in the log once, at its place; the first says which image the node found. */
async function everyLineOnce(page: Page): Promise<void> {
  await page.getByText('complete', { exact: true }).waitFor()
  expect(await page.locator('footer').textContent()).toContain(`${(count + 1).toLocaleString('en-GB')} lines`)
  for (const line of [1, count / 3, count / 2, count]) {
    await page.getByRole('group', { name: 'Lines of the log' }).evaluate((element, top) => element.scrollTo({ top }), line * 19)
    await page.locator(`[data-line="${line + 1}"]`).filter({ hasText: text.replace('%', String(line)) }).waitFor()
  }
}

test('W12: a build goes on in its page when the server is started again beside it', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('again', oneJob('again'))
  const id = await api.trigger('again', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectConsole(/WebSocket connection .* failed/)
  const { page } = tab
  await page.goto(`/builds/${id}`)
  await page.locator('[data-line]').first().waitFor()
  const started = world.server.restart()
  await notLive(page).waitFor()
  await heading(page, 'unit #1 running').waitFor()
  await started
  await notLive(page).waitFor({ state: 'detached' })
  world.server.fake.let('again')
  await heading(page, 'unit #1 succeeded').waitFor()
  await everyLineOnce(page)
})

test('W12: after an hour of sleep a page finds its connection gone, and is right again', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('sleeps', oneJob('sleeps'))
  const id = await api.trigger('sleeps', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.clock.install()
  await page.goto(`/builds/${id}`)
  await page.locator('[data-line]').first().waitFor()
  const open = new Set<unknown>()
  page.on('websocket', (socket) => open.add(socket) && socket.once('close', () => open.delete(socket)))
  world.front.freeze()
  world.server.fake.let('sleeps')
  expect(await api.ended(id)).toBe('succeeded')
  expect(await heading(page, 'unit #1 running').count()).toBe(1)
  await page.clock.fastForward('01:00:00')
  await heading(page, 'unit #1 succeeded').waitFor()
  await notLive(page).waitFor({ state: 'detached' })
  await expect.poll(() => open.size).toBe(1)
  await everyLineOnce(page)
})

test('W13: where sockets are refused a stream comes instead, while the tab is seen', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('streamed', `jobs:${taskJob('unit')}`, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectConsole(/WebSocket connection .* failed/)
  const { page } = tab
  const show = (visible: boolean) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, visible ? 'visible' : 'hidden')
  const card = page.getByRole('region', { name: 'main' }).getByRole('listitem').filter({ hasText: 'streamed' })
  world.front.refusesSockets = true
  try {
    await page.goto('/')
    await card.getByRole('img', { name: 'paused:' }).waitFor()
    await api.call('PUT', '/teams/main/pipelines/streamed/unpause')
    await card.getByRole('img', { name: 'pending:' }).waitFor()
    expect(tab.requests.some((line) => line.startsWith('GET /api/v1/watch?topics='))).toBe(true)
    await show(false)
    await expect.poll(() => world.front.streams).toBe(0)
    await api.call('PUT', '/teams/main/pipelines/streamed/pause')
    expect(await card.getByRole('img', { name: 'pending:' }).count()).toBe(1)
    await show(true)
    await card.getByRole('img', { name: 'paused:' }).waitFor()
    await expect.poll(() => world.front.streams).toBe(1)
  } finally {
    world.front.refusesSockets = false
  }
})

test('W14: eight tabs of running builds are live at once, and each can act', async () => {
  const api = await world.server.as('ana')
  const jobs = Array.from({ length: 8 }, (_, index) => `tab-${index}`)
  await api.setPipeline('tabs', `jobs:${jobs.map((job) => taskJob(job, { FAKE_STDOUT: `begun\n${job} goes on`, FAKE_HOLD: job, FAKE_SPLIT: '6' })).join('')}`)
  for (const job of jobs) await api.trigger('tabs', job)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const pages = await Promise.all(
    jobs.map(async (job, index) => {
      const page = index === 0 ? tab.page : await tab.context.newPage()
      await page.goto(`/teams/main/pipelines/tabs/jobs/${job}/builds/1`)
      await heading(page, `${job} #1 running`).waitFor()
      await page.locator('[data-line]').filter({ hasText: 'begun' }).waitFor()
      return { job, page, aborts: index % 2 === 0 }
    }),
  )
  await Promise.all(
    pages.map(async ({ job, page, aborts }) => {
      if (!aborts) world.server.fake.let(job)
      else {
        await page.getByRole('button', { name: 'Abort' }).click()
        await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()
      }
      await heading(page, `${job} #1 ${aborts ? 'aborted' : 'succeeded'}`).waitFor()
      if (!aborts) await page.locator('[data-line]').filter({ hasText: `${job} goes on` }).waitFor()
    }),
  )
})

test('a page that is left is followed no more, also one that was never drawn', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('left', `jobs:${taskJob('unit')}`)
  const id = await api.trigger('left', 'unit')
  await api.ended(id)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const followed = new Map<number, string>()
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const { sub, topic, unsub } = JSON.parse(String(payload)) as { sub?: number; topic?: string; unsub?: number }
      if (sub !== undefined && topic !== undefined) followed.set(sub, topic)
      if (unsub !== undefined) followed.delete(unsub)
    }),
  )
  // Loads the code of each page.
  await page.goto(`/builds/${id}`)
  await heading(page, 'unit #1 succeeded').waitFor()
  await page.goto('/builds')
  await heading(page, 'Builds').waitFor()
  await tab.settled()
  followed.clear()
  await page.goto('/')
  await heading(page, 'pipeline').waitFor()
  await page.evaluate(async (paths) => {
    for (const path of paths) {
      history.pushState({ scroll: 0 }, '', path)
      dispatchEvent(new PopStateEvent('popstate', { state: history.state as unknown }))
      // The page is rendered, and the next one comes before it is drawn.
      for (let turn = 0; turn < 20; turn++) await null
    }
  }, ['/builds', `/builds/${id}`, '/', '/builds', `/builds/${id}`, '/', `/builds/${id}`, '/builds'])
  await heading(page, 'Builds').waitFor()
  await expect.poll(() => [...followed.values()].toSorted()).toEqual(['builds', 'me', 'wall'])
})

test('the message to everybody stands over each page, also for strangers, while it is set', async () => {
  const api = await world.server.as('ana')
  await using tab = await openTab(world.browser, world.server)
  await using admin = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto('/builds')
  await admin.page.goto('/account')
  await api.call('PUT', '/wall', { message: 'The registry is away <b>until</b> noon' })
  for (const { page } of [tab, admin]) await page.getByRole('status').getByText('The registry is away <b>until</b> noon').waitFor()
  await api.call('DELETE', '/wall')
  for (const { page } of [tab, admin]) await page.getByText('The registry is away').waitFor({ state: 'detached' })
})
