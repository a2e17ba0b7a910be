import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { byMouseAndKeyboard } from './harness/press.ts'
import { taskJob } from './harness/api.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

/** A resource that nothing checks: the pipeline is paused. The config has jobs in another order than the graph. */
const job = (name: string, ...passed: readonly string[]): string =>
  `{name: ${name}, plan: [{get: repo, trigger: true${passed.length === 0 ? '' : `, passed: [${passed.join(', ')}]`}}]}`

const yaml = `
resources: [{name: repo, type: registry-image, source: {repository: registry.example/repo}}]
groups:
- {name: main, jobs: [build, unit, lint, ship]}
- {name: other, jobs: [nightly]}
jobs: [${[job('ship', 'build', 'unit', 'lint'), job('unit', 'build'), job('lint', 'build'), job('build'), job('nightly')].join(', ')}]
`
/** A job that runs until it is let go, and fails then. JSON is YAML. */
const held = JSON.stringify([{ name: 'held', plan: [{ task: 'held', params: { FAKE_HOLD: 'held', FAKE_EXIT: '1' }, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: 'sh' } } }] }])
const path = (name: string): string => `/teams/main/pipelines/${name}`

test('W7: the keyboard goes through all jobs in topological order, selects one, and its lines are lit', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('keys', yaml, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(path('keys'))
  const graph = page.getByRole('list', { name: /^Jobs/ })
  await graph.getByRole('link', { name: /^build/ }).waitFor()
  await expect.poll(() => graph.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('aria-label')))).toEqual([
    'build, never ran', 'unit, never ran, after build', 'lint, never ran, after build', 'ship, never ran, after build, unit, lint',
  ])
  const linesOf = async (paths: Locator): Promise<string[]> => (await paths.evaluateAll((all) => all.map((line) => `${line.getAttribute('data-from')} > ${line.getAttribute('data-to')}`))).toSorted()
  // Not that from build to ship, which the way through the others shows.
  const drawn = ['job:build > job:unit job:lint', 'job:unit job:lint > job:ship']
  await expect.poll(() => linesOf(page.locator('path[data-from]'))).toEqual(drawn)
  await graph.getByRole('link', { name: /^build/ }).focus()
  for (const next of ['unit', 'lint', 'ship']) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-key'))).toBe(`job:${next}`)
  }
  await graph.getByRole('link', { name: /^build/ }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-key'))
  await expect.poll(focused).toBe('job:ship')
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Job ship' }).waitFor()
  await expect.poll(focused).toBe('job:ship')
  await expect.poll(() => new URL(page.url()).search).toBe('?job=ship')
  // unit and lint share a frame, and a line to ship; the edge from build, which the way through them shows, is drawn while ship is selected.
  const lit = page.locator('path[class*=lit]')
  await expect.poll(() => linesOf(lit)).toEqual(['job:build > job:ship', 'job:unit job:lint > job:ship'])
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.querySelector('aside') === null)
  await expect.poll(() => lit.count()).toBe(0)
  expect(await linesOf(page.locator('path[data-from]'))).toEqual(drawn)
  await tab.picture('pipeline-keys')
})

