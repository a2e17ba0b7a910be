import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('W2: a URL that names no page says so, with the focus on its heading', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  await page.goto('/builds/nonsense?q=1')
  await page.getByRole('heading', { level: 1, name: 'There is no page at /builds/nonsense?q=1' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  await expect.poll(() => page.title()).toBe('No such page · Airside')
})

test('W2: hide_ui=true hides the bar, and links keep it', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  await page.goto('/builds/nonsense?hide_ui=true')
  const link = page.getByRole('main').getByRole('link', { name: 'dashboard' })
  expect(await link.getAttribute('href')).toBe('/?hide_ui=true')
  expect(await page.getByRole('banner').count()).toBe(0)
})

test('a stranger logs in and is back at the page, and logs out', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  await page.goto('/builds/nonsense')
  await page.getByRole('banner').getByRole('link', { name: 'Log in' }).click()
  // Nothing has to be clicked before a name can be typed, nor before a password is typed anew.
  tab.expectRefusal('401 POST /sky/login')
  const focused = (name: string) => expect.poll(() => page.getByLabel(name).evaluate((box) => box === document.activeElement)).toBe(true)
  await focused('Username')
  await page.keyboard.type('ana')
  await page.getByLabel('Password').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await focused('Password')
  await page.keyboard.type('ana')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { level: 1, name: 'There is no page at /builds/nonsense' }).waitFor()
  await page.getByRole('banner').getByText('ana').waitFor()
  await tab.picture('logged-in')
})

test('the theme follows the system until one is chosen, which stays', async () => {
  await using tab = await openTab(world.browser, world.server, { theme: 'dark' })
  const { page } = tab
  const shown = () => page.evaluate(() => document.documentElement.dataset['theme'])
  await page.goto('/builds/nonsense')
  const button = page.getByRole('button', { name: /^Theme/ })
  await button.waitFor()
  await expect.poll(shown).toBe('dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light')
  await button.click()
  await button.click()
  await expect.poll(shown).toBe('dark')
  await page.reload()
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
  await expect.poll(shown).toBe('dark')
})

test('requests that a change of the network ends are sent again, and the page is shown', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('kept', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  // Code of the page, what it reads, and the first change.
  const ended = new Set<string>()
  await page.route(/drawn-|pages-|\/api\/v1\/(?!watch)/, (route) => {
    const what = `${route.request().method()} ${route.request().url()}`
    return ended.has(what) ? route.continue() : (ended.add(what), route.abort('failed'))
  })
  await page.goto('/teams/main/pipelines/kept')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText(/^Paused by ana/).waitFor()
  expect([/drawn-/, /pages-/, /^PUT/].map((one) => [...ended].some((what) => one.test(what)))).toEqual([true, true, true])
})

test('a page is shown whose code comes between its first rendering and its first effects', async () => {
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await tab.settled()
  // Effects run when a frame or a timer comes: now when the test says so.
  await page.clock.install()
  await page.clock.pauseAt(Date.now() + 60_000)
  let answer = (): void => undefined
  const asked = new Promise<string>((resolve) => {
    void page.route('**/assets/seldom-*.js', (route) => {
      answer = () => void route.continue()
      resolve(route.request().url())
    })
  })
  const turnTo = (path: string) => page.evaluate(async (to) => {
    history.pushState({ scroll: 0 }, '', to)
    dispatchEvent(new PopStateEvent('popstate', { state: history.state as unknown }))
    for (let turn = 0; turn < 20; turn++) await null
  }, path)
  await turnTo('/builds')
  await page.clock.runFor(100)
  const url = await asked
  await turnTo('/')
  await page.clock.runFor(100)
  await turnTo('/builds')
  answer()
  await page.evaluate(`import(${JSON.stringify(url)})`)
  await page.clock.runFor(1_000)
  await page.getByRole('heading', { name: 'Builds', level: 1 }).waitFor()
})
