import { expect, test } from 'vitest'
import type { Api } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { byMouseAndKeyboard, focusByTab } from './harness/press.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }
const task = (name: string, params: Readonly<Record<string, string>> = {}) => ({ task: name, params, config: { platform: 'linux', image_resource: image, run: { path: 'sh' } } })

/** A resource whose checks find these versions, and two jobs that get it. JSON is YAML. */
const yaml = JSON.stringify({
  resource_types: [{ name: 'fake', ...image }],
  resources: [{ name: 'repo', type: 'fake', source: { versions: ['1', '2', '3'].map((ref) => ({ ref })) } }],
  jobs: [
    { name: 'unit', plan: [{ get: 'repo' }, task('unit', { LEVEL: 'low', FAKE_STDOUT: 'hello' })] },
    { name: 'secret', plan: [task('secret', { TOKEN: '((token))', LEVEL: 'low' }), task('again', { LEVEL: 'high' })], disable_manual_trigger: true },
    { name: 'ship', plan: [{ get: 'app', resource: 'repo', passed: ['unit'] }, task('ship')] },
  ],
})

const path = (name: string): string => `/teams/main/pipelines/${name}`

/** The pipeline, with its three versions found. */
async function withVersions(name: string): Promise<Api> {
  const api = await world.server.as('ana')
  await api.setPipeline(name, yaml)
  const { id } = await api.call<{ id: number }>('POST', `${path(name)}/resources/repo/check`, { from: null })
  expect(await api.ended(id)).toBe('succeeded')
  return api
}

const buildsOf = (api: Api, name: string, job: string) => api.call<{ id: number; name: string }[]>('GET', `${path(name)}/jobs/${job}/builds`)
const versionsOf = async (api: Api, build: number) => (await api.call<{ inputs: { name: string; version: Record<string, string> }[] }>('GET', `/builds/${build}/resources`)).inputs.map(({ name, version }) => `${name} ${version['ref']}`)

