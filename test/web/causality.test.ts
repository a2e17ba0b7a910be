import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const resource = (name: string, versions: readonly string[] = []) => ({ name, type: 'fake', source: { versions: versions.map((ref) => ({ ref })) } })

test('the builds and versions that came of a version are drawn, and those that it came from', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('causes', JSON.stringify({
    resource_types: [{ name: 'fake', type: 'registry-image', source: { repository: 'registry.example/tools' } }],
    resources: [resource('repo', ['r1']), resource('site')],
    jobs: [
      { name: 'unit', plan: [{ get: 'repo' }, { put: 'site', params: { make: 's1' } }] },
      { name: 'ship', plan: [{ get: 'site', passed: ['unit'] }] },
    ],
  }))
  await api.call('POST', '/teams/main/pipelines/causes/resources/repo/check', {})
  for (const job of ['unit', 'ship']) expect(await api.ended(await api.trigger('causes', job))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/causes/resources/repo')
  await page.getByRole('button', { name: 'Details of version r1' }).click()
  await page.getByRole('link', { name: 'What came of it' }).click()
  await page.getByRole('heading', { level: 1, name: 'What came of it: repo' }).waitFor()
  const graph = page.getByRole('list', { name: /^Builds and versions/ })
  const shown = async () => graph.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('aria-label')))
  await graph.getByRole('link').first().waitFor()
  expect(await shown()).toEqual(['repo r1, a version', 'unit #1, succeeded', 'site s1, a version', 'ship #1, succeeded'])
  for (const [colorScheme, width] of [['light', 1440], ['dark', 1440], ['light', 390], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await tab.picture(`causality-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
  await page.getByRole('link', { name: 'Where it came from' }).click()
  await page.getByText('No build of this pipeline has put this version: a check found it.').waitFor()
  await page.goBack()
  await graph.getByRole('link', { name: 'ship #1, succeeded' }).press('Enter')
  await page.waitForURL('/teams/main/pipelines/causes/jobs/ship/builds/1')

  await page.goto('/teams/main/pipelines/causes/resources/site')
  await page.getByRole('button', { name: 'Details of version s1' }).click()
  await page.getByRole('link', { name: 'Where it came from' }).click()
  await page.getByRole('heading', { level: 1, name: 'Where it came from: site' }).waitFor()
  await graph.getByRole('link', { name: /^unit/ }).waitFor()
  expect(await shown()).toEqual(['repo r1, a version', 'unit #1, succeeded', 'site s1, a version'])

  tab.expectRefusal('404 GET /api/v1/teams/main/pipelines/causes/resources/repo/versions/999999/upstream')
  await page.goto('/teams/main/pipelines/causes/resources/repo/causality/999999/upstream')
  await page.getByRole('heading', { name: 'There is no version 999999 of resource repo' }).waitFor()
})
