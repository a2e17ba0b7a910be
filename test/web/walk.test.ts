import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const yaml = (params: Readonly<Record<string, string>>): string => `jobs:
- name: hello
  plan:
  - task: say-hello
    params: ${JSON.stringify(params)}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: registry.example/tools}}
      run: {path: sh}
`

/** Counts clicks by what they were for. */
function counting() {
  const clicks: string[] = []
  return {
    clicks,
    click: async (what: Locator, name: string): Promise<void> => {
      await what.click()
      clicks.push(name)
    },
  }
}

test('a person goes from an empty server to a green build, a failed one, its cause and a fixed one, in the browser alone', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  const { clicks, click } = counting()
  const button = (name: string, exact = true): Locator => page.getByRole('button', { name, exact })
  const run = async (word: string): Promise<void> => {
    await click(button('Trigger hello'), 'Trigger')
    await click(page.getByRole('status').getByRole('link', { name: /^#/ }), 'the new build')
    await page.getByRole('heading', { level: 1, name: new RegExp(`^hello #\\d+ ${word}$`) }).waitFor()
  }
  const setAnew = async (params: Readonly<Record<string, string>>): Promise<void> => {
    await click(page.getByRole('link', { name: 'Config' }), 'Config')
    await expect.poll(() => page.getByRole('region', { name: 'Config as YAML' }).getByRole('listitem').filter({ hasText: 'name: hello' }).getAttribute('class')).toMatch(/marked/)
    await click(button('Edit…'), 'Edit')
    await save(params)
    // The job whose build led here is shown, to be triggered.
    await page.waitForURL('/teams/main/pipelines/greeter?job=hello')
  }
  const save = async (params: Readonly<Record<string, string>>): Promise<void> => {
    await page.getByRole('textbox', { name: 'Config' }).fill(yaml(params))
    await click(button('Set pipeline'), 'Set pipeline')
  }

  await page.goto('/')
  await click(page.getByRole('main').getByRole('link', { name: 'Log in' }), 'Log in')
  await page.getByLabel('Username').fill('ana')
  await page.getByLabel('Password').fill('ana')
  await click(button('Log in'), 'Log in')
  await click(button('Set a pipeline here'), 'Set a pipeline here')
  const focused = (name: string) => page.getByRole('textbox', { name }).evaluate((box) => box === document.activeElement)
  expect(await focused('Name')).toBe(true)
  // What cannot be pressed looks so.
  const colour = (name: string) => button(name).evaluate((it) => getComputedStyle(it).backgroundColor)
  expect(await colour('Set pipeline')).toBe(await colour('Cancel'))
  // Escape loses nothing that was typed.
  await page.keyboard.type('greeter')
  await page.keyboard.press('Escape')
  await button('Set a pipeline here').click()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('greeter')
  expect(await accessibilityFindings(page)).toEqual([])
  await tab.picture('set-pipeline')
  // What is wrong is told where it is typed, and nothing is set.
  tab.expectRefusal('400 PUT /api/v1/teams/main/pipelines/greeter/config')
  await page.getByRole('textbox', { name: 'Config' }).fill('jobs:\n- name: hello\n  plan: [{tusk: x}]\n')
  await button('Set pipeline').click()
  await page.getByRole('alert').filter({ hasText: 'tusk' }).waitFor()
  expect(await page.getByRole('alert').textContent()).toBe('jobs.hello.plan[0]: a task needs `file` or `config`\njobs.hello.plan[0].tusk: there is no step `tusk` (did you mean `task`?)')
  await save({ FAKE_STDOUT: 'hello' })
  await click(button('Unpause'), 'Unpause')
  await click(page.getByRole('list', { name: /^Jobs/ }).getByRole('link', { name: /^hello/ }), 'the job in the graph')
  await run('succeeded')
  await setAnew({ FAKE_STDOUT: 'hello\nerror: nobody is there', FAKE_EXIT: '3' })
  await run('failed')
  await page.getByText(/^task say-hello exited 3/).waitFor()
  await tab.picture('walk-failed')
  await click(page.getByRole('button', { name: /^line \d+$/ }), 'the first error')
  await page.waitForURL(/#L/)
  await tab.picture('walk-cause')
  await setAnew({ FAKE_STDOUT: 'hello' })
  await run('succeeded')
  expect(clicks).toHaveLength(19)
  expect(await buildsOf(page)).toEqual(['#3 succeeded', '#2 failed', '#1 succeeded'])
})

const buildsOf = async (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => ((await (await fetch('/api/v1/teams/main/pipelines/greeter/jobs/hello/builds')).json()) as { name: string; status: string }[]).map(({ name, status }) => `#${name} ${status}`))
