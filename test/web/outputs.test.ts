import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Download } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const yaml = (outputs: readonly string[], params: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({
    jobs: [{ name: 'unit', plan: [{ task: 'unit', params, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, outputs: outputs.map((name) => ({ name })), run: { path: 'sh' } } }] }],
  })

async function built(pipeline: string, outputs: readonly string[], params: Readonly<Record<string, string>> = {}): Promise<string> {
  const api = await world.server.as('ana')
  await api.setPipeline(pipeline, yaml(outputs, params))
  expect(await api.ended(await api.trigger(pipeline, 'unit'))).toBe('succeeded')
  return `/teams/main/pipelines/${pipeline}/jobs/unit/builds/1?tab=outputs`
}

const bytesOf = async (download: Download): Promise<Buffer> => buffer(await download.createReadStream())

const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('W22: the files of an output are listed, read and downloaded, and none of them runs', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))
  const script = '<script>window.__x = 1</script>'
  await world.server.storeOutput('site', {
    'all.bin': bytes, 'p.png': picture, 'x.html': script, 'x.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="window.__x = 1"/>`, 'docs/a..b/read me.txt': 'grün\nand more', 'docs/empty': '', 'docs/...': 'three dots', '../up': 'above',
    'line\nbreak': 'one line', '\u202egpj.exe': 'r', '<img src=x onerror="window.__x=1">': 'm', 'long.txt': 'z'.repeat(100_000),
  })
  const url = await built('files', ['site'])
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(url)
  const table = page.getByRole('table')
  await table.waitFor()
  expect(await table.locator('tbody tr td:first-child').allTextContents()).toEqual(['../', '<img src=x onerror="window.__x=1">', 'all.bin', 'docs/', 'line␊break', 'long.txt', 'p.png', 'x.html', 'x.svg', '\ufffdgpj.exe'])

  const preview = (name: string) => page.getByRole('region', { name, exact: true })
  const open = async (name: string) => {
    await table.getByRole('button', { name, exact: true }).click()
    await preview(name).waitFor()
  }
  for (const [name, text] of [['x.html', script], ['x.svg', 'onload='], ['line␊break', 'one line'], ['all.bin', 'It is no text: download it.'], ['long.txt', 'the first 65.5 kB of 100.0 kB']] as const) {
    await open(name)
    await preview(name).getByText(text).waitFor()
  }
  expect(await preview('long.txt').locator('pre').textContent()).toHaveLength(65_536)
  await tab.picture('outputs-light-1440')
  await open('p.png')
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('img[alt="p.png"]')?.naturalWidth === 1)
  const [download] = await Promise.all([page.waitForEvent('download'), table.getByRole('link', { name: 'Download all.bin' }).click()])
  expect([download.suggestedFilename(), (await bytesOf(download)).equals(bytes)]).toEqual(['all.bin', true])

  await table.getByRole('button', { name: 'docs/' }).click()
  await table.getByRole('button', { name: 'a..b/' }).click()
  await open('read me.txt')
  await preview('read me.txt').getByText('grün and more').waitFor()
  const [nested] = await Promise.all([page.waitForEvent('download'), table.getByRole('link', { name: 'Download read me.txt' }).click()])
  expect(nested.suggestedFilename()).toBe('read me.txt')
  await page.getByRole('navigation', { name: 'Folder of site' }).getByRole('button', { name: 'docs' }).click()
  await open('...')
  await preview('...').getByText('three dots').waitFor()
  await page.getByRole('button', { name: 'site', exact: true }).click()
  await table.getByRole('button', { name: '../' }).click()
  await open('up')
  await preview('up').getByText('above').waitFor()
  await page.getByRole('button', { name: 'site', exact: true }).click()
  const [odd] = await Promise.all([page.waitForEvent('download'), table.getByRole('link', { name: 'Download \ufffdgpj.exe' }).click()])
  // A name that reads in another direction than it is would hide what the file is.
  expect(odd.suggestedFilename()).not.toContain('\u202e')
  expect(await bytesOf(odd)).toEqual(Buffer.from('r'))
  await table.getByRole('button', { name: 'docs/' }).click()
  await table.getByRole('button', { name: 'a..b/' }).click()
  await page.getByRole('navigation', { name: 'Folder of site' }).getByRole('button', { name: 'docs' }).click()
  await open('empty')
  await preview('empty').getByText('It is empty.').waitFor()
  await page.getByRole('button', { name: 'site', exact: true }).click()
  await table.getByRole('button', { name: 'x.html' }).waitFor()
  expect(await page.evaluate(() => (window as { __x?: unknown }).__x)).toBeUndefined()
  // The address of a file, opened by itself, is a download: what is in it gets no window.
  for (const name of ['x.html', 'x.svg']) {
    const address = (await table.getByRole('link', { name: `Download ${name}` }).getAttribute('href')) ?? ''
    const [opened] = await Promise.all([page.waitForEvent('download'), page.goto(address).catch((error: unknown) => error)])
    expect([opened.suggestedFilename(), new URL(opened.url()).pathname]).toEqual([name, new URL(address, page.url()).pathname])
    expect([new URL(page.url()).pathname, await page.evaluate(() => (window as { __x?: unknown }).__x)]).toEqual([new URL(url, page.url()).pathname, undefined])
  }

  for (const [colorScheme, width] of [['light', 1440], ['dark', 1440], ['light', 390], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await open('x.html')
    await preview('x.html').getByText(script).waitFor()
    await tab.picture(`outputs-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
})

test('a file far down in a folder is shown where one looks, and the focus goes back to its name', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `file-${String(index).padStart(3, '0')}`)
  await world.server.storeOutput('deep', Object.fromEntries(names.map((name) => [`sub/${name}`, name])))
  const url = await built('deep', ['deep'])
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(url)
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await page.getByRole('button', { name: 'sub/' }).press('Enter')
  const last = page.getByRole('button', { name: 'file-299', exact: true })
  await last.waitFor()
  expect(await focused()).toContain('deep/sub')
  // A date, which stays true while the page stays open.
  expect(await page.locator('tbody tr').first().locator('td').nth(3).textContent()).toMatch(/^\d+ \w+ 20\d\d, \d\d:\d\d:\d\d$/)
  await last.press('Enter')
  const preview = page.getByRole('region', { name: 'file-299', exact: true })
  await preview.getByText('file-299', { exact: true }).last().waitFor()
  expect(await preview.evaluate((region) => region.getBoundingClientRect().bottom > 0 && region.getBoundingClientRect().top < innerHeight && document.activeElement === region)).toBe(true)
  await preview.getByRole('button', { name: 'Close' }).press('Enter')
  await preview.waitFor({ state: 'detached' })
  expect(await focused()).toBe('file-299')
})

test('W22: a folder of ten thousand files is shown a page at a time', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `file-${String(index).padStart(5, '0')}`)
  await world.server.storeOutput('many', Object.fromEntries(names.map((name) => [name, name])))
  const url = await built('many', ['many'])
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(url)
  const rows = page.locator('tbody tr')
  // By its text: a role is looked for among all that is in the page, which has thirty thousand cells.
  for (let shown = 500; shown <= 10_000; shown += 500) await page.locator('button', { hasText: `More than ${shown} files: show the next` }).click()
  await page.locator('button', { hasText: 'More than' }).waitFor({ state: 'detached' })
  expect(await rows.locator('td:first-child').allTextContents()).toEqual(names)
})

test('W22: of a file of 1 GiB the page reads what it shows, a browser downloads all of it, and neither the page nor the server grows with it', async () => {
  const size = 1024 ** 3
  const zeros = Buffer.alloc(1024 * 1024)
  const last = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * 7) % 251))
  const content = function* (): Generator<Buffer> {
    for (let at = 0; at < size - last.length; at += zeros.length) yield zeros
    yield last
  }
  await world.server.storeOutput('large', { 'large.bin': { size, content }, 'large.png': { size: 8 * 1024 * 1024 + 1, content: () => [...Array.from({ length: 8 }, () => zeros), Buffer.alloc(1)] } })
  const url = await built('large', ['large'])
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const devtools = await page.context().newCDPSession(page)
  const heap = async (): Promise<number> => {
    await devtools.send('HeapProfiler.collectGarbage')
    return (await devtools.send('Runtime.getHeapUsage')).usedSize
  }
  // As it is asked for: the browser may tell late, or never, of the answer.
  const ranges: (string | undefined)[] = []
  page.on('request', (request) => void (request.url().includes('/raw/') && ranges.push(request.headers()['range'])))
  await page.goto(url)
  const table = page.getByRole('table')
  await table.waitFor()
  const before = await heap()
  const peakMb = (): number => process.resourceUsage().maxRSS / 1024
  const peak = peakMb()
  for (const [name, text] of [['large.bin', 'the first 65.5 kB of 1.1 GB'], ['large.png', 'Pictures of more than 8.4 MB are not shown: download it.']] as const) {
    await table.getByRole('button', { name, exact: true }).click()
    await page.getByRole('region', { name, exact: true }).getByText(text).waitFor()
  }
  await expect.poll(() => ranges).toEqual(['bytes=0-65535'])
  const [download] = await Promise.all([page.waitForEvent('download'), table.getByRole('link', { name: 'Download large.bin' }).click()])
  const [got, sent] = [createHash('sha256'), createHash('sha256')]
  await pipeline(await download.createReadStream(), got)
  for (const chunk of content()) sent.update(chunk)
  expect(got.digest('hex')).toBe(sent.digest('hex'))
  expect((await heap()) - before).toBeLessThan(8 * 1024 * 1024)
  // The server runs in this process, and had stored the file before.
  expect(peakMb() - peak).toBeLessThan(128)
})

test('who may not see files, and what is no longer kept, is told in words', async () => {
  await world.server.storeOutput('kept', { a: 'a' })
  const url = await built('told', ['kept', 'gone'])
  await using member = await openTab(world.browser, world.server, { person: 'ana' })
  await member.page.goto(url)
  await member.page.getByText('no longer kept').waitFor()
  await member.page.getByRole('button', { name: 'Files of kept' }).click()
  await member.page.getByRole('cell', { name: 'a', exact: true }).waitFor()
  await using viewer = await openTab(world.browser, world.server, { person: 'vera' })
  await viewer.page.goto(url)
  await viewer.page.getByText('You need the role member in team main to see their files.').waitFor()
  expect(await viewer.page.getByRole('button', { name: /^Files/ }).count()).toBe(0)
})

const junit = (cases: readonly string[]): string => `<testsuites><testsuite name="shop">${cases.join('')}</testsuite></testsuites>`

test('W23: test reports are shown with those that failed first, with the way to the log, and what was not read', async () => {
  const passed = Array.from({ length: 250 }, (_, index) => `<testcase name="passes ${index}" classname="Shop" time="0.01"/>`)
  await world.server.storeOutput('reports', {
    'a/junit.xml': junit([...passed, '<testcase name="adds &lt;b&gt;up" classname="Cart" time="1.5"><failure message="expected 3">at cart.ts:7</failure></testcase>', '<testcase name="later"><skipped/></testcase>']),
    'TEST-bomb.xml': '<!DOCTYPE x [<!ENTITY a "b">]><testsuite name="bomb"><testcase name="&a;"/></testsuite>',
    'TEST-cut.xml': '<testsuite name="cut"><testcase name="before the cut"/>\n<testcase name="cu',
  })
  const printed = Array.from({ length: 400 }, (_, index) => `passes ${index}`).concat('adds <b>up: expected 3', ...Array.from({ length: 400 }, (_, index) => `line ${index}`))
  const url = (await built('reports', ['reports'], { FAKE_STDOUT: printed.join('\n') })).replace('tab=outputs', 'tab=tests')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  // The summary leads to them.
  await page.goto(url.replace('?tab=tests', ''))
  await page.getByRole('tab', { name: 'Tests 1 / 253', exact: true }).waitFor()
  await page.getByRole('link', { name: '253 tests, 1 failed' }).click()
  await page.waitForURL((at) => at.searchParams.get('tab') === 'tests')
  await page.getByText('1 failed, 1 skipped, 251 passed of 253 tests').waitFor()
  await page.getByText('reports/TEST-bomb.xml: it has a document type (DOCTYPE), which reports do not need and which is not read').waitFor()
  await page.getByText(/^reports\/TEST-cut\.xml: it is not well-formed XML: 2:\d+: .*; the cases before that are listed$/).waitFor()
  const cases = page.locator('li[data-state]')
  expect(await cases.first().locator('b').textContent()).toBe('adds <b>up')
  expect(await cases.count()).toBe(200)
  await page.getByText('expected 3').waitFor()
  await page.getByText('Details').click()
  await page.getByText('at cart.ts:7').waitFor()
  for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await tab.picture(`tests-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
  await page.getByRole('button', { name: '53 more: show the next' }).click()
  await expect.poll(() => cases.count()).toBe(253)
  await page.getByLabel('Find a test').fill('cart')
  await expect.poll(() => cases.count()).toBe(1)
  await page.getByRole('link', { name: 'in the log' }).click()
  await page.waitForURL((at) => at.searchParams.get('q') === 'adds <b>up')
  await page.getByRole('tabpanel', { name: 'Log' }).waitFor()
  await page.getByRole('tabpanel', { name: 'Log' }).locator('[data-line]').filter({ hasText: 'adds <b>up: expected 3' }).locator('mark').waitFor()
})

test('W23: a report of 50 000 cases is shown with what failed in it, a page at a time, and searched', async () => {
  const cases = Array.from({ length: 50_000 }, (_, index) => `<testcase name="case ${index}" classname="Many"${index === 43_210 ? '><failure message="got 7"/></testcase>' : '/>'}`)
  await world.server.storeOutput('most', { 'junit.xml': junit(cases) })
  const url = (await built('most', ['most'])).replace('tab=outputs', 'tab=tests')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(url)
  await page.getByText('1 failed, 49999 passed of 50000 tests').waitFor()
  const shown = page.locator('li[data-state]')
  expect([await shown.count(), await shown.first().locator('b').textContent()]).toEqual([200, 'case 43210'])
  await page.getByText('got 7').waitFor()
  await page.getByLabel('Find a test').fill('case 4321')
  await expect.poll(() => shown.locator('b').allTextContents()).toEqual(['case 43210', 'case 4321', ...Array.from({ length: 9 }, (_, index) => `case ${43_211 + index}`)])
  await page.getByRole('button', { name: /more: show the next/ }).waitFor({ state: 'detached' })
})
