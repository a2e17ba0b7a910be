import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab, type Tab } from './harness/browser.ts'
import { loginMs } from './harness/web-server.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

async function logIn(page: Page, person: string): Promise<void> {
  await page.getByLabel('Username').fill(person)
  await page.getByLabel('Password').fill(person)
  await page.getByRole('button', { name: 'Log in' }).click()
}

const logInLink = (page: Page) => page.getByRole('banner').getByRole('link', { name: 'Log in' })

test('W18: a login leads back to the page, with its query and hash', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  await page.goto('/builds?status=failed%2Cerrored&hash=no#L4:2')
  await logInLink(page).click()
  await logIn(page, 'vera')
  await page.getByRole('heading', { level: 1, name: 'Builds' }).waitFor()
  await expect.poll(() => page.url()).toBe(`${world.server.url}/builds?status=failed%2Cerrored&hash=no#L4:2`)
})

test('W18: a login leads nowhere but to this server, whatever its link names', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', '/%5cevil.example', 'https:evil.example', 'javascript:alert(1)', '/\t/evil.example', 'http://evil.example@127.0.0.1/']) {
    await page.goto(`/login?redirect_uri=${encodeURIComponent(to)}`)
    await logIn(page, 'vera')
    await page.getByRole('banner').getByRole('link', { name: 'vera' }).waitFor()
    expect(new URL(page.url()).origin, to).toBe(world.server.url)
    await tab.context.clearCookies()
  }
})

const pipeline = (name: string): string => `/teams/main/pipelines/${name}`

/** All that the page's JavaScript holds, its strings among them, after what is not needed was collected. */
async function memoryOf(page: Page): Promise<string> {
  const devtools = await page.context().newCDPSession(page)
  const chunks: string[] = []
  devtools.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => void chunks.push(chunk))
  await devtools.send('HeapProfiler.collectGarbage')
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await devtools.detach()
  return chunks.join('')
}

interface Opened {
  readonly path: string
  readonly page: Page
  readonly sockets: readonly { isClosed(): boolean }[]
}

/** Another page of a browser, and its connections. */
async function opened(tab: Tab, path: string, ready: (page: Page) => Promise<unknown>): Promise<Opened> {
  const page = await tab.context.newPage()
  const sockets: { isClosed(): boolean }[] = []
  page.on('websocket', (socket) => void sockets.push(socket))
  await page.goto(path)
  await ready(page)
  return { path, page, sockets }
}

/** What is looked for in a page is in its memory for that: this word is not. */
const unsaid = 'and-one-more'

/** A page whose login is over shows, holds and follows nothing that was for its user alone. */
async function isEmptied({ page, path, sockets }: Opened): Promise<void> {
  await logInLink(page).waitFor()
  await page.waitForFunction(() => !/words-of-the-log|local:vera|Trigger|never ran/.test(document.querySelector('main')?.textContent ?? ''))
  await page.getByRole('main').getByRole('link', { name: 'Log in' }).first().waitFor()
  await expect.poll(() => sockets[0]?.isClosed(), { message: path }).toBe(true)
  // Workers hold logs and graphs.
  await expect.poll(() => page.workers().length, { message: path }).toBe(0)
  await expect.poll(async () => (await memoryOf(page)).includes(unsaid), { message: path }).toBe(false)
}

test('W18: a logout in another tab empties every page and its memory, and closes its connection', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('left', `jobs:${taskJob('unit', { FAKE_STDOUT: `words-of-the-log ${unsaid}` })}`)
  await api.ended(await api.trigger('left', 'unit'))
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectRefusal('401 ')
  const pages = await Promise.all([
    opened(tab, '/', (page) => page.getByRole('link', { name: 'left' }).waitFor()),
    opened(tab, pipeline('left'), (page) => page.getByRole('link', { name: /^unit/ }).waitFor()),
    opened(tab, `${pipeline('left')}/config`, (page) => page.getByText('words-of-the-log').waitFor()),
    opened(tab, `${pipeline('left')}/jobs/unit`, (page) => page.getByRole('link', { name: '#1' }).first().waitFor()),
    opened(tab, `${pipeline('left')}/jobs/unit/builds/1`, (page) => page.locator('[data-line]').first().waitFor()),
    opened(tab, '/teams/main', (page) => page.getByText('local:vera').first().waitFor()),
  ])
  const config = pages[2].page
  expect(await memoryOf(config)).toContain(unsaid)
  await tab.page.goto('/account')
  await tab.page.getByRole('button', { name: 'Log out' }).click()
  for (const page of pages) await isEmptied(page)
})

