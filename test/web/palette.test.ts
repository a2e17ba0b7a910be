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
