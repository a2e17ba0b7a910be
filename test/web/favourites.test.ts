import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('the star of a pipeline’s page puts it among the favourites of the dashboard, and takes it from them', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('starred', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const star = page.getByRole('button', { name: 'Favourite starred' })
  for (const [pressed, shown] of [['true', true], ['false', false]] as const) {
    await page.goto('/teams/main/pipelines/starred')
    await star.press('Enter')
    await expect.poll(() => star.getAttribute('aria-pressed')).toBe(pressed)
    expect(await accessibilityFindings(page)).toEqual([])
    await tab.picture(`pipeline-star-${pressed}`)
    await page.goto('/')
    await page.getByRole('link', { name: /starred/ }).first().waitFor()
    await expect.poll(async () => (await page.getByRole('heading', { name: 'Favourites' }).count()) > 0).toBe(shown)
  }
})
