import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
const resource = '/teams/main/pipelines/prints/resources/broken'
const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }

test('of what a failed check printed the end is seen first: the error stands there', async () => {
  const api = await world.server.as('ana')
  const stderr = [...Array.from({ length: 7 }, (_, index) => `fetching object ${index} of ${'a-long-name/'.repeat(10)}`), 'fatal: no route to host'].join('\n')
  await api.setPipeline('prints', JSON.stringify({ resource_types: [{ name: 'fake', ...image }], resources: [{ name: 'broken', type: 'fake', source: { exit: '1', stderr } }], jobs: [{ name: 'unit', plan: [{ get: 'broken' }] }] }))
  const { id } = await api.call<{ id: number }>('POST', `${resource}/check`, { from: null })
  expect(await api.ended(id)).toBe('failed')
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width: 390, height: 844 } })
  const { page } = tab
  await page.goto(resource)
  const printed = page.getByRole('group', { name: 'What it printed last' })
  await printed.getByText('fatal: no route to host').waitFor()
  const hidden = await printed.evaluate((box) => {
    const text = document.createRange()
    text.selectNodeContents(box)
    return { above: text.getBoundingClientRect().top < box.getBoundingClientRect().top, below: text.getBoundingClientRect().bottom > box.getBoundingClientRect().bottom }
  })
  expect(hidden).toEqual({ above: true, below: false })
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('printed-last')
})
