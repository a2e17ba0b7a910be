import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test.each([1_440, 800])('a job’s panel that is opened by its URL stands in its place before the graph is there, %d pixels wide', async (width) => {
  const name = `panel-${width}`
  await (await world.server.as('ana')).setPipeline(name, `jobs:${taskJob('build')}${taskJob('unit')}`, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width, height: 900 } })
  const { page } = tab
  const { promise: letGo, resolve } = Promise.withResolvers<undefined>()
  await page.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
    await letGo
    await route.continue()
  })
  await page.goto(`/teams/main/pipelines/${name}?job=unit`)
  const panel = page.getByRole('complementary', { name: 'Job unit' })
  await panel.getByText('It never ran.').waitFor()
  const place = () => panel.evaluate((element) => [element.getBoundingClientRect().left, element.getBoundingClientRect().top, element.getBoundingClientRect().width])
  const before = await place()
  expect(await page.getByRole('list', { name: /^Jobs/ }).count()).toBe(0)
  resolve(undefined)
  await page.getByRole('list', { name: /^Jobs/ }).getByRole('link', { name: /^unit/ }).waitFor()
  expect(await place()).toEqual(before)
})

test('the log of a running build says that it is not live while the server is away', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('away', `jobs:${taskJob('unit', { FAKE_STDOUT: 'one', FAKE_HOLD: 'away' })}`)
  const id = await api.trigger('away', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  let away = false
  const lines: { close(): Promise<void> }[] = []
  await page.routeWebSocket(/\/api\/v1\/watch/, (line) => {
    if (away) return void line.close()
    line.connectToServer()
    lines.push(line)
  })
  await page.route((url) => url.pathname === '/api/v1/watch', (route) => (away ? route.abort() : route.continue()))
  await page.goto(`/builds/${id}`)
  const foot = page.locator('footer')
  await foot.getByText('live', { exact: true }).waitFor()
  away = true
  for (const line of lines.splice(0)) await line.close().catch(() => undefined)
  await page.getByText(/^Not live since/).waitFor()
  await foot.getByText('not live', { exact: true }).waitFor()
  away = false
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await foot.getByText('live', { exact: true }).waitFor()
  world.server.fake.let('away')
  await foot.getByText('complete', { exact: true }).waitFor()
})