test('W7: a graph of 380 jobs is laid out once, and not again when a build runs and ends', async () => {
  const api = await world.server.as('ana')
  const jobs = Array.from({ length: 380 }, (_, at) => ({ name: `job-${at}`, plan: [{ get: 'repo', ...(at >= 20 && { passed: [`job-${at - 20}`] }) }] }))
  await api.setPipeline('once', JSON.stringify({ resources: [{ name: 'repo', type: 'registry-image', check_every: 'never', source: { repository: 'registry.example/repo' } }], jobs: [...jobs, ...(JSON.parse(held) as object[])] }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(path('once'))
  const graph = page.getByRole('list', { name: /^Jobs/ })
  await graph.getByRole('link', { name: 'held, never ran' }).waitFor()
  await expect.poll(() => graph.getByRole('link').count()).toBe(381)
  const layouts = () => page.evaluate(() => performance.getEntriesByName('graph layout').length)
  await tab.settled()
  expect(await layouts()).toBe(1)
  const build = await api.trigger('once', 'held')
  await graph.getByRole('link', { name: 'held #1, running' }).waitFor()
  world.server.fake.let('held')
  expect(await api.ended(build)).toBe('failed')
  await graph.getByRole('link', { name: 'held #1, failed' }).waitFor()
  expect(await layouts()).toBe(1)
  await page.getByRole('button', { name: '+ resources' }).click()
  await page.getByRole('link', { name: 'resource repo' }).first().waitFor()
  expect(await layouts()).toBe(2)
})

test('W7: views and groups are in the URL, and Shift adds a group', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('views', yaml, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(path('views'))
  await page.getByRole('link', { name: 'other' }).click({ modifiers: ['Shift'] })
  await page.getByRole('link', { name: 'nightly, never ran' }).waitFor()
  await expect.poll(() => new URL(page.url()).search).toBe('?group=main&group=other')
  await page.getByRole('button', { name: '+ resources' }).click()
  await page.getByRole('link', { name: 'resource repo' }).first().waitFor()
  await expect.poll(() => new URL(page.url()).search).toBe('?group=main&group=other&show=resources')
  await page.getByRole('button', { name: 'List' }).click()
  await page.getByRole('row', { name: /nightly/ }).waitFor()
  await page.goto(`${path('views')}?group=other`)
  await page.getByRole('link', { name: 'nightly, never ran' }).waitFor()
  await expect.poll(() => page.getByRole('link', { name: /^build/ }).count()).toBe(0)
})

test('a narrow window shows the list', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('narrow', yaml, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width: 390, height: 844 } })
  await tab.page.goto(path('narrow'))
  await tab.page.getByRole('row', { name: /ship/ }).waitFor()
  await tab.picture('pipeline-narrow')
  await tab.page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await tab.page.getByRole('link', { name: /^ship/ }).waitFor()
})

