import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const task = (name: string, params: Readonly<Record<string, string>>) => ({ task: name, params, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: 'sh' } } })
const lines = (page: Page, text: string) => page.locator('[data-line]').filter({ hasText: text })

test('a log shows its lines after each way there within the page, of builds that have ended and of one that runs', async () => {
  const api = await world.server.as('ana')
  const set = (said: string, params: Readonly<Record<string, string>> = {}) => api.setPipeline('walk', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: `first of ${said}\nlast of ${said}`, ...params })] }] }))
  for (const said of ['one', 'two']) {
    await set(said)
    expect(await api.ended(await api.trigger('walk', 'unit'))).toBe('succeeded')
  }
  await set('three', { FAKE_HOLD: 'walk', FAKE_SPLIT: '15' })
  const running = await api.trigger('walk', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  // A part of the page that had to be loaded as a whole would have lost this.
  await page.evaluate(() => void ((window as { __same?: true }).__same = true))
  await page.getByRole('link', { name: 'walk' }).first().click()
  await page.getByRole('link', { name: /^unit/ }).first().dblclick()
  await page.waitForURL('/teams/main/pipelines/walk/jobs/unit')
  await page.locator('a[href$="/builds/1"]').first().click()
  await lines(page, 'last of one').waitFor()
  await page.getByRole('link', { name: /^newer build/ }).click()
  await lines(page, 'last of two').waitFor()
  await page.getByRole('link', { name: /^newer build/ }).click()
  await lines(page, 'first of three').waitFor()
  await page.getByRole('link', { name: /^older build/ }).click()
  await lines(page, 'last of two').waitFor()
  await page.goBack()
  await lines(page, 'first of three').waitFor()
  world.server.fake.let('walk')
  await lines(page, 'last of three').waitFor()
  await page.keyboard.press('h')
  await lines(page, 'last of two').waitFor()
  // The lines may be there before the job's builds, which the key needs.
  await page.getByRole('link', { name: /^older build/ }).waitFor()
  await page.keyboard.press('h')
  await lines(page, 'last of one').waitFor()
  expect(await page.evaluate(() => (window as { __same?: true }).__same)).toBe(true)
  expect(await api.ended(running)).toBe('succeeded')
})

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

test('W9: of a log that is not read yet, the lines are shown that a link names, or that a failed step ended with; they stay when it is', async () => {
  const api = await world.server.as('ana')
  const printed = Array.from({ length: 5_000 }, (_, index) => (index === 2_999 ? 'error: no such file' : `line ${index + 1}`)).join('\n')
  await api.setPipeline('first', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: printed, FAKE_EXIT: '1' })] }] }))
  const id = await api.trigger('first', 'unit')
  expect(await api.ended(id)).toBe('failed')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  let read = Promise.withResolvers<void>()
  await page.route('**/events', async (route) => {
    await read.promise
    await route.continue()
  })
  const foot = page.locator('footer').filter({ hasText: 'lines' })
  const top = () => page.getByRole('group', { name: 'Lines of the log' }).evaluate((scroller) => {
    const first = [...scroller.querySelectorAll<HTMLElement>('[data-line]')].find((line) => line.getBoundingClientRect().top > scroller.getBoundingClientRect().top - 1)
    return Number(first?.dataset['line'])
  })
  await page.goto(`/builds/${id}`)
  // Line 1 says where the image was found.
  await page.locator('[data-line="5001"]').waitFor()
  await expect.poll(() => foot.textContent()).toContain('5,001 lines')
  await foot.getByText('loading', { exact: true }).waitFor()
  const plan = await page.locator('[role=treeitem][aria-selected=true]').getAttribute('data-step')
  read.resolve()
  // The first error of all, as long as nobody has scrolled.
  await page.locator('[data-line="3001"]').waitFor()
  await foot.getByText('complete', { exact: true }).waitFor()

  read = Promise.withResolvers()
  await page.goto('about:blank')
  await page.goto(`/builds/${id}#L${plan}:1500`)
  await expect.poll(top).toBe(1_500)
  expect(await page.locator('[data-line="1500"]').textContent()).toContain('line 1499')
  await foot.getByText('loading', { exact: true }).waitFor()
  await page.getByRole('group', { name: 'Lines of the log' }).press('k')
  await expect.poll(top).toBe(1_497)
  read.resolve()
  await foot.getByText('complete', { exact: true }).waitFor()
  await expect.poll(() => foot.textContent()).toContain('5,001 lines')
  await expect.poll(top).toBe(1_497)
})