// The browser counts from when the cookie came: by its clock it removes it a moment after the server's end of the login, or before.
test.each(['has removed', 'still sends'])('W18: a login that ends by time alone, whose cookie the browser %s, empties the pages that are open, and a new one leads back to them', async (cookie) => {
  const api = await world.server.as('ana')
  const name = `ends-${cookie.replace(' ', '-')}`
  await api.setPipeline(name, `jobs:${taskJob('unit', { FAKE_STDOUT: `words-of-the-log ${unsaid}\nsecond half`, FAKE_SPLIT: '20', FAKE_HOLD: name })}`)
  const build = await api.trigger(name, 'unit')
  await api.events(build, 'words-of-the-log')
  await api.setPipeline(`open-${name}`, `jobs:${taskJob('unit')}`, { paused: true })
  await api.call('PUT', `${pipeline(`open-${name}`)}/expose`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectRefusal('401 ')
  const [, plan] = /"id":"([^"]+)"/.exec(await api.events(build, 'words-of-the-log')) ?? expect.unreachable('no step')
  const log = (page: Page) => page.locator('[data-line="1"]').waitFor()
  const pages = await Promise.all([
    opened(tab, `${pipeline(name)}/jobs/unit/builds/1?tab=log#L${plan}:1`, log),
    opened(tab, `${pipeline(name)}/config#all`, (page) => page.getByText('words-of-the-log').waitFor()),
    opened(tab, `${pipeline(name)}?show=list`, (page) => page.getByRole('row', { name: /unit/ }).waitFor()),
  ])
  const forAll = await opened(tab, pipeline(`open-${name}`), (page) => page.getByRole('button', { name: 'Unpause' }).first().waitFor())
  // Servers look each minute: this one is still in time.
  world.server.clock.advance(loginMs - 600_000)
  world.server.fake.let(name)
  await pages[0].page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await pages[0].page.locator('[data-line="2"]').waitFor()
  expect(await memoryOf(pages[1].page)).toContain(unsaid)
  expect(pages.map(({ sockets }) => sockets.map((socket) => socket.isClosed()))).toEqual([[false], [false], [false]])
  if (cookie === 'has removed') await tab.context.clearCookies()
  world.server.clock.advance(600_000)
  for (const page of pages) {
    await isEmptied(page)
    expect(page.page.url()).toBe(world.server.url + page.path)
  }
  // What is for everybody stays, as strangers see it, and is followed.
  await logInLink(forAll.page).waitFor()
  await expect.poll(() => forAll.page.getByRole('button', { name: 'Unpause' }).first().getAttribute('title')).toBe('Log in to do this')
  await forAll.page.getByRole('link', { name: 'unit, never ran' }).waitFor()
  const later = await world.server.as('ana')
  await later.call('PUT', `${pipeline(`open-${name}`)}/unpause`)
  await forAll.page.getByRole('button', { name: 'Pause' }).first().waitFor()
  const [{ page, path }] = pages
  await page.getByRole('main').getByRole('link', { name: 'Log in' }).first().click()
  await logIn(page, 'ana')
  await log(page)
  await expect.poll(() => page.url()).toBe(world.server.url + path)
})

test('W18: pages opened with the cookie of a login that is over show and follow what is for everybody', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('for-all', `jobs:${taskJob('unit', { FAKE_STDOUT: 'for all' })}  public: true`)
  await api.call('PUT', `${pipeline('for-all')}/expose`)
  await api.ended(await api.trigger('for-all', 'unit'))
  const shown: Record<string, (page: Page) => Promise<unknown>> = {
    '': (page) => page.getByRole('link', { name: 'unit #1, succeeded' }).waitFor(),
    '/jobs/unit': (page) => page.getByRole('link', { name: '#1' }).first().waitFor(),
    '/jobs/unit/builds/1': (page) => page.locator('[data-line="1"]').waitFor(),
  }
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectRefusal('401 ')
  tab.expectConsole(/^WebSocket connection .* HTTP Authentication failed/)
  const ended = await tab.context.cookies()
  world.server.clock.advance(loginMs)
  for (const [path, ready] of Object.entries(shown)) {
    // An answer to the page before has taken it from the browser.
    await tab.context.addCookies(ended)
    await tab.page.goto(pipeline('for-all') + path)
    await logInLink(tab.page).waitFor()
    await ready(tab.page)
    expect(await tab.context.cookies(), path).toEqual([])
  }
})

test('W18: a role that is taken while pages are open empties them, and given again fills them', async () => {
  const api = await world.server.as('ana')
  const auth = (viewers: readonly string[]) => api.call('PUT', '/teams/lent', { auth: { owner: { users: ['local:ana'] }, ...(viewers.length > 0 && { viewer: { users: viewers } }) } })
  await auth(['local:max'])
  // Somebody whom no team knows is logged out: there is another.
  await api.call('PUT', '/teams/guests', { auth: { owner: { users: ['local:max'] } } })
  await api.setPipeline('lent', `jobs:${taskJob('unit')}`, { team: 'lent' })
  await using tab = await openTab(world.browser, world.server, { person: 'max' })
  tab.expectRefusal('403 GET')
  const config = await tab.context.newPage()
  await tab.page.goto('/teams/lent/pipelines/lent')
  await config.goto('/teams/lent/pipelines/lent/config')
  const shown = async (): Promise<void> => {
    await tab.page.getByRole('link', { name: /^unit/ }).waitFor()
    await config.getByText('registry.example/tools').waitFor()
  }
  await shown()
  await auth([])
  await tab.page.getByRole('heading', { name: 'You may not see pipeline lent' }).waitFor()
  await config.getByRole('heading', { name: 'You may not see the config of lent' }).waitFor()
  await expect.poll(() => config.getByText('registry.example/tools').count()).toBe(0)
  await auth(['local:max'])
  await shown()
})

test('W18: an action after the login has ended is refused in words, and the page asks to log in', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('expired', `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  tab.expectRefusal('401 ')
  const { page } = tab
  await page.goto(`${pipeline('expired')}?show=list`)
  await page.getByRole('row', { name: /unit/ }).waitFor()
  // As a browser does when the session's time is over.
  await tab.context.clearCookies()
  await page.getByRole('button', { name: /^Pause/ }).first().click()
  await page.getByText(/^Pause: /).waitFor()
  await logInLink(page).waitFor()
  await page.getByRole('heading', { name: 'Log in to see pipeline expired' }).waitFor()
  await expect.poll(() => page.getByRole('row').count()).toBe(0)
  await logInLink(page).click()
  await logIn(page, 'ana')
  await page.getByRole('row', { name: /unit/ }).waitFor()
  await expect.poll(() => page.url()).toBe(`${world.server.url}${pipeline('expired')}?show=list`)
})
