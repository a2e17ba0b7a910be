import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

/** Words of the breadcrumb. */
const crumbs = 'nav[aria-label=Breadcrumb] li'

test('h and l go to the builds beside this one, also when they were typed before those were known', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('beside', `jobs:${taskJob('unit')}`)
  for (const _ of [1, 2, 3]) expect(await api.ended(await api.trigger('beside', 'unit'))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const { promise: typed, resolve: answer } = Promise.withResolvers<undefined>()
  const builds = '/teams/main/pipelines/beside/jobs/unit/builds'
  await page.route((url) => url.pathname === `/api/v1${builds}`, async (route) => {
    await typed
    await route.continue()
  })
  const at = async (number: number) => {
    await page.waitForURL((url) => url.pathname === `${builds}/${number}`)
    await page.getByRole('heading', { level: 1, name: `unit #${number} succeeded` }).waitFor()
  }
  await page.goto(`${builds}/2`)
  await at(2)
  await page.getByRole('button', { name: 'older build: none' }).waitFor()
  await page.keyboard.press('h')
  answer(undefined)
  await at(1)
  for (const number of [2, 3]) {
    await page.getByRole('link', { name: `newer build, #${number} succeeded` }).waitFor()
    await page.keyboard.press('l')
    await at(number)
  }
  await page.getByRole('button', { name: 'newer build: none' }).waitFor()
})

test('a build whose URL has its id alone is called by what it is of, in its title and above the page', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('named', `
resource_types: [{name: own, type: registry-image, source: {repository: registry.example/own}}]
resources: [{name: repo, type: own, source: {versions: [{ref: '1'}]}}]
jobs:${taskJob('unit')}- {name: other, plan: [{get: repo}]}`)
  const { id: check } = await api.call<{ id: number }>('POST', '/teams/main/pipelines/named/resources/repo/check', {})
  expect(await api.ended(check)).toBe('succeeded')
  const unit = await api.trigger('named', 'unit')
  expect(await api.ended(unit)).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${check}`)
  await page.getByRole('heading', { level: 1, name: `check of repo #${check} succeeded` }).waitFor()
  await expect.poll(() => page.title()).toBe(`check of repo #${check} succeeded · Airside`)
  await expect.poll(() => page.locator(crumbs).allTextContents()).toEqual(['main', 'named', 'repo', `check #${check}`])
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('build-check')
  await page.goto(`/builds/${unit}`)
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await expect.poll(() => page.locator(crumbs).allTextContents()).toEqual(['main', 'named', 'unit', '#1'])
  await page.locator(crumbs).getByRole('link', { name: 'unit' }).click()
  await page.waitForURL('/teams/main/pipelines/named/jobs/unit')
  // A sentence of its own begins like one.
  await page.getByText(/No build starts by itself: it has no get step/).waitFor()
})

test('what a step was given is not said to be nothing while it is read', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('given', `jobs:${taskJob('unit')}`)
  const id = await api.trigger('given', 'unit')
  expect(await api.ended(id)).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const { promise: looked, resolve: answer } = Promise.withResolvers<undefined>()
  await page.route((url) => url.pathname === `/api/v1/builds/${id}/events`, async (route) => {
    await looked
    await route.continue()
  })
  await page.goto(`/builds/${id}?tab=config`)
  const panel = page.getByRole('tabpanel', { name: 'Inputs & config' })
  await panel.getByRole('status', { name: 'loading' }).waitFor()
  expect(await panel.getByText('Nothing is recorded').count()).toBe(0)
  answer(undefined)
  await panel.getByText('Platform').waitFor()
  expect(await panel.getByRole('status', { name: 'loading' }).count()).toBe(0)
})

test('strangers and people of other teams are told why a public pipeline shows no steps of a job that is not', async () => {
  const api = await world.server.as('ana')
  await api.call('PUT', '/teams/elsewhere', { auth: { owner: { users: ['local:otto'] } } })
  await api.setPipeline('exposed', `jobs:${taskJob('unit')}`)
  await api.call('PUT', '/teams/main/pipelines/exposed/expose')
  await api.ended(await api.trigger('exposed', 'unit'))
  const path = '/teams/main/pipelines/exposed/jobs/unit/builds/1'
  await using stranger = await openTab(world.browser, world.server)
  stranger.expectRefusal('401 GET /api/v1/builds/')
  await stranger.page.goto(path)
  await stranger.page.getByText('Log in to see the steps and their logs: the job is not public.').waitFor()
  expect(await stranger.page.getByRole('main').getByRole('link', { name: 'Log in' }).getAttribute('href')).toBe(`/login?redirect_uri=${encodeURIComponent(path)}`)
  await using other = await openTab(world.browser, world.server, { person: 'otto' })
  other.expectRefusal('403 GET /api/v1/builds/')
  await other.page.goto(path)
  await other.page.getByText('You need the role viewer in team main to see the steps and their logs: the job is not public.').waitFor()
})
