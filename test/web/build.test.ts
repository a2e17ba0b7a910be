import { setInterval } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { built, sampleImage } from './harness/sample-image.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
const image = sampleImage()
const { task } = image

/** A job with all that holds other steps, which fails in `unit`. JSON is YAML. */
const manySteps = (params: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    jobs: [{
      name: 'unit',
      plan: [
        { in_parallel: [task('lint'), task('vet')] },
        { ...task('flaky'), attempts: 2 },
        { ...task('try'), across: [{ var: 'os', values: ['linux', 'mac'] }] },
        { ...task('unit', { FAKE_EXIT: '1', ...params }), on_failure: task('alert'), ensure: task('cleanup') },
        task('package'),
      ],
    }],
  })

const oneTask = (params: Readonly<Record<string, string>> = {}): string => JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', params)] }] })

const lines = (count: number, of: (line: number) => string = (line) => `line ${line}`): string => Array.from({ length: count }, (_, index) => of(index + 1)).join('\n')

/** Text and distance from the top of the log of what is seen first. */
const atTop = (page: Page) =>
  page.evaluate(() => {
    const scroller = document.querySelector('[data-rows]')
    const top = scroller?.getBoundingClientRect().top ?? 0
    const first = [...document.querySelectorAll<HTMLElement>('[data-line]')].find((line) => line.getBoundingClientRect().bottom > top + 1)
    return { line: Number(first?.dataset['line']), by: (first?.getBoundingClientRect().top ?? NaN) - top }
  })

/** Lines that are higher or lower than their text, those that are in the page. */
const badRows = (page: Page) =>
  page.locator('[data-line]').evaluateAll((lines) => lines.flatMap((line) => {
    const text = line.lastElementChild
    const [own, inner] = [line.getBoundingClientRect().height, text?.getBoundingClientRect().height ?? 0]
    return Math.abs(own - inner) < 1 ? [] : [`${(line as HTMLElement).dataset['line']}: ${own} for ${inner}`]
  }))

const complete = (page: Page) => page.getByText('complete', { exact: true }).waitFor()