test('a resource has the icon that its config names, and none where the name is not known', async () => {
  const api = await world.server.as('ana')
  const resources = [['code', 'git'], ['image', 'docker'], ['odd', 'no-such-icon'], ['bad', '../../x']].map(([name, icon]) => ({ name, icon, type: 'registry-image', source: { repository: 'registry.example/repo' } }))
  await api.setPipeline('icons', JSON.stringify({ resources, jobs: [{ name: 'unit', plan: resources.map(({ name }) => ({ get: name })) }] }), { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('icons')}?show=resources`)
  const icon = (name: string): Locator => page.getByRole('link', { name: `resource ${name}` }).locator('path[class*=icon]')
  await icon('code').waitFor()
  await icon('image').waitFor()
  await tab.settled()
  expect([await icon('odd').count(), await icon('bad').count()]).toEqual([0, 0])
  expect(tab.requests.filter((request) => request.includes('/assets/icon/')).toSorted()).toEqual(['git', 'docker', 'no-such-icon'].toSorted().map((name) => `GET /assets/icon/mdi/${name}`))
  await tab.picture('pipeline-icons')
  await page.goto(`${path('icons')}/resources/code`)
  await page.getByRole('heading', { level: 1, name: /code/ }).locator('.resource-icon').waitFor()
})

test('a config is shown with its lines', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('lines', yaml, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto(`${path('lines')}/config`)
  const lines = tab.page.getByRole('region', { name: 'Config as YAML' }).getByRole('listitem')
  await lines.first().waitFor()
  await expect.poll(async () => (await lines.allTextContents()).filter((line) => line.includes('name: ship'))).toEqual(['- name: ship'])
})

test('W16: pauses by mouse, unpauses by keyboard, and other tabs follow', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('acts', yaml)
  const paused = async () => (await api.call<{ paused: boolean }>('GET', '/teams/main/pipelines/acts')).paused
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await using other = await openTab(world.browser, world.server, { person: 'vera' })
  for (const { page } of [tab, other]) await page.goto(path('acts'))
  await tab.page.getByRole('button', { name: 'Pause' }).click()
  for (const { page } of [tab, other]) await page.getByText(/^Paused by ana/).waitFor()
  await expect.poll(paused).toBe(true)
  await tab.page.getByRole('button', { name: 'Say why' }).click()
  await tab.page.getByRole('textbox', { name: 'Why it is paused' }).fill('freeze until Monday')
  expect(await accessibilityFindings(tab.page)).toEqual([])
  await tab.page.getByRole('button', { name: 'Save why it is paused' }).click()
  for (const { page } of [tab, other]) await page.getByText('freeze until Monday').waitFor()
  await tab.picture('pipeline-paused')
  await tab.page.getByRole('button', { name: 'Unpause' }).focus()
  await tab.page.keyboard.press('Enter')
  for (const { page } of [tab, other]) await page.getByText(/^Paused by ana/).waitFor({ state: 'detached' })
  await expect.poll(paused).toBe(false)
})

test('W16: triggers a job once for a double click, links the build, and shows how it ends', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('runs', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`${path('runs')}/jobs/unit`)
  await page.getByRole('button', { name: 'Trigger', exact: true }).dblclick()
  await page.getByRole('row', { name: /#1 succeeded/ }).or(page.getByRole('listitem').filter({ hasText: /#1\s*succeeded/ })).first().waitFor()
  expect(await api.call<unknown[]>('GET', '/teams/main/pipelines/runs/jobs/unit/builds')).toHaveLength(1)
  await page.getByRole('link', { name: '#1' }).last().click()
  await page.waitForURL('**/teams/main/pipelines/runs/jobs/unit/builds/1')
  // Its message has done its work.
  await page.getByText(/has a new build/).waitFor({ state: 'detached' })
})

test('a viewer is told which role an action needs, and it does nothing', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('roles', yaml)
  await using tab = await openTab(world.browser, world.server, { person: 'vera' })
  const { page } = tab
  await page.goto(path('roles'))
  const pause = page.getByRole('button', { name: 'Pause' })
  await pause.waitFor()
  await expect.poll(() => pause.getAttribute('aria-disabled')).toBe('true')
  await expect.poll(() => pause.evaluate((button) => `${button.getAttribute('title')} ${document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent ?? ''}`)).toMatch(/operator/)
  await pause.click({ force: true })
  expect((await api.call<{ paused: boolean }>('GET', '/teams/main/pipelines/roles')).paused).toBe(false)
  expect(tab.requests.filter((line) => !line.startsWith('GET'))).toEqual([])
})

test('a pipeline that was just set says that it is paused, with Unpause beside the words', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('new', yaml, { paused: true })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 })
    await page.goto(path('new'))
    const words = page.getByRole('status').filter({ hasText: /^This pipeline is paused/ })
    const unpause = words.getByRole('button', { name: 'Unpause' })
    await unpause.waitFor()
    await tab.picture(`pipeline-new-${width}`)
    const [text, button] = await Promise.all([words.locator('div').first().boundingBox(), unpause.boundingBox()])
    if (text === null || button === null) throw new Error('the bar is not shown')
    // Beside the words, or below them where the window has no room.
    expect(button.y < text.y + text.height ? button.x - (text.x + text.width) : button.x - text.x).toBeLessThan(30)
    expect(button.y + button.height).toBeLessThan(844)
  }
})

test.each(byMouseAndKeyboard)('W16: exposes, hides, renames, archives and destroys a pipeline, by %s', async (how, { press, type }) => {
  const api = await world.server.as('ana')
  const [first, second] = [`change-${how}`, `changed-${how}`]
  await api.setPipeline(first, `jobs:${taskJob('unit')}`)
  const now = (name: string) => api.call<{ public: boolean; archived: boolean }>('GET', path(name))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const dialog = (name: string): Locator => page.getByRole('dialog', { name })
  const button = (within: Locator, name: string): Locator => within.getByRole('button', { name, exact: true })
  await page.goto(path(first))
  await press(page.getByRole('button', { name: 'Manage…' }))
  const manage = dialog(`Manage pipeline ${first}`)
  await press(button(manage, 'Expose to everybody'))
  await press(button(manage, 'Hide from strangers'))
  await button(manage, 'Expose to everybody').waitFor()
  expect((await now(first)).public).toBe(false)
  await press(button(manage, 'Expose to everybody'))
  await button(manage, 'Hide from strangers').waitFor()
  expect((await now(first)).public).toBe(true)

  await expect.poll(() => button(manage, 'Rename').getAttribute('aria-disabled')).toBe('true')
  await type(manage.getByRole('textbox', { name: 'New name' }), second)
  await press(button(manage, 'Rename'))
  await page.waitForURL(path(second))
  await page.getByRole('heading', { level: 1, name: second }).waitFor()
  expect((await now(second)).public).toBe(true)

  await press(page.getByRole('button', { name: 'Manage…' }))
  await press(button(dialog(`Manage pipeline ${second}`), 'Archive'))
  const archiving = dialog(`Archive pipeline ${second}?`)
  await archiving.getByText(`fly -t TARGET archive-pipeline -p ${second}`).waitFor()
  await page.keyboard.press('Escape')
  await archiving.waitFor({ state: 'detached' })
  expect((await now(second)).archived).toBe(false)
  await press(button(dialog(`Manage pipeline ${second}`), 'Archive'))
  await press(button(archiving, 'Archive'))
  await page.getByRole('heading', { level: 1, name: `Pipeline ${second} is archived` }).waitFor()
  expect((await now(second)).archived).toBe(true)

  await press(page.getByRole('button', { name: 'Manage…' }))
  const archived = dialog(`Manage pipeline ${second}`)
  await expect.poll(() => button(archived, 'Archive').getAttribute('title')).toBe('The pipeline is archived: set it again with fly set-pipeline')
  await press(button(archived, 'Destroy'))
  const destroying = dialog(`Destroy pipeline ${second}?`)
  const confirmed = button(destroying, 'Destroy')
  await type(destroying.getByRole('textbox'), first)
  await page.keyboard.press('Enter')
  await expect.poll(() => confirmed.getAttribute('aria-disabled')).toBe('true')
  expect((await now(second)).archived).toBe(true)
  await type(destroying.getByRole('textbox'), second)
  await tab.picture(`pipeline-destroy-${how}`)
  await press(confirmed)
  await page.waitForURL('/')
  await page.getByText(`Pipeline ${second} is destroyed`).waitFor()
  await expect(now(second)).rejects.toThrow('404')
})

test('a name that another pipeline has is refused in the dialog, and all instances of a group are renamed together', async () => {
  const api = await world.server.as('ana')
  for (const name of ['taken', 'free']) await api.setPipeline(name, `jobs:${taskJob('unit')}`)
  for (const pr of [1, 2]) await api.setPipeline('prs', `jobs:${taskJob('unit')}`, { vars: JSON.stringify({ pr }) })
  await using tab = await openTab(world.browser, world.server, { person: 'ana', theme: 'dark', viewport: { width: 390, height: 844 } })
  const { page } = tab
  const rename = async (to: string): Promise<void> => {
    await page.getByRole('button', { name: 'Manage…' }).click()
    await page.getByRole('textbox', { name: 'New name' }).fill(to)
    await page.getByRole('button', { name: 'Rename' }).click()
  }
  tab.expectRefusal('400 PUT /api/v1/teams/main/pipelines/free/rename')
  await page.goto(path('free'))
  await rename('taken')
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'there is a pipeline "taken" already' }).waitFor()
  await tab.picture('pipeline-manage')
  expect(await accessibilityFindings(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  await page.goto(`${path('prs')}?vars.pr=1`)
  await rename('pulls')
  await page.waitForURL(`${path('pulls')}?vars.pr=1`)
  const names = (await api.call<{ name: string }[]>('GET', '/teams/main/pipelines')).map(({ name }) => name)
  expect(names.filter((name) => name === 'pulls' || name === 'prs')).toEqual(['pulls', 'pulls'])
})
