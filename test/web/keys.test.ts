import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('the list of keys has those of the page, and switches them off and on', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('keys', `jobs:${taskJob('unit', { FAKE_HOLD: 'keys' })}`)
  await api.trigger('keys', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const icon = () => page.evaluate(() => decodeURIComponent(document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href ?? ''))
  await page.goto('/teams/main/pipelines/keys/jobs/unit/builds/1')
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  await expect.poll(icon, { timeout: 60_000 }).toContain('stroke-dasharray="28 13"')
  world.server.fake.let('keys')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await expect.poll(icon, { timeout: 60_000 }).toContain('#0d9e84')
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keys of this page' })
  for (const does of ['run the build again', 'select the step after', 'go to the next error', 'go to the dashboard', 'find in the log']) await dialog.getByText(does, { exact: true }).waitFor()
  for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await tab.picture(`keys-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
  }
  await dialog.getByRole('checkbox', { name: 'Keys without Ctrl are on' }).uncheck()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  // The window is too narrow for the button in the top bar.
  await page.getByRole('button', { name: 'Search pipelines, jobs, versions, builds' }).click()
  await page.getByRole('button', { name: 'Keys of this page' }).click()
  await dialog.getByRole('checkbox').check()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Keys of this page' }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(new URL(page.url()).pathname).toBe('/teams/main/pipelines/keys/jobs/unit/builds/1')
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.waitForURL((url) => url.pathname === '/')
  await expect.poll(icon, { timeout: 60_000 }).not.toContain('data:')
})