test('W8: a build is shown with its steps in the plan’s order, what ended it, and the log of the step that failed', async () => {
  const { id, status } = await built(world, 'tree', manySteps({ FAKE_STDOUT: `${lines(50)}\nerror: no such file\nlast` }))
  expect(status).toBe('failed')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/tree/jobs/unit/builds/1')
  await page.getByRole('heading', { level: 1, name: 'unit #1 failed' }).waitFor()
  await expect.poll(() => page.title()).toBe('unit #1 failed · Airside')
  await complete(page)
  const rows = () => page.getByRole('treeitem').evaluateAll((items) => items.map((item) => `${item.getAttribute('aria-level')} ${item.querySelector('[title]')?.getAttribute('title')} ${(item as HTMLElement).dataset['state']}`))
  await expect.poll(rows).toEqual([
    '1 in_parallel 2 of 2 succeeded', '2 task lint succeeded', '2 task vet succeeded',
    '1 retry 1 of 2 succeeded', '2 task flaky attempt 1 succeeded', '2 task flaky attempt 2 · not needed skipped',
    '1 across 2 of 2 succeeded', '2 task try linux succeeded', '2 task try mac succeeded',
    '1 task unit exit 1 failed', '2 on_failure task alert succeeded', '2 ensure task cleanup succeeded',
    '1 task package not reached skipped',
  ])
  await expect.poll(() => page.locator('[role=treeitem][aria-selected=true] b').textContent()).toBe('unit')
  await page.getByText('exited 1 after').waitFor()
  await page.getByRole('button', { name: 'line 51' }).click()
  await page.waitForURL((url) => /#L[^:]+:51$/.test(url.hash))
  await tab.picture('build-failed')

  // The link, opened by somebody else.
  await using other = await openTab(world.browser, world.server, { person: 'vera' })
  await other.page.goto(page.url())
  const marked = other.page.locator('[data-line="51"]')
  await marked.waitFor()
  await expect.poll(() => marked.getAttribute('class')).toContain('selected')
  await expect.poll(() => marked.textContent()).toContain('error: no such file')
  expect(id).toBeGreaterThan(0)
})

test('a running build is followed to its end, and its log grows by itself', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('live', oneTask({ FAKE_STDOUT: lines(400), FAKE_HOLD: 'live', FAKE_SPLIT: '500' }))
  const id = await api.trigger('live', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${id}`)
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  await page.locator('[data-line]').first().waitFor()
  expect(await page.locator('[data-line="400"]').count()).toBe(0)
  await tab.picture('build-running')
  world.server.fake.let('live')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await page.locator('[data-line="400"]').waitFor()
  await complete(page)
  await expect.poll(() => page.locator('footer').textContent()).toContain('400 lines')
})

/** The most lines that were in the page at any time. */
function recordRows(): void {
  const seen = window as unknown as { mostRows: number }
  seen.mostRows = 0
  new MutationObserver(() => (seen.mostRows = Math.max(seen.mostRows, document.querySelectorAll('[data-line]').length))).observe(document, { subtree: true, childList: true })
}

test('W9: of 200 000 lines at most 120 are in the page, while they are printed and after; they are found, and downloaded as they were printed', async () => {
  const api = await world.server.as('ana')
  const text = `line % ${'a'.repeat(30)}!`
  await api.setPipeline('large', oneTask({ FAKE_STDOUT: text, FAKE_LINES: '200000', FAKE_SPLIT: '32768', FAKE_HOLD: 'large' }))
  const id = await api.trigger('large', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const rows = page.locator('[data-line]')
  const shows = async (lines: readonly number[]): Promise<void> => {
    for (const line of lines) {
      await page.getByRole('group', { name: 'Lines of the log' }).evaluate((element, top) => element.scrollTo({ top }), (line - 1) * 19)
      const row = page.locator(`[data-line="${line}"]`)
      await row.waitFor()
      await expect.poll(() => row.textContent()).toContain(text.replace('%', String(line)))
      expect(await rows.count()).toBeLessThanOrEqual(120)
    }
  }
  await page.addInitScript(recordRows)
  const most = () => page.evaluate(() => (window as unknown as { mostRows: number }).mostRows)
  await page.goto(`/builds/${id}`)
  await rows.first().waitFor()
  // Half of them are there.
  await expect.poll(() => page.locator('footer').textContent()).toContain('101,574 lines')
  await shows([1, 12_345, 66_666])
  // At its end it is followed.
  await page.getByRole('group', { name: 'Lines of the log' }).press('G')
  world.server.fake.let('large')
  await complete(page)
  await expect.poll(() => page.locator('footer').textContent()).toContain('200,000 lines')
  await shows([1, 77_777, 150_001, 200_000])
  expect(await most()).toBeLessThanOrEqual(120)

  await page.reload()
  await complete(page)
  await shows([1, 1_024, 1_025, 8_192, 33_333, 54_321, 77_778, 99_999, 123_456, 150_000, 187_654, 199_999, 200_000])
  expect(await most()).toBeLessThanOrEqual(120)
  const find = page.getByLabel('Find in the log')
  const hits = page.getByRole('search').getByRole('status')
  await find.fill('line 12345')
  await hits.getByText('of 11', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'regular expression' }).click()
  await find.fill('^line 1[0-9]{3}5 ')
  await hits.getByText('of 100', { exact: false }).waitFor()
  await find.fill('(a+)+$')
  await page.getByRole('alert').getByText('takes too long').waitFor()
  await complete(page)
  await expect.poll(() => page.locator('footer').textContent()).toContain('200,000 lines')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString() === `${lines(200_000, (line) => text.replace('%', String(line)))}\n`).toBe(true)
})

test('W9: of a log that is followed at 5 000 lines a second no line is missing, and at most 120 are in the page', async () => {
  const api = await world.server.as('ana')
  const text = `line % ${'a'.repeat(30)}!`
  const [count, size] = [50_000, 44_000]
  await api.setPipeline('fast', oneTask({ FAKE_STDOUT: text, FAKE_LINES: String(count), FAKE_SPLIT: String(size), FAKE_PACE: 'fast' }))
  const id = await api.trigger('fast', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.addInitScript(recordRows)
  await page.goto(`/builds/${id}`)
  world.server.fake.let('fast/1')
  await page.locator('[data-line]').first().waitFor()
  const log = page.getByRole('group', { name: 'Lines of the log' })
  await log.press('G')
  const records = Math.ceil(`${lines(count, (line) => text.replace('%', String(line)))}\n`.length / size)
  // A thousand lines each: this is how fast they are printed, and nothing waits for it.
  let printed = 1
  for await (const _ of setInterval(200)) {
    world.server.fake.let(`fast/${(printed += 1)}`)
    if (printed >= records) break
  }
  await complete(page)
  await expect.poll(() => page.locator('footer').textContent()).toContain('50,000 lines')
  // It was followed to its end.
  await page.locator(`[data-line="${count}"]`).waitFor()
  // A line that is missing, or there twice, would move all that come after it.
  for (const line of [1, ...Array.from({ length: 50 }, (_, index) => (index + 1) * 1_000)]) {
    await log.evaluate((element, top) => element.scrollTo({ top }), (line - 1) * 19)
    await expect.poll(() => page.locator(`[data-line="${line}"] > :last-child`).textContent()).toBe(text.replace('%', String(line)))
  }
  expect(await page.evaluate(() => (window as unknown as { mostRows: number }).mostRows)).toBeLessThanOrEqual(120)
})

test('a fold that is closed in a log that has ended makes it shorter, and a place inside opens it', async () => {
  await built(world, 'folds', oneTask({ FAKE_STDOUT: `before\n::group::Build\n${lines(300)}\n::endgroup::\nafter` }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/folds/jobs/unit/builds/1')
  await complete(page)
  const high = () => page.getByRole('group', { name: 'Lines of the log' }).getAttribute('data-rows')
  await expect.poll(high).toBe('304')
  await page.getByRole('button', { name: 'fold 301 lines' }).click()
  await expect.poll(high).toBe('3')
  await page.locator('[data-line="304"]').waitFor()
  await page.getByLabel('Find in the log').fill('line 150')
  await expect.poll(high).toBe('304')
  await page.locator('[data-line="152"] mark').waitFor()
})

test.each([390, 700, 1_000, 1_440])('W11: a line that is linked to is at the top, whatever wraps above it, %d pixels wide', async (width) => {
  const kinds = [(n: number) => 'x'.repeat(n % 400), (n: number) => '世界'.repeat(n % 90), (n: number) => '🚀 up '.repeat(n % 40), (n: number) => 'e\u0301'.repeat(n % 300), (n: number) => '\tb'.repeat(n % 20)]
  const name = `wrap-${width}`
  await built(world, name, oneTask({ FAKE_STDOUT: lines(600, (line) => (line <= 300 ? 'x'.repeat((line * 7) % 400) : (kinds[line % 5] ?? String)(line)) || '-') }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width, height: 800 } })
  const { page } = tab
  await page.goto(`/teams/main/pipelines/${name}/jobs/unit/builds/1`)
  await complete(page)
  const plan = await page.locator('[role=treeitem][aria-selected=true]').getAttribute('data-step')
  for (const line of [200, 480]) {
    await page.goto('about:blank')
    await page.goto(`/teams/main/pipelines/${name}/jobs/unit/builds/1#L${plan}:${line}`)
    await page.locator(`[data-line="${line}"]`).waitFor()
    await expect.poll(async () => ({ ...(await atTop(page)), bad: await badRows(page) })).toEqual({ line, by: 0, bad: [] })
  }
  await tab.picture(name)
})