test.each(byMouseAndKeyboard)('W16: triggers a job with a chosen version and params, by %s', async (how, { press, type }) => {
  const name = `with-${how}`
  const api = await withVersions(name)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path(name)}/jobs/unit`)
  await press(page.getByRole('button', { name: 'Trigger with…' }))
  const dialog = page.getByRole('dialog', { name: 'Trigger unit with…' })
  const versions = dialog.getByRole('combobox', { name: /^repo/ })
  await versions.locator('option', { hasText: 'ref 1' }).waitFor({ state: 'attached' })
  await expect.poll(() => versions.locator('option').allTextContents()).toEqual(['As the scheduler chooses', 'ref 3', 'ref 2', 'ref 1'])
  if (how === 'mouse') await versions.selectOption({ label: 'ref 2' })
  else {
    await focusByTab(versions)
    for (const _ of '12') await page.keyboard.press('ArrowDown')
  }
  const text = dialog.getByRole('textbox', { name: /^FAKE_STDOUT/ })
  await type(text, 'given by hand')
  await tab.picture(`trigger-with-${how}`)
  await press(dialog.getByRole('button', { name: 'Trigger' }))
  const link = page.getByRole('status').getByRole('link', { name: '#1' })
  await link.waitFor()
  await expect.poll(() => dialog.count()).toBe(0)
  const builds = await buildsOf(api, name, 'unit')
  expect(builds).toHaveLength(1)
  expect(await api.ended(builds[0]?.id ?? 0)).toBe('succeeded')
  expect(await versionsOf(api, builds[0]?.id ?? 0)).toEqual(['repo 2'])
  await press(link)
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  expect(await api.events(builds[0]?.id ?? 0)).toContain('given by hand')
  // What was given is shown to whoever may give it, once they ask: it may be a secret.
  await press(page.getByText('Given by hand: repo, FAKE_STDOUT'))
  await page.getByRole('definition').filter({ hasText: 'ref 2' }).waitFor()
  await page.getByRole('definition').filter({ hasText: /^given by hand$/ }).waitFor()
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture(`given-by-hand-${how}`)
  await using viewer = await openTab(world.browser, world.server, { person: 'vera' })
  await viewer.page.goto(`${path(name)}/jobs/unit/builds/1`)
  await viewer.page.getByText('triggered by').waitFor()
  await viewer.settled()
  expect(await viewer.page.getByText('Given by hand:').count()).toBe(0)
})

test('a version that passed forbids is refused in the dialog with the reason, and nothing is built', async () => {
  const api = await withVersions('forbidden')
  expect(await api.ended(await api.trigger('forbidden', 'unit'))).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  tab.expectRefusal('422 POST /api/v1/teams/main/pipelines/forbidden/jobs/ship/builds')
  await page.goto(`${path('forbidden')}/jobs/ship`)
  await page.getByRole('button', { name: 'Trigger with…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('passed unit').waitFor()
  await dialog.getByRole('combobox', { name: /^app/ }).selectOption({ label: 'ref 1' })
  await dialog.getByRole('button', { name: 'Trigger' }).click()
  await dialog.getByRole('alert').filter({ hasText: 'unit' }).waitFor()
  await expect.poll(() => dialog.getByRole('alert').textContent()).toMatch(/app/)
  await tab.picture('trigger-forbidden')
  expect(await buildsOf(api, 'forbidden', 'ship')).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Trigger with…')
})

test('who may not trigger is told why: the role, or what the config forbids', async () => {
  const api = await withVersions('told')
  const isTold = async (person: 'ana' | 'vera', job: string, title: string): Promise<void> => {
    await using tab = await openTab(world.browser, world.server, { person })
    await tab.page.goto(`${path('told')}/jobs/${job}`)
    const button = tab.page.getByRole('button', { name: 'Trigger with…' })
    await expect.poll(async () => [await button.getAttribute('aria-disabled'), await button.getAttribute('title')]).toEqual(['true', title])
    await button.click({ force: true })
    expect(await tab.page.getByRole('dialog').count()).toBe(0)
  }
  await isTold('vera', 'unit', 'You need the role pipeline-operator in team main')
  await isTold('ana', 'secret', 'The config forbids to trigger this job by hand (disable_manual_trigger)')
  expect(await buildsOf(api, 'told', 'unit')).toEqual([])
})

test('W16: a failed build is run again from the step that failed, with the steps before it as they ended', async () => {
  const api = await world.server.as('ana')
  const tasks = [task('build', { FAKE_STDOUT: 'built' }), task('unit', { FAKE_EXIT: '1' }), task('ship')]
  await api.setPipeline('again', JSON.stringify({ jobs: [{ name: 'unit', plan: tasks }] }))
  expect(await api.ended(await api.trigger('again', 'unit'))).toBe('failed')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('again')}/jobs/unit/builds/1`)
  await page.getByRole('button', { name: 'Rerun from here: task unit' }).dblclick()
  await page.getByRole('status').getByRole('link', { name: '#1.1' }).click()
  await page.getByRole('heading', { level: 1, name: 'unit #1.1 failed' }).waitFor()
  await page.getByRole('treeitem').filter({ hasText: 'taken from #1' }).waitFor()
  await tab.picture('rerun-from')
  expect((await buildsOf(api, 'again', 'unit')).map(({ name }) => name)).toEqual(['1.1', '1'])
})

test('a build is not run again from a step whose inputs are not kept any more, and the page says so', async () => {
  // The fake runtime's artifacts are in no store.
  const api = await withVersions('collected')
  await api.setPipeline('collected', JSON.stringify({ ...(JSON.parse(yaml) as object), jobs: [{ name: 'unit', plan: [{ get: 'repo' }, task('unit', { FAKE_EXIT: '1' })] }] }))
  expect(await api.ended(await api.trigger('collected', 'unit'))).toBe('failed')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectRefusal('409 POST /api/v1/teams/main/pipelines/collected/jobs/unit/builds/1')
  await tab.page.goto(`${path('collected')}/jobs/unit/builds/1`)
  await tab.page.getByRole('button', { name: 'Rerun from here: task unit' }).click()
  await tab.page.getByText('what get repo stored is not kept any more; run all of it again').waitFor()
  expect(await buildsOf(api, 'collected', 'unit')).toHaveLength(1)
})

