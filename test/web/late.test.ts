import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { connectionOf } from './harness/connection.ts'
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
  const connection = await connectionOf(page)
  await page.goto(`/builds/${id}`)
  const foot = page.locator('footer')
  await foot.getByText('live', { exact: true }).waitFor()
  await connection.cut()
  await page.getByText(/^Not live since/).waitFor()
  await foot.getByText('not live', { exact: true }).waitFor()
  await connection.restore()
  await foot.getByText('live', { exact: true }).waitFor()
  world.server.fake.let('away')
  await foot.getByText('complete', { exact: true }).waitFor()
})
