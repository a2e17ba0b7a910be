import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { built, sampleImage } from './harness/sample-image.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
const { task } = sampleImage()

test('T triggers a build, A asks before it aborts it, and R runs it again', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('letters', `jobs:${taskJob('unit', { FAKE_HANG: 'yes' })}`)
  const path = '/teams/main/pipelines/letters/jobs/unit'
  const builds = () => api.call<{ id: number; name: string; status: string }[]>('GET', `${path}/builds`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(path)
  await page.getByRole('button', { name: 'Trigger', exact: true }).waitFor()
  await page.keyboard.press('T')
  await page.getByRole('status').getByRole('link', { name: '#1' }).waitFor()
  await page.goto(`${path}/builds/1`)
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  await page.keyboard.press('A')
  const dialog = page.getByRole('dialog', { name: 'Abort unit #1?' })
  await dialog.waitFor()
  // Keys of the page do nothing under a dialog.
  await page.keyboard.press('T')
  expect((await builds()).map(({ status }) => status)).toEqual(['started'])
  await dialog.getByRole('button', { name: 'Abort', exact: true }).press('Enter')
  await page.getByRole('heading', { level: 1, name: 'unit #1 aborted' }).waitFor()
  await page.getByRole('button', { name: 'Rerun', exact: true }).waitFor()
  await page.keyboard.press('R')
  await page.getByRole('status').getByRole('link', { name: '#1.1' }).waitFor()
  expect((await builds()).map(({ name }) => name)).toEqual(['1.1', '1'])
})

test('j and k scroll the log, and l goes to the build after', async () => {
  const lines = Array.from({ length: 400 }, (_, at) => `line ${at + 1}`).join('\n')
  const { status } = await built(world, 'log-keys', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: lines })] }] }))
  expect(status).toBe('succeeded')
  const api = await world.server.as('ana')
  expect(await api.ended(await api.trigger('log-keys', 'unit'))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/log-keys/jobs/unit/builds/1')
  await page.locator('[data-line="1"]').waitFor()
  const log = page.getByRole('group', { name: 'Lines of the log' })
  const top = () => log.evaluate((element) => element.scrollTop)
  await expect.poll(() => page.locator('footer').textContent()).toContain('400 lines')
  await page.keyboard.press('g')
  await page.keyboard.press('g')
  await expect.poll(top).toBe(0)
  await page.keyboard.press('j')
  await expect.poll(top).toBeGreaterThan(0)
  await page.keyboard.press('k')
  await expect.poll(top).toBe(0)
  await page.keyboard.press('l')
  await page.waitForURL((url) => url.pathname.endsWith('/builds/2'))
})

test('f fits the graph into the window', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('fits', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/fits')
  await page.getByRole('link', { name: /^unit/ }).first().waitFor()
  const drawing = page.getByRole('list', { name: /^Jobs/ })
  const width = () => drawing.evaluate((element) => Math.round(element.closest('svg')?.getBoundingClientRect().width ?? 0))
  const fitted = await width()
  expect(fitted).toBeGreaterThan(0)
  for (const key of ['+', '-'] as const) {
    await page.keyboard.press(key)
    await expect.poll(width).not.toBe(fitted)
    await page.keyboard.press('f')
    await expect.poll(width).toBe(fitted)
  }
})

test('links, lines and names are copied to the clipboard as they are', async () => {
  await built(world, 'copies', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: 'one\n\u001b[32mtwo\u001b[0m\nthree' })] }] }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana', permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = tab
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await page.goto('/teams/main/pipelines/copies/jobs/unit/builds/1')
  await page.locator('[data-line="2"] a').first().click()
  await page.locator('[data-line="3"] a').first().click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: 'Copy lines' }).click()
  await page.getByText('lines copied', { exact: true }).waitFor()
  expect(await copied()).toBe('two\nthree')
  await page.getByRole('button', { name: 'Link', exact: true }).click()
  await page.getByText('link copied', { exact: true }).waitFor()
  expect(await copied()).toBe(page.url())
  expect(new URL(page.url()).hash).toMatch(/^#L.+:2:3$/)
  await page.getByRole('tab', { name: 'Image & container' }).click()
  await page.getByRole('tabpanel').getByRole('button', { name: /^copy/i }).first().click()
  await page.getByRole('tabpanel').getByRole('button', { name: /copied/ }).or(page.getByText('copied', { exact: true })).first().waitFor()
  expect(await copied()).toMatch(/^sha256:[0-9a-f]{64}$/)
})