test('an action that was refused is told once, and no more when it is done after all', async () => {
  await withVersions('refused')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const pause = `/api/v1${path('refused')}/jobs/unit/pause`
  tab.expectRefusal(`503 PUT ${pause}`)
  let refusals = 2
  await page.route(`**${pause}`, (route) => (refusals-- > 0 ? route.fulfill({ status: 503, body: 'the database is away' }) : route.continue()))
  await page.goto(`${path('refused')}/jobs/unit`)
  const button = page.getByRole('button', { name: 'Pause' })
  const told = page.getByRole('status').getByText(/^Pause: /)
  for (const left of [1, 0]) {
    await button.click()
    await expect.poll(() => refusals).toBe(left)
    await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
    expect(await told.allTextContents()).toEqual([expect.stringContaining('the database is away')])
  }
  await button.click()
  await page.getByText(/^Paused by ana/).waitFor()
  await expect.poll(() => told.count()).toBe(0)
})

test('W16: the second click of a double click does nothing, though the first is done already', async () => {
  const api = await withVersions('twice')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('twice')}/jobs/unit`)
  const button = page.getByRole('button', { name: 'Trigger', exact: true })
  await button.click()
  await page.getByRole('status').getByRole('link', { name: '#1' }).waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  await page.mouse.down({ clickCount: 2 })
  await page.mouse.up({ clickCount: 2 })
  await button.focus()
  // A key that is held: pressed, and pressed again without being released.
  await page.keyboard.down('Enter')
  await page.getByRole('status').getByRole('link', { name: '#2' }).waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText(/^Paused by ana/).waitFor()
  expect(await buildsOf(api, 'twice', 'unit')).toHaveLength(2)
})

test.each(byMouseAndKeyboard)('W16: pins, comments, unpins, disables, enables, checks and clears versions, by %s', async (how, { press, type }) => {
  const name = `versions-${how}`
  const api = await withVersions(name)
  const versions = () => api.call<{ id: number; version: { ref: string }; enabled: boolean }[]>('GET', `${path(name)}/resources/repo/versions`)
  const resource = () => api.call<{ pinned_version?: { ref: string }; pin_comment?: string }>('GET', `${path(name)}/resources/repo`)
  const lastCheck = async () => (await api.call<{ build?: { id: number } }>('GET', `${path(name)}/resources/repo`)).build?.id
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const button = (label: string) => page.getByRole('main').getByRole('button', { name: label, exact: true })
  await page.goto(`${path(name)}/resources/repo`)
  // The button is gone when that is done: the focus must not go to the top of the page with it.
  const focusIn = (text: string) => expect.poll(() => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent}`)).toContain(text)
  await press(button('Pin version 2'))
  await button('Unpin repo').waitFor()
  await focusIn('LI ▸ref 2 pinned')
  expect(await resource()).toMatchObject({ pinned_version: { ref: '2' } })
  await type(page.getByRole('textbox', { name: 'Why' }), '3 breaks the cart')
  await press(button('Save why it is pinned'))
  await button('Save why it is pinned').waitFor({ state: 'detached' })
  await focusIn('SECTION Pinned')
  expect(await resource()).toMatchObject({ pin_comment: '3 breaks the cart' })
  await press(button('Unpin repo'))
  await page.getByText('No version is pinned').waitFor()
  await focusIn('SECTION Pin')
  expect(await resource()).not.toHaveProperty('pinned_version')

  await press(button('Disable version 1'))
  await button('Enable version 1').waitFor()
  const enabled = async () => (await versions()).map(({ version, enabled: one }) => `${version.ref} ${one}`)
  expect(await enabled()).toEqual(['3 true', '2 true', '1 false'])
  await press(button('Enable version 1'))
  await button('Disable version 1').waitFor()
  expect(await enabled()).toEqual(['3 true', '2 true', '1 true'])

  const before = await lastCheck()
  await press(button('Check now'))
  await expect.poll(lastCheck).not.toBe(before)
  const checked = await lastCheck()
  await press(button('Check from…'))
  const dialog = page.getByRole('dialog')
  await dialog.getByText('-f ref:3').waitFor()
  await press(dialog.getByRole('button', { name: 'Check', exact: true }))
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(lastCheck).not.toBe(checked)

  await press(button('Clear versions of repo'))
  const confirm = dialog.getByRole('button', { name: 'Clear…' })
  await expect.poll(() => confirm.getAttribute('aria-disabled')).toBe('true')
  await type(dialog.getByRole('textbox'), 'repo')
  await press(confirm)
  await page.getByRole('heading', { name: 'No versions yet' }).waitFor()
  expect(await versions()).toEqual([])
})

