import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('the palette finds jobs and builds by the server’s search, and opens them by keys', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('haystack', `jobs:${taskJob('needle')}`)
  expect(await api.ended(await api.trigger('haystack', 'needle'))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('link', { name: 'haystack' }).waitFor()
  await page.keyboard.press('Control+k')
  const box = page.getByRole('dialog').getByRole('combobox')
  const option = (name: string) => page.getByRole('option', { name })
  await box.pressSequentially('needle #1')
  await option('needle #1').waitFor()
  await tab.settled()
  const asked = tab.requests.filter((request) => request.startsWith('GET /api/v1/search'))
  expect(asked.at(-1)).toBe('GET /api/v1/search?q=needle+%231&limit=20')
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('palette')
  await box.fill('needle')
  // Where the answer to the older text is shown still, the build stands before it.
  await page.getByRole('option', { name: 'job of main/haystack' }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1)
  await box.press('ArrowDown')
  await box.press('Enter')
  await page.waitForURL('/teams/main/pipelines/haystack/jobs/needle')

  await page.keyboard.press('Control+k')
  await box.fill('nothing of this name')
  await page.getByText('Nothing that you may see is called so.').waitFor()
  tab.expectRefusal('418 GET /api/v1/search')
  await page.route('**/api/v1/search?*', (route) => route.fulfill({ status: 418, body: 'it is not to be searched' }))
  await box.fill('haystack')
  await page.getByText('Jobs, resources, versions and builds could not be searched: it is not to be searched').waitFor()
  await option('haystack').waitFor()
  await box.press('Enter')
  await page.waitForURL('/teams/main/pipelines/haystack')
})

/** Opens the palette and types into it. */
async function ask(page: Page, text: string): Promise<Locator> {
  await page.keyboard.press('Control+k')
  const box = page.getByRole('dialog').getByRole('combobox')
  await box.fill(text)
  return box
}

test('W16: the palette does what the buttons of a page do, and lists what its keys do', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('deeds', `jobs:${taskJob('unit', { FAKE_HANG: 'yes' })}`)
  const job = '/teams/main/pipelines/deeds/jobs/unit'
  const paused = async () => (await api.call<{ paused?: boolean }>('GET', job)).paused === true
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const choose = async (text: string, name: string): Promise<void> => {
    const box = await ask(page, text)
    await page.locator('[role=option][aria-selected=true]', { has: page.getByText(name, { exact: true }) }).waitFor()
    await box.press('Enter')
    await page.getByRole('dialog', { name: 'Search' }).waitFor({ state: 'detached' })
  }
  await page.goto(job)
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await ask(page, '')
  await expect.poll(() => page.getByRole('option').allInnerTexts().then((texts) => texts.slice(0, 3).map((text) => text.replace(/\s+/g, ' ').trim()))).toEqual(['▸ Trigger on this page T', '▸ Trigger with… on this page', '▸ Pause on this page'])
  await tab.picture('palette-deeds')
  for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    expect(await accessibilityFindings(page)).toEqual([])
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.keyboard.press('Escape')
  await choose('pause', 'Pause')
  await page.getByText(/^Paused by ana/).waitFor()
  expect(await paused()).toBe(true)
  await choose('say why', 'Say why')
  await page.getByRole('textbox', { name: 'Why it is paused' }).waitFor()
  await choose('unp', 'Unpause')
  await page.getByText(/^Paused by ana/).waitFor({ state: 'detached' })
  expect(await paused()).toBe(false)
  await choose('trig', 'Trigger')
  await page.getByRole('status').getByRole('link', { name: '#1' }).click()
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  await ask(page, 'rerun')
  await page.getByText('Nothing that you may see is called so.').waitFor()
  await page.keyboard.press('Escape')
  await choose('find in', 'find in the log')
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Find in the log')
  await choose('abort', 'Abort')
  await page.getByRole('dialog').getByRole('button', { name: 'Abort', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'unit #1 aborted' }).waitFor()
  // The palette is open already when what it lists changes.
  await ask(page, 're')
  await page.getByRole('option', { name: /^Rerun on this page/ }).waitFor()
})

test.each([
  ['a job', '/jobs/unit', ['Trigger', 'Trigger with…', 'Pause']],
  ['a build', '/jobs/unit/builds/1', ['Rerun', 'Trigger', 'Comment', 'Rerun from here: task unit']],
  ['a resource', '/resources/repo', ['Check now', 'Check from…', 'Clear versions of repo', 'Pin version 2', 'Disable version 2']],
  ['a pipeline', '', ['Pause pipeline refused']],
])('the palette refuses what the buttons of %s refuse, in the same words', async (_of, below, names) => {
  const api = await world.server.as('ana')
  if ((await api.call<{ name: string }[]>('GET', '/teams/main/pipelines')).every(({ name }) => name !== 'refused')) {
    await api.setPipeline('refused', `
resource_types: [{name: own, type: registry-image, source: {repository: registry.example/own}}]
resources: [{name: repo, type: own, source: {versions: [{ref: '1'}, {ref: '2'}]}}]
jobs:${taskJob('unit', { FAKE_EXIT: '1' })}- {name: other, plan: [{get: repo}]}`)
    const { id } = await api.call<{ id: number }>('POST', '/teams/main/pipelines/refused/resources/repo/check', {})
    await api.ended(id)
    await api.ended(await api.trigger('refused', 'unit'))
  }
  await using tab = await openTab(world.browser, world.server, { person: 'vera' })
  const { page } = tab
  await page.goto(`/teams/main/pipelines/refused${below}`)
  for (const name of names) {
    const button = page.getByRole('button', { name, exact: true }).first()
    await button.waitFor()
    const why = await button.getAttribute('title')
    expect([name, await button.getAttribute('aria-disabled'), why]).toEqual([name, 'true', expect.stringMatching(/^You need /)])
    const box = await ask(page, name)
    const option = page.locator('[role=option][aria-selected=true]', { has: page.getByText(name, { exact: true }) })
    await option.getByText(why ?? '').waitFor()
    expect(await option.getAttribute('aria-disabled')).toBe('true')
    await box.press('Enter')
    await page.getByRole('dialog', { name: 'Search' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Search' }).waitFor({ state: 'detached' })
  }
})
