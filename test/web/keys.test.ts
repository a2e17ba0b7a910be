import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { byMouseAndKeyboard } from './harness/press.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

test('the list of keys has those of the page, and switches them off and on', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('keys', `jobs:${taskJob('unit', { FAKE_HOLD: 'keys' })}`)
  await api.trigger('keys', 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const icon = () => page.evaluate(() => decodeURIComponent(document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href ?? ''))
  await page.goto('/teams/main/pipelines/keys/jobs/unit/builds/1')
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  await expect.poll(icon).toContain('stroke-dasharray="28 13"')
  world.server.fake.let('keys')
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await expect.poll(icon).toContain('#0d9e84')
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keys of this page' })
  for (const does of ['Rerun', 'Trigger', 'select the step after', 'go to the next error', 'go to the dashboard', 'find in the log']) await dialog.getByText(does, { exact: true }).waitFor()
  for (const [colorScheme, width] of [['light', 1440], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await tab.picture(`keys-${colorScheme}-${width}`)
    expect(await accessibilityFindings(page)).toEqual([])
  }
  await dialog.getByRole('checkbox', { name: 'Keys without Ctrl are on' }).uncheck()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  // The window is too narrow for the button in the top bar.
  await page.getByRole('button', { name: 'Search pipelines, jobs, versions, builds' }).click()
  await page.getByRole('button', { name: 'Keys of this page' }).click()
  await dialog.getByRole('checkbox').check()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Keys of this page' }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(new URL(page.url()).pathname).toBe('/teams/main/pipelines/keys/jobs/unit/builds/1')
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.waitForURL((url) => url.pathname === '/')
  await expect.poll(icon).not.toContain('data:')
})

test.each(byMouseAndKeyboard)('W16: pauses and unpauses a job, triggers it, and comments, aborts and runs its build again, by %s', async (how, { press, type }) => {
  const name = `acts-${how}`
  const path = `/teams/main/pipelines/${name}`
  const api = await world.server.as('ana')
  await api.setPipeline(name, `jobs:${taskJob('unit', { FAKE_HANG: 'yes' })}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const button = (label: string) => page.getByRole('button', { name: label, exact: true })
  const builds = () => api.call<{ id: number }[]>('GET', `${path}/jobs/unit/builds`)
  const paused = async () => (await api.call<{ paused?: boolean }>('GET', `${path}/jobs/unit`)).paused === true
  await page.goto(`${path}/jobs/unit`)
  await press(button('Pause'))
  await page.getByText(/^Paused by ana/).waitFor()
  expect(await paused()).toBe(true)
  await press(button('Unpause'))
  await page.getByText(/^Paused by ana/).waitFor({ state: 'detached' })
  expect(await paused()).toBe(false)

  await press(button('Trigger'))
  await press(page.getByRole('status').getByRole('link', { name: '#1' }))
  await page.getByRole('heading', { level: 1, name: 'unit #1 running' }).waitFor()
  const [{ id } = { id: 0 }] = await builds()
  const commented = async () => (await api.call<{ comment?: string }>('GET', `/builds/${id}`)).comment
  for (const [opens, text] of [['Comment', 'hangs since the move'], ['Change the comment', 'known: see the wiki']] as const) {
    await press(button(opens))
    await type(page.getByRole('textbox', { name: 'Comment on the build' }), text)
    await tab.picture(`comment-${how}`)
    await press(button('Save the comment'))
    await page.getByRole('main').getByText(text).waitFor()
    expect(await commented()).toBe(text)
  }
  await press(button('Abort'))
  await press(page.getByRole('dialog').getByRole('button', { name: 'Abort', exact: true }))
  await page.getByRole('heading', { level: 1, name: 'unit #1 aborted' }).waitFor()
  expect(await api.ended(id)).toBe('aborted')
  await press(button('Rerun'))
  await press(page.getByRole('status').getByRole('link', { name: '#1.1' }))
  await page.getByRole('heading', { level: 1, name: 'unit #1.1 running' }).waitFor()
  const [again] = await builds()
  await api.call('PUT', `/builds/${again?.id}/abort`)
  expect(await api.ended(again?.id ?? 0)).toBe('aborted')
  await page.goto(`${path}/jobs/unit`)
  await page.getByText('known: see the wiki').waitFor()
})
