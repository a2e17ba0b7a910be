import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const task = (name: string, params: Readonly<Record<string, string>>) => ({ task: name, params, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: 'sh' } } })
const lines = (page: Page, text: string) => page.locator('[data-line]').filter({ hasText: text })

test('a step whose log is as long as that of the step before shows its own lines', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('equal', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('one', { FAKE_STDOUT: 'said by one' }), task('two', { FAKE_STDOUT: 'said by two', FAKE_HOLD: 'equal', FAKE_SPLIT: '12' })] }] }))
  const id = await api.trigger('equal', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${id}`)
  await lines(page, 'said by two').waitFor()
  await page.getByRole('treeitem').filter({ hasText: 'one' }).click()
  await lines(page, 'said by one').waitFor()
  await page.getByRole('treeitem').filter({ hasText: 'two' }).click()
  await lines(page, 'said by two').waitFor()
  world.server.fake.let('equal')
  expect(await api.ended(id)).toBe('succeeded')
})
