import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('a server without pipelines says what to do next, to owners and to strangers', async () => {
  await using owner = await openTab(world.browser, world.server, { person: 'ana' })
  await owner.page.goto('/')
  await owner.page.getByRole('heading', { name: 'Set the first pipeline' }).waitFor()
  expect(await owner.page.getByText(`fly -t ci login -c ${world.server.url}`).count()).toBe(1)
  expect(await accessibilityFindings(owner.page)).toEqual([])
  await owner.picture('dashboard-empty')
  await using stranger = await openTab(world.browser, world.server)
  await stranger.page.goto('/')
  await stranger.page.getByRole('heading', { name: 'No pipeline is public' }).waitFor()
})

test('a card follows its pipeline from set to destroyed, and the page asks for nothing meanwhile', async () => {
  const api = await world.server.as('ana')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  const asked = tab.requests.length
  const card = (name: string) => page.getByRole('region', { name: 'main' }).getByRole('listitem').filter({ hasText: name })
  await api.setPipeline('train', `jobs:${taskJob('unit', { FAKE_HOLD: 'train', FAKE_EXIT: '1' })}`, { paused: true })
  await card('train').getByRole('img', { name: 'paused:' }).waitFor()
  await api.call('PUT', '/teams/main/pipelines/train/unpause')
  await card('train').getByText('never ran').waitFor()
  await card('train').getByRole('img', { name: 'pending:' }).waitFor()
  const build = await api.trigger('train', 'unit')
  await card('train').getByRole('img', { name: 'running:' }).waitFor()
  await card('train').getByText(/^unit runs/).waitFor()
  world.server.fake.let('train')
  expect(await api.ended(build)).toBe('failed')
  await card('train').getByRole('img', { name: 'failed:' }).waitFor()
  await card('train').getByText(/^unit failed/).waitFor()
  await page.waitForFunction(() => document.title === '1 failing · Dashboard · Airside')
  await api.call('PUT', '/teams/main/pipelines/train/pause')
  await card('train').getByText(/^paused by/).waitFor()
  await api.call('PUT', '/teams/main/pipelines/train/rename', { name: 'freight' })
  await card('freight').waitFor()
  expect(await card('train').count()).toBe(0)
  await api.call('PUT', '/teams/main/pipelines/freight/archive')
  await card('freight').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Archived' }).click()
  await card('freight').getByText('archived').waitFor()
  await api.call('DELETE', '/teams/main/pipelines/freight')
  await card('freight').waitFor({ state: 'detached' })
  // The browser itself fetches the icon of the tab when it likes.
  expect(tab.requests.slice(asked).filter((request) => !request.includes('/favicon'))).toEqual([])
})

test('the filter is in the URL, suggests by keyboard, and says what it does not know', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('filtered-a', `jobs:${taskJob('unit')}`)
  await api.setPipeline('filtered-b', `jobs:${taskJob('unit')}`, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/?search=filtered')
  await page.getByRole('link', { name: 'filtered-a' }).waitFor()
  const filter = page.getByRole('combobox', { name: 'Filter' })
  expect(await filter.inputValue()).toBe('filtered')
  await page.keyboard.press('/')
  await page.keyboard.type(' status:pa')
  await page.getByRole('option', { name: 'filtered status:paused' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'filtered-a' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'filtered-b' }).waitFor()
  expect(new URL(page.url()).searchParams.get('search')).toBe('filtered status:paused')
  await filter.fill('filtered status:green')
  await page.getByText('status:green is none').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  expect(new URL(page.url()).search).toBe('')
})

test('favourites survive a reload and a rename', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('dear', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('button', { name: 'Favourite dear' }).click()
  const favourites = page.getByRole('region', { name: 'Favourites' })
  await favourites.getByRole('link', { name: 'dear' }).waitFor()
  await api.call('PUT', '/teams/main/pipelines/dear/rename', { name: 'dearest' })
  await favourites.getByRole('link', { name: 'dearest' }).waitFor()
  await page.reload()
  await favourites.getByRole('link', { name: 'dearest' }).waitFor()
})

test('an owner pauses with the card’s button; a viewer sees it disabled, with the role it needs', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('pausable', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto('/')
  await tab.page.getByRole('button', { name: 'Pause pausable', exact: true }).click()
  await tab.page.getByRole('button', { name: 'Unpause pausable' }).waitFor()
  expect(await api.call('GET', '/teams/main/pipelines/pausable')).toMatchObject({ paused: true, paused_by: 'ana' })
  await using viewer = await openTab(world.browser, world.server, { person: 'vera' })
  await viewer.page.goto('/')
  const button = viewer.page.getByRole('button', { name: 'Unpause pausable' })
  await button.waitFor()
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  expect(await button.getAttribute('title')).toBe('You need the role pipeline-operator in team main')
})

test('a server that is away is told, and the page goes on by itself when it is back', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('before', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  // A connection that is cut is a console error in Chromium.
  tab.expectConsole(/WebSocket connection .* failed/)
  const { page } = tab
  await page.goto('/')
  await page.getByRole('link', { name: 'before' }).waitFor()
  const notLive = page.getByText(/^Not live since/)
  const restarted = world.server.restart()
  await notLive.waitFor()
  expect(await page.getByRole('link', { name: 'before' }).count()).toBe(1)
  await restarted
  await notLive.waitFor({ state: 'detached' })
  await (await world.server.as('ana')).setPipeline('after', `jobs:${taskJob('unit')}`)
  await page.getByRole('link', { name: 'after' }).waitFor()
})

test.each([
  ['light', 1440], ['dark', 1440], ['light', 390], ['dark', 390], ['light', 320],
] as const)('axe finds nothing on the dashboard and nothing is wider than the screen, %s, %d pixels', async (theme, width) => {
  const api = await world.server.as('ana')
  await api.setPipeline('looks', `jobs:${taskJob('unit')}${taskJob('deploy')}`)
  await api.setPipeline('instances', `jobs:${taskJob('unit')}`, { vars: '{"branch":"main"}' })
  await api.setPipeline('instances', `jobs:${taskJob('unit')}`, { vars: '{"branch":"a very long name of a branch"}' })
  await using tab = await openTab(world.browser, world.server, { person: 'ana', theme, viewport: { width, height: 844 } })
  await tab.page.goto('/')
  await tab.page.getByRole('link', { name: 'looks' }).waitFor()
  await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
  expect(await accessibilityFindings(tab.page)).toEqual([])
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  const nodes = await tab.page.evaluate(() => Math.max(...[...document.querySelectorAll('section li')].map((card) => card.querySelectorAll('*').length + 1)))
  expect(nodes).toBeLessThanOrEqual(14)
  await tab.picture(`dashboard-${theme}-${width}`)
})

test('Ctrl-K finds a pipeline by letters of its name and opens it', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('needle', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('link', { name: 'needle' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('ndle')
  await page.getByRole('option', { name: 'needle' }).waitFor()
  expect(await accessibilityFindings(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.waitForURL('/teams/main/pipelines/needle')
})
