import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { taskJob, type Api } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
const path = (name: string): string => `/teams/main/pipelines/${name}`

interface Version {
  readonly version: number
  readonly set_by: string
}

/** The newest first. */
const versionsOf = async (api: Api, pipeline: string): Promise<readonly number[]> => (await api.call<readonly Version[]>('GET', `${path(pipeline)}/config/versions`)).map(({ version }) => version)

/** Sets it twice: what differs is the image of unit; lint goes, ship comes. */
async function setTwice(api: Api, pipeline: string): Promise<void> {
  await api.setPipeline(pipeline, `jobs:${taskJob('unit')}${taskJob('lint')}`)
  await api.setPipeline(pipeline, `jobs:${taskJob('unit').replace('tools}', 'tools:2}')}${taskJob('ship')}`)
}

test('a pipeline’s config shows its versions, any of them, and what differs between two', async () => {
  const api = await world.server.as('ana')
  await setTwice(api, 'kept')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('kept')}/config`)
  const versions = page.getByRole('list', { name: /^Versions of the config/ }).getByRole('listitem')
  const yaml = page.getByRole('region', { name: 'Config as YAML' })
  await page.getByText(/^This is the current config, set .* ago by ana$/).waitFor()
  await expect.poll(() => versions.allTextContents()).toEqual([expect.stringMatching(/^Version \d+currentChanges\d+ (?:s|min) ago by ana$/), expect.stringMatching(/^Version \d+\d+ (?:s|min) ago by ana$/)])
  await versions.nth(1).getByRole('link', { name: /^Version/ }).click()
  await page.getByText(/^This is an older version, set .* ago by ana\. The pipeline was set again since\.$/).waitFor()
  await yaml.getByText('name: lint').waitFor()
  expect(await page.getByRole('button', { name: 'Edit…' }).count()).toBe(0)
  expect(await accessibilityFindings(page)).toEqual([])

  await page.getByRole('link', { name: 'Changes since' }).click()
  const changes = page.getByRole('region', { name: 'Changes', exact: true })
  await changes.getByRole('heading', { level: 2 }).first().waitFor()
  expect(await changes.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['jobs: unit changed', 'jobs: lint gone', 'jobs: ship new'])
  const unit = changes.getByRole('table').first()
  expect([await unit.getByRole('deletion').allTextContents(), await unit.getByRole('insertion').allTextContents()]).toEqual([['          repository: registry.example/tools'], ['          repository: registry.example/tools:2']])
  expect(await page.title()).toBe('kept config changes · Airside')
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('config-changes')

  // Any two, in any direction.
  const [now, before] = await versionsOf(api, 'kept')
  await page.getByRole('combobox', { name: 'To' }).selectOption(String(before))
  await page.getByText('The two versions are the same.').waitFor()
  await page.getByRole('combobox', { name: 'From' }).selectOption(String(now))
  await expect.poll(() => changes.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['jobs: unit changed', 'jobs: ship gone', 'jobs: lint new'])
})

test('changes are read on a phone without scrolling sideways, in dark too', async () => {
  const api = await world.server.as('ana')
  await setTwice(api, 'small')
  await api.setPipeline('small', `jobs:${taskJob('unit', { TEXT: 'words without a space '.repeat(30).replaceAll(' ', '_') })}`)
  const [now, , first] = await versionsOf(api, 'small')
  await using tab = await openTab(world.browser, world.server, { person: 'ana', theme: 'dark', viewport: { width: 390, height: 844 } })
  const { page } = tab
  await page.goto(`${path('small')}/config?version=${now}&from=${first}`)
  await page.getByRole('region', { name: 'Changes', exact: true }).getByRole('insertion').filter({ hasText: 'TEXT' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('config-changes-dark-390')
  await page.getByRole('heading', { name: 'Versions (3)' }).click()
  await page.getByRole('link', { name: `Changes in version ${now}` }).click()
  await expect.poll(() => page.url()).toContain('from=')
  await expect.poll(() => page.getByRole('region', { name: 'Changes', exact: true }).getByRole('heading', { level: 2 }).allTextContents()).toEqual(['jobs: unit changed', 'jobs: ship gone'])
})

test('W16: an older version becomes the current config after a question, for members alone', async () => {
  const api = await world.server.as('ana')
  await setTwice(api, 'back')
  const [, older] = await versionsOf(api, 'back')
  await using viewer = await openTab(world.browser, world.server, { person: 'vera' })
  await viewer.page.goto(`${path('back')}/config?version=${older}`)
  const refused = viewer.page.getByRole('button', { name: 'Roll back' })
  await refused.waitFor()
  expect([await refused.getAttribute('aria-disabled'), await refused.getAttribute('title')]).toEqual(['true', 'You need the role member in team main'])

  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('back')}/config?version=${older}`)
  await page.getByRole('button', { name: 'Roll back' }).click()
  const question = page.getByRole('dialog')
  await question.getByText(`airside rollback-pipeline -t TARGET -p back --to ${older}`).waitFor()
  expect(await accessibilityFindings(page)).toEqual([])
  await question.getByRole('button', { name: 'Roll back' }).click()
  await page.getByText(/^This is the current config/).waitFor()
  await page.getByRole('region', { name: 'Config as YAML' }).getByText('name: lint').waitFor()
  await expect.poll(() => page.getByRole('list', { name: /^Versions of the config/ }).getByRole('listitem').count()).toBe(3)
  expect((await api.call<readonly { name: string }[]>('GET', `${path('back')}/jobs`)).map(({ name }) => name)).toEqual(['unit', 'lint'])
})