test('a step that printed nothing says so', async () => {
  await built(world, 'silent', oneTask())
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  await tab.page.goto('/teams/main/pipelines/silent/jobs/unit/builds/1')
  await tab.page.getByText('It printed nothing.').waitFor()
})

test('keys and arrows move between steps and tabs, and what is chosen is in the URL', async () => {
  await built(world, 'keys', manySteps({ FAKE_STDOUT: 'one\nerror: two\nthree\npanic: four' }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/keys/jobs/unit/builds/1')
  await complete(page)
  await page.keyboard.press('e')
  await page.waitForURL((url) => url.hash.endsWith(':2'))
  await page.keyboard.press('e')
  await page.waitForURL((url) => url.hash.endsWith(':4'))
  await page.keyboard.press('[')
  await page.locator('[role=treeitem][aria-selected=true]').getByText('mac').first().waitFor()
  await page.waitForURL((url) => url.searchParams.has('step'))
  await page.getByRole('tab', { name: 'Log' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tabpanel', { name: 'Image & container' }).getByText(`${image.host()}/tools`).first().waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('tab')).toBe('image')
  await page.reload()
  await page.getByRole('tabpanel', { name: 'Image & container' }).waitFor()
})

test('who may not do something sees it, and which role it needs', async () => {
  await built(world, 'roles', oneTask())
  await using tab = await openTab(world.browser, world.server, { person: 'vera' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/roles/jobs/unit/builds/1')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  const trigger = page.getByRole('button', { name: 'Trigger', exact: true })
  await expect.poll(() => trigger.getAttribute('title')).toBe('You need the role pipeline-operator in team main')
  await expect.poll(() => trigger.getAttribute('aria-disabled')).toBe('true')
})

test('output is text, whatever markup, sequences and links it has', async () => {
  const bad = ['<img src=x onerror="window.__x=1">', '<script>window.__x=1</script>', '\u001b]8;;javascript:alert(1)\u0007run\u001b]8;;\u0007', '\u001b]52;c;ZXZpbA==\u0007copied', '\u202egnp.exe']
  await built(world, 'corpus', oneTask({ FAKE_STDOUT: bad.join('\n') }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/corpus/jobs/unit/builds/1')
  await complete(page)
  await expect.poll(() => page.locator('[data-line] span:last-child').allTextContents()).toEqual([bad[0], bad[1], 'run', 'copied', '\ufffdgnp.exe'])
  expect(await page.locator('[data-line] a[target]').count()).toBe(0)
  expect(await page.evaluate(() => (window as { __x?: unknown }).__x)).toBeUndefined()
})

test('what was read of a build stays when it is removed, and the page says so', async () => {
  const { id } = await built(world, 'removed', oneTask({ FAKE_STDOUT: 'read before' }))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${id}`)
  await page.getByText('read before').waitFor()
  await (await world.server.as('ana')).call('DELETE', '/teams/main/pipelines/removed')
  await page.getByText('This build is no longer kept. What was read of it stays until you leave the page.').waitFor()
  expect(await page.getByText('read before').isVisible()).toBe(true)
  await tab.picture('build-removed')
})
