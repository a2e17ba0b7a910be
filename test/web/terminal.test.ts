import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

// What is typed the fake runtime's shell prints (src/runtime/fake/interception.ts); a real one is src/runtime/conformance's matter.
test('a terminal shows what is typed, tells the container its size, and says how the shell ended', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('terminal', `jobs:${taskJob('unit', { FAKE_HOLD: 'terminal' })}`)
  const build = await api.trigger('terminal', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/terminal/jobs/unit/builds/1?tab=image')
  const href = await page.getByRole('link', { name: 'Open terminal' }).first().getAttribute('href')
  await page.goto(href ?? '')
  const shown = (text: RegExp) => page.locator('.xterm-accessibility').filter({ hasText: text }).waitFor({ state: 'attached' })
  const line = async (text: string): Promise<void> => {
    await page.keyboard.type(text)
    await page.keyboard.press('Control+j')
  }
  await page.getByText('Connected: bash.').waitFor()
  await page.getByRole('heading', { level: 1, name: 'unit in unit #1' }).waitFor()
  await line('size')
  await shown(/\d{3}x\d+/)
  await page.setViewportSize({ width: 390, height: 700 })
  await page.waitForFunction(() => document.querySelector('.xterm-screen')!.getBoundingClientRect().width < 390)
  await line('size')
  await shown(/\D\d\dx\d+/)
  await tab.picture('terminal-390')
  await page.keyboard.press('F6')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(`/builds/${build}`)
  expect(await accessibilityFindings(page)).toEqual([])
  await page.locator('.xterm-helper-textarea').focus()
  await line('exit 7')
  await page.getByText('The shell ended with exit status 7.').waitFor()
  await page.setViewportSize({ width: 1440, height: 900 })
  await tab.picture('terminal-1440')
  world.server.fake.let('terminal')
  await api.ended(build)
})

test('W21: who may not open a terminal, or a container that is gone, is told in words', async () => {
  for (const [person, said] of [['vera', 'You need the role member in team main to open a terminal.'], ['ana', 'There is no such container any more']] as const) {
    await using tab = await openTab(world.browser, world.server, { person })
    tab.expectRefusal('404 GET /api/v1/teams/main/containers/gone')
    await tab.page.goto('/terminal?team=main&handle=gone')
    await tab.page.getByText(said).waitFor()
  }
})

// Images of this world are found by nodes, and checks in such do not share a container; that the server lists those that wait is test/e2e/fly's matter.
test('the container of a check that waits for the next one is shown on the page of its team, and offered to admins', async () => {
  const waiting = { id: 'p-check-1', worker_name: 'docker', state: 'created', type: 'check', resource_name: 'repo', pipeline_name: 'checked' }
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.route((url) => url.pathname === '/api/v1/teams/main/containers', (route) => route.fulfill({ json: [waiting] }))
  await page.route((url) => url.pathname === '/api/v1/teams/main/containers/p-check-1', (route) => route.fulfill({ json: waiting }))
  // The server has no such container.
  tab.expectConsole(/p-check-1\/hijack' failed: .* 404/)
  await page.goto('/teams/main')
  const row = page.getByRole('table', { name: 'Containers of team main' }).getByRole('row').filter({ hasText: 'p-check-1' })
  await row.getByText('check of checked').waitFor()
  const link = row.getByRole('link', { name: 'Terminal' })
  expect(await link.getAttribute('href')).toBe('/terminal?team=main&handle=p-check-1')
  await page.goto('/terminal?team=main&handle=p-check-1')
  await page.getByRole('heading', { level: 1, name: 'repo', exact: true }).waitFor()
  expect(await page.locator('#leave').getAttribute('href')).toBe('/teams/main')

  // As a member that is no admin.
  await page.route((url) => url.pathname === '/api/v1/user', async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), is_admin: false } })
  })
  await page.reload()
  await page.getByText('You need to be an administrator of this server to open a terminal in a check.').waitFor()
  // Nor does the connection say who it is.
  await page.routeWebSocket('**/api/v1/watch', () => undefined)
  await page.goto('/teams/main')
  await row.waitFor()
  expect(await link.count()).toBe(0)
})

test('a terminal whose container is gone says so when it is opened again, and offers it no more', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('over', `jobs:${taskJob('unit', { FAKE_HOLD: 'over', FAKE_STDOUT: 'begun\nends', FAKE_SPLIT: '6' })}`)
  const build = await api.trigger('over', 'unit')
  await api.events(build, 'begun')
  const containers = () => api.call<{ readonly id: string }[]>('GET', `/teams/main/containers?build_id=${build}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/terminal?team=main&handle=${(await containers())[0]?.id}`)
  await page.getByText('Connected: bash.').waitFor()
  await page.keyboard.type('exit 0')
  await page.keyboard.press('Control+j')
  await page.getByText('The shell ended with exit status 0.').waitFor()
  world.server.fake.let('over')
  await api.ended(build)
  await expect.poll(containers).toEqual([])
  tab.expectRefusal('404 GET /api/v1/teams/main/containers/')
  await page.getByRole('button', { name: 'Open again' }).click()
  await page.getByText('There is no such container any more').waitFor()
  expect(await page.getByRole('button', { name: 'Open again' }).count()).toBe(0)
})

test('who is not logged in gets from a terminal to the login and back', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  tab.expectRefusal('404 GET /api/v1/teams/main/containers/gone')
  await page.goto('/terminal?team=main&handle=gone')
  await page.getByText('Log in to open a terminal.').waitFor()
  await page.getByRole('link', { name: 'Log in' }).click()
  await page.getByLabel('Username').fill('ana')
  await page.getByLabel('Password').fill('ana')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL('/terminal?team=main&handle=gone')
  await page.getByText('There is no such container any more').waitFor()
})