test('keys of a log go to its ends, hits and errors, wrap lines and show times; a line and those to another are chosen by their numbers', async () => {
  const api = await world.server.as('ana')
  const printed = Array.from({ length: 300 }, (_, index) => ([49, 149].includes(index) ? `error: number ${index}` : index === 9 ? `wide ${'x'.repeat(600)}` : `line ${index}`)).join('\n')
  await api.setPipeline('hands', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: printed })] }] }))
  const id = await api.trigger('hands', 'unit')
  expect(await api.ended(id)).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${id}`)
  await page.getByText('complete', { exact: true }).waitFor()
  const inView = (text: string) => lines(page, text).first().waitFor()
  const noLine = (text: string) => lines(page, text).first().waitFor({ state: 'detached' })
  await page.keyboard.press('g')
  await page.keyboard.press('g')
  await inView('line 0')
  await page.keyboard.press('Shift+G')
  await inView('line 299')
  await noLine('line 0')
  const hash = () => new URL(page.url()).hash.replace(/^#L[^:]+/, '')
  for (const [key, line] of [['e', ':51'], ['e', ':151'], ['Shift+E', ':51']] as const) {
    await page.keyboard.press(key)
    await expect.poll(hash).toBe(line)
  }
  await page.getByLabel('Find in the log').fill('line 2')
  const current = () => page.getByRole('search').getByRole('status').textContent()
  await expect.poll(current).toMatch(/^\d+ of 111/)
  const first = await current()
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('n')
  await expect.poll(current).not.toBe(first)
  await page.keyboard.press('Shift+N')
  await expect.poll(current).toBe(first)

  await page.keyboard.press('g')
  await page.keyboard.press('g')
  const wide = lines(page, 'wide x')
  await wide.waitFor()
  const height = async (): Promise<number> => (await wide.boundingBox())?.height ?? 0
  const wrapped = await height()
  await page.keyboard.press('w')
  await expect.poll(height).toBeLessThan(wrapped)
  await page.keyboard.press('w')
  await expect.poll(height).toBe(wrapped)
  const told = async (): Promise<string> => (await lines(page, 'line 0').locator('span').first().textContent()) ?? ''
  const shown = [await told()]
  for (let press = 0; press < 2; press++) {
    await page.keyboard.press('t')
    await expect.poll(told).not.toBe(shown.at(-1))
    shown.push(await told())
  }
  expect(new Set(shown).size).toBe(3)

  await page.locator('[data-number="3"]').click()
  await expect.poll(hash).toBe(':3')
  await page.locator('[data-number="7"]').click({ modifiers: ['Shift'] })
  await expect.poll(hash).toBe(':3:7')
  await expect.poll(() => page.locator('[data-line][class*=selected]').evaluateAll((all) => all.map((line) => (line as HTMLElement).dataset['line']))).toEqual(['3', '4', '5', '6', '7'])
})

test('links and lines are copied also where the browser offers no clipboard, as over plain HTTP, and the page says so', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('copied', JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', { FAKE_STDOUT: 'first\nsecond' })] }] }))
  const id = await api.trigger('copied', 'unit')
  await api.ended(id)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await page.goto(`/builds/${id}#L1:1:2`)
  await lines(page, 'second').waitFor()
  const find = page.getByRole('searchbox', { name: 'Find in the log' })
  const pasted = async (): Promise<string> => {
    await find.fill('')
    await find.press('Control+v')
    return find.inputValue()
  }
  await page.getByRole('button', { name: 'Link' }).click()
  await page.getByText('link copied').waitFor()
  expect((await page.getByText('link copied').boundingBox())?.width).toBeGreaterThan(20)
  expect(await pasted()).toMatch(/\/builds\/\d+#L1:1:2$/)
  // Of the config, by the button that other pages have.
  await page.goto('/teams/main/pipelines/copied/config')
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor()
})