test('W16: a pipeline that was archived a moment ago refuses a build, and its page says why', async () => {
  const api = await withVersions('shelved')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('shelved')}/jobs/unit`)
  const button = page.getByRole('button', { name: 'Trigger', exact: true })
  await button.waitFor()
  const posted = '/api/v1/teams/main/pipelines/shelved/jobs/unit/builds'
  tab.expectRefusal(`409 POST ${posted}`)
  await page.route(`**${posted}`, async (route) => {
    if (route.request().method() === 'POST') await api.call('PUT', `${path('shelved')}/archive`)
    await route.continue()
  })
  const answered = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith(posted))
  await button.click()
  expect((await answered).status()).toBe(409)
  await page.getByText('action not allowed for an archived pipeline').first().waitFor()
})

test.each([['light', 1440], ['dark', 390]] as const)('W25: axe finds nothing in the dialog of trigger, %s, %d pixels wide', async (theme, width) => {
  const api = await withVersions(`axe-${theme}`)
  await api.ended(await api.trigger(`axe-${theme}`, 'unit'))
  await using tab = await openTab(world.browser, world.server, { person: 'ana', theme, viewport: { width, height: 900 } })
  await tab.page.goto(`${path(`axe-${theme}`)}/jobs/unit`)
  await tab.page.getByRole('button', { name: 'Trigger with…' }).click()
  await tab.page.getByRole('dialog').getByRole('textbox').first().waitFor()
  await tab.page.getByRole('dialog').locator('option', { hasText: 'ref 1' }).waitFor({ state: 'attached' })
  await tab.picture(`trigger-dialog-${theme}-${width}`)
  expect(await accessibilityFindings(tab.page)).toEqual([])
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
})

test('a field that takes the place of its button has the focus, and the button has it back', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('fields', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit')] }] }))
  await api.ended(await api.trigger('fields', 'unit'))
  await api.call('PUT', `${path('fields')}/pause`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
  const fields = [[`${path('fields')}/jobs/unit/builds/1`, 'Comment', 'Comment on the build', 'Save the comment', 'Change the comment'], [`${path('fields')}?show=list`, 'Say why', 'Why it is paused', 'Save why it is paused', 'Change why']] as const
  for (const [url, button, field, save, change] of fields) {
    await page.goto(url)
    await page.getByRole('button', { name: button, exact: true }).press('Enter')
    await expect.poll(focused).toBe(field)
    await page.getByRole('button', { name: 'Cancel' }).press('Enter')
    await expect.poll(focused).toBe(button)
    await page.keyboard.press('Enter')
    await page.keyboard.type('for the release')
    await page.getByRole('button', { name: save }).press('Enter')
    await page.getByText('for the release').waitFor()
    await expect.poll(focused).toBe(change)
  }
})
