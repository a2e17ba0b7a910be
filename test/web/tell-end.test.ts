import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab, type Tab } from './harness/browser.ts'
import { wholeChromium } from './harness/programs.ts'
import { webWorld } from './harness/world.ts'

// The headless shell refuses every permission.
const world = webWorld({ browser: wholeChromium })

interface Watched {
  readonly told: { title: string; body: string }[]
  asked: number
  last?: Notification
}

/** Notes what the page asks of the browser, and what the browser is told to show. */
const watchNotifications = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const Real = Notification
    const watched: Watched = { told: [], asked: 0 }
    Object.assign(window, { watched })
    window.Notification = class extends Real {
      static override requestPermission(): Promise<NotificationPermission> {
        watched.asked++
        return Real.requestPermission()
      }
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        watched.told.push({ title, body: this.body })
        watched.last = this
      }
    }
  })

const watched = (page: Page): Promise<Pick<Watched, 'told' | 'asked'>> =>
  page.evaluate(() => {
    const { told, asked } = (window as unknown as { watched: Watched }).watched
    return { told, asked }
  })

async function running(name: string): Promise<string> {
  const api = await world.server.as('ana')
  await api.setPipeline(name, `jobs:${taskJob('unit', { FAKE_HOLD: name })}`)
  await api.trigger(name, 'unit')
  return `/teams/main/pipelines/${name}/jobs/unit/builds/1`
}

/** Opens a build's page in a browser that has the permission; gives the button. */
async function openPermitted({ page, context }: Pick<Tab, 'page' | 'context'>, path: string): Promise<Locator> {
  await context.grantPermissions(['notifications'], { origin: world.server.url })
  await watchNotifications(context)
  await page.goto(path)
  return page.getByRole('button', { name: 'Tell me when it ends' })
}

test('a build that ends is told of by the browser, whatever page the tab shows, and leads to the build', async () => {
  const path = await running('told')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const button = await openPermitted(tab, path)
  await button.click()
  await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true')
  await tab.picture('tell-end')
  expect(await accessibilityFindings(page)).toEqual([])
  await page.getByRole('link', { name: 'Airside: dashboard' }).click()
  await page.getByRole('link', { name: 'told' }).first().waitFor()
  const sockets = tab.requests.length
  world.server.fake.let('told')
  await expect.poll(async () => (await watched(page)).told).toEqual([{ title: 'unit #1 succeeded', body: 'main / told' }])
  // By the connection that is there: nothing was asked for.
  expect(tab.requests.slice(sockets)).toEqual([])
  await page.evaluate(() => (window as unknown as { watched: Watched }).watched.last?.dispatchEvent(new Event('click')))
  await page.waitForURL(path)
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  expect(await button.count()).toBe(0)
  expect((await watched(page)).told).toHaveLength(1)
})

test('whoever takes it back is told nothing', async () => {
  const path = await running('untold')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const button = await openPermitted(tab, path)
  for (const pressed of ['true', 'false']) {
    await button.click()
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe(pressed)
  }
  world.server.fake.let('untold')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  expect(await watched(page)).toEqual({ told: [], asked: 0 })
})

test('permission is asked for when the button is pressed and not before, and a browser that refuses is quoted', async () => {
  const path = await running('refused')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page, context } = tab
  const session = await context.newCDPSession(page)
  const { targetInfo } = await session.send('Target.getTargetInfo')
  const browser = await world.browser.newBrowserCDPSession()
  const set = (setting: 'denied' | 'prompt') => browser.send('Browser.setPermission', { permission: { name: 'notifications' }, setting, origin: world.server.url, ...(targetInfo.browserContextId !== undefined && { browserContextId: targetInfo.browserContextId }) })
  await set('prompt')
  await watchNotifications(context)
  await page.goto(path)
  const button = page.getByRole('button', { name: 'Tell me when it ends' })
  await button.waitFor()
  await tab.settled()
  expect(await page.evaluate(() => Notification.permission)).toBe('default')
  expect((await watched(page)).asked).toBe(0)
  await set('denied')
  await button.click()
  await page.getByText('Tell me when it ends: the browser refuses notifications of this server: its settings for this page can allow them').waitFor()
  expect(await button.getAttribute('aria-pressed')).toBe('false')
  world.server.fake.let('refused')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  expect((await watched(page)).told).toEqual([])
})
