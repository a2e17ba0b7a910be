import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('Enter after the beginning of a pipeline’s name goes there, and does not do what the page has of that name, however late the server says what there is', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('pause-demo', `jobs:${taskJob('unpaused')}${taskJob('trigger-all').trimStart()}`)
  const job = '/teams/main/pipelines/pause-demo/jobs/unpaused'
  const paused = async () => (await api.call<{ paused?: boolean }>('GET', job)).paused === true
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const { promise: typed, resolve: answer } = Promise.withResolvers<undefined>()
  await page.goto(job)
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await page.route('**/api/v1/search?*', async (route) => {
    await typed
    await route.continue()
  })
  // Nothing is typed: nothing is chosen.
  await page.keyboard.press('Control+k')
  const box = page.getByRole('dialog').getByRole('combobox')
  await page.getByRole('group', { name: 'Do on this page' }).getByRole('option').first().waitFor()
  expect(await page.locator('[role=option][aria-selected=true]').count()).toBe(0)
  await box.press('Enter')
  await box.press('ArrowUp')
  await page.locator('[role=option][aria-selected=true]').waitFor()
  // The name of a job is known to the server alone; until it says so, the page's button is all that begins so.
  await box.fill('trig')
  await page.locator('[role=option][aria-selected=true]', { hasText: 'Trigger' }).waitFor()
  await box.press('Enter')
  answer(undefined)
  await page.waitForURL('/teams/main/pipelines/pause-demo/jobs/trigger-all')
  await page.goto(job)
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await page.keyboard.press('Control+k')
  await box.fill('pause')
  const groups = () => page.getByRole('listbox', { name: 'Found' }).getByRole('group').evaluateAll((lists) => lists.map((list) => `${list.getAttribute('aria-label')}: ${[...list.querySelectorAll('[role=option] > :nth-child(2)')].map(({ textContent }) => textContent).join(', ')}`))
  await expect.poll(groups).toEqual(['Go to: pause-demo, unpaused', 'Do on this page: Pause'])
  for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await tab.picture(`palette-groups-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
  }
  await page.keyboard.press('Enter')
  await page.waitForURL('/teams/main/pipelines/pause-demo')
  expect(await paused()).toBe(false)
  answer(undefined)
})