test('a build’s link leads to the config that it ran with, and says that it is older, or not kept any more', async () => {
  const api = await world.server.as('ana')
  const set = (image: number) => api.setPipeline('ran', `jobs:${taskJob('lint')}${taskJob('unit').replace('tools}', `tools:${image}}`)}`)
  await set(1)
  await api.ended(await api.trigger('ran', 'unit'))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const marked = page.getByRole('region', { name: 'Config as YAML' }).locator('li[class*=marked]')
  await page.goto(`${path('ran')}/jobs/unit/builds/1`)
  await page.getByRole('link', { name: 'Config', exact: true }).waitFor()
  // The page follows: it is told by no click.
  await set(2)
  await page.getByRole('link', { name: 'Config (older)' }).click()
  await page.getByText(/^This is an older version/).waitFor()
  await expect.poll(() => marked.allTextContents()).toEqual(expect.arrayContaining(['- name: unit', expect.stringContaining('registry.example/tools:1')]))
  await page.getByRole('link', { name: 'Changes since' }).click()
  await expect.poll(() => page.getByRole('insertion').allTextContents()).toEqual([expect.stringContaining('registry.example/tools:2')])

  for (let image = 3; image <= 21; image++) await set(image)
  tab.expectRefusal('404 GET')
  await page.goto(`${path('ran')}/jobs/unit/builds/1`)
  await page.getByRole('link', { name: 'Config (not kept)' }).click()
  await page.getByText(/^Version \d+ of this config is no longer kept: only the newest 20 versions are\. This is the current config\.$/).waitFor()
  await expect.poll(() => marked.allTextContents()).toEqual(expect.arrayContaining(['- name: unit', expect.stringContaining('registry.example/tools:21')]))
  expect(await accessibilityFindings(page)).toEqual([])
})

