import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

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
  expect(asked().map((request) => request.replace(/-[\w-]+\./, '-HASH.')).toSorted()).toEqual(['GET /', 'GET /api/v1/user', 'GET /assets/app-HASH.css', 'GET /assets/app-HASH.js'])
  expect(sockets).toBe(1)
  const idle = asked().length
  await page.clock.runFor(60_000)
  expect(asked().slice(idle)).toEqual([])
  expect(sockets).toBe(1)
})