test('a version that a build’s step set leads to that build', async () => {
  const api = await world.server.as('ana')
  await world.server.storeOutput('made', { 'child.yml': `jobs:${taskJob('inner')}` })
  const plan = [{ task: 'make', config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, outputs: [{ name: 'made' }], run: { path: 'sh' } } }, { set_pipeline: 'child', file: 'made/child.yml' }]
  await api.setPipeline('sets', JSON.stringify({ jobs: [{ name: 'set', plan }] }))
  expect(await api.ended(await api.trigger('sets', 'set'))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto(`${path('child')}/config`)
  await tab.page.getByText('This is the current config').getByRole('link', { name: 'sets/set #1' }).click()
  await tab.page.getByRole('heading', { level: 1, name: 'set #1 succeeded' }).waitFor()
})

test('of a long config in which each item changed the first lines are shown, and the others when they are asked for', async () => {
  const api = await world.server.as('ana')
  const long = (word: string): string => JSON.stringify({ jobs: Array.from({ length: 250 }, (_, job) => ({ name: `job-${job}`, plan: Array.from({ length: 3 }, (_, step) => ({ task: `${word}-${step}`, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: word } }, run: { path: word } } })) })) })
  await api.setPipeline('long', long('old'), { paused: true })
  await api.setPipeline('long', long('new'), { paused: true })
  const [now, before] = await versionsOf(api, 'long')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto(`${path('long')}/config?version=${now}&from=${before}`)
  const changes = tab.page.getByRole('region', { name: 'Changes', exact: true })
  await changes.getByText('2250 lines added, 2250 lines removed').waitFor()
  const rows = () => changes.locator('tbody tr').count()
  const first = await rows()
  expect(first).toBeLessThanOrEqual(2_000)
  const more = changes.getByRole('button', { name: /^Show \d+ more lines$/ })
  const left = Number(/\d+/.exec((await more.textContent()) ?? '')?.[0])
  await more.click()
  await expect.poll(rows).toBe(first + left)
})

test('a config that somebody else sets is shown at once, and is not overwritten by whoever edits the one before', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('shared', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('shared')}/config`)
  const yaml = page.getByRole('region', { name: 'Config as YAML' })
  await yaml.getByText('name: unit').waitFor()
  await page.getByRole('button', { name: 'Edit…' }).click()
  const box = page.getByRole('textbox', { name: 'Config' })
  const typed = (await box.inputValue()).replaceAll('unit', 'mine')
  await box.fill(typed)
  // Times are told in seconds.
  world.server.clock.advance(2_000)
  await api.setPipeline('shared', `jobs:${taskJob('theirs')}`)
  await yaml.getByText('name: theirs').waitFor()
  await page.getByText('Versions (2)').waitFor()
  tab.expectRefusal('409 PUT /api/v1/teams/main/pipelines/shared/config')
  await page.getByRole('button', { name: 'Set pipeline' }).click()
  await page.getByRole('alert').getByText('the pipeline was set by somebody else meanwhile').waitFor()
  expect(await box.inputValue()).toBe(typed)
  // What was typed is lost when the person says so, and not before: neither by Cancel nor by Escape, which keeps it for the newest config alone.
  const question = page.getByRole('dialog', { name: 'Discard what you typed?' })
  for (const leave of [() => page.getByRole('button', { name: 'Cancel' }).click(), () => page.keyboard.press('Escape')]) {
    await leave()
    await question.waitFor()
    expect(await accessibilityFindings(page)).toEqual([])
    await question.getByRole('button', { name: 'Keep editing' }).click()
    await question.waitFor({ state: 'detached' })
    expect(await box.inputValue()).toBe(typed)
  }
  await page.getByRole('button', { name: 'Cancel' }).click()
  await question.getByRole('button', { name: 'Discard' }).click()
  await box.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Edit…' }).click()
  // Nothing was typed: nothing is asked.
  await page.getByRole('button', { name: 'Cancel' }).click()
  await box.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Edit…' }).click()
  await box.fill((await box.inputValue()).replaceAll('theirs', 'both'))
  await page.getByRole('button', { name: 'Set pipeline' }).click()
  await page.waitForURL(path('shared'))
  await page.getByRole('status').getByText('Pipeline shared is set to the new config').waitFor()
})
