import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServedWorld, type ServedWorld } from '../e2e/served-world.ts'
import { podmanReason } from '../services/podman.ts'
import { logIn, type Api } from './harness/api.ts'
import { openTab, startBrowser, type Tab } from './harness/browser.ts'

/** Pages of `airside web` as a user starts it, with containers of Podman. The images have busybox alone, and so no bash. */
const reason = await podmanReason()

let served: ServedWorld
let browser: Browser
let api: Api
beforeAll(async () => {
  if (reason !== undefined) return
  served = await startServedWorld('web-terminal')
  browser = await startBrowser(Number(new URL(served.url).port))
  api = await logIn(served.url, 'admin', served.password)
})
afterAll(async () => {
  await browser?.close()
  await served?.stop()
})

const task = (name: string, script: string) => ({ task: name, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: `${served.registry}/tools`, tag: '1', insecure: true } }, run: { path: 'sh', args: ['-c', script] } } })
const pipeline = (script: string): string => JSON.stringify({ jobs: [{ name: 'unit', plan: [task('unit', script)] }] })

/** A build whose container runs until its pipe is written to, and the address of a terminal in it. */
async function runningBuild(name: string, before = 'true', after = 'true'): Promise<{ readonly id: number; readonly terminal: string }> {
  await api.setPipeline(name, pipeline(`mkfifo /tmp/go; ${before}; echo re''ady; cat /tmp/go; ${after}`))
  const id = await api.trigger(name, 'unit')
  // The events have the script, too.
  await api.events(id, 'ready')
  const [container] = await api.call<{ readonly id: string }[]>('GET', `/teams/main/containers?build_id=${id}&type=task`)
  return { id, terminal: `/terminal?${new URLSearchParams({ team: 'main', handle: container?.id ?? '' })}` }
}

const openTabOfAdmin = (): Promise<Tab> => openTab(browser, served, { person: { name: 'admin', password: served.password } })

async function openTerminal(page: Page, address: string): Promise<void> {
  await page.goto(address)
  // bash is asked for first.
  await expect.poll(() => page.getByRole('status').textContent()).toBe('Connected: sh.')
}

const type = async (page: Page, line: string): Promise<void> => {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

/** What screen readers are given, which has the lines as they are on the screen. */
const shows = (page: Page, text: RegExp) => page.locator('.xterm-accessibility-tree').filter({ hasText: text }).waitFor({ state: 'attached' })

test.skipIf(reason !== undefined)('W21: a terminal in a container of Podman has the window’s size, colours, Ctrl-C, an exit status, and a second one beside it', async () => {
  const { id, terminal } = await runningBuild('shell')
  await using tab = await openTabOfAdmin()
  const { page } = tab
  await openTerminal(page, terminal)
  await type(page, 'echo size $(stty size) of $TERM')
  await shows(page, /size \d+ 1\d\d of xterm-256color/)
  await page.setViewportSize({ width: 390, height: 700 })
  await page.waitForFunction(() => document.querySelector('.xterm-screen')!.getBoundingClientRect().width < 390)
  await type(page, 'clear; echo size $(stty size)')
  await shows(page, /size \d+ [45]\d\D/)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.waitForFunction(() => document.querySelector('.xterm-screen')!.getBoundingClientRect().width > 1_000)
  await type(page, String.raw`printf '\033[31m%s\033[0m\n' in-''red`)
  await page.locator('.xterm-rows span.xterm-fg-1', { hasText: 'in-red' }).waitFor()

  await using second = await openTabOfAdmin()
  await openTerminal(second.page, terminal)
  await type(second.page, 'echo from the sec""ond > /tmp/second; cat /tmp/second')
  await shows(second.page, /from the second/)
  await type(page, 'cat /tmp/second')
  await shows(page, /from the second/)

  await type(page, 'trap "echo stopp""ed by INT" INT; echo wai""ting; cat')
  await shows(page, /waiting/)
  await page.keyboard.press('Control+c')
  await shows(page, /stopped by INT/)
  await tab.picture('terminal-podman')
  await type(page, 'exit 7')
  await page.getByText('The shell ended with exit status 7.').waitFor()

  // The container ends under the second one.
  for (const one of [tab, second]) one.expectRefusal('404 GET /api/v1/teams/main/containers/')
  await type(second.page, 'echo > /tmp/go')
  await second.page.getByText(/^(The terminal ended: |The connection ended|There is no such container any more)/).waitFor()
  await tab.picture('terminal-podman-ended')
  tab.expectConsole(/\/hijack' failed/)
  await page.getByRole('button', { name: 'Open again' }).click()
  await page.getByText(/^(The terminal ended: |The server refused the terminal|There is no such container any more)/).waitFor()
  expect(await api.ended(id)).toBe('succeeded')
  const audited = await api.call<{ readonly action: string; readonly user?: { readonly name: string }; readonly detail?: unknown }[]>('GET', '/teams/main/audit?limit=100')
  const entries = audited.filter(({ action }) => action === 'HijackContainer').map(({ user, detail }) => JSON.stringify([user?.name, detail]))
  for (const detail of [{ command: ['bash'] }, { command: ['sh'] }, { end: { exit_status: 7 } }]) expect(entries).toContain(JSON.stringify(['local:admin', detail]))
})

/** All that holds other steps, around a task that fails twice. */
const manySteps = (): string =>
  JSON.stringify({
    resource_types: [{ name: 'letterbox', type: 'registry-image', source: { repository: `${served.registry}/letterbox-resource`, insecure: true } }],
    resources: [{ name: 'greeting', type: 'letterbox', source: { letters: ['Dear pipeline,'] } }],
    jobs: [{
      name: 'unit',
      plan: [
        { get: 'greeting' },
        { in_parallel: [task('lint', 'echo clean'), task('vet', 'echo fine')] },
        { ...task('try', 'echo on ((.:os))'), across: [{ var: 'os', values: ['linux', 'mac'] }] },
        { ...task('unit', 'echo compiling; echo error: no such file: main.c; echo giving up; exit 3'), attempts: 2, on_failure: task('alert', 'echo red'), ensure: task('cleanup', 'echo gone') },
        task('package', 'echo never'),
      ],
    }],
  })

/** Each state that the page shows of a step that holds no others, in the order in which it does: what holds attempts waits again behind one that ran. */
function recordStates(): void {
  const seen: Record<string, string[]> = {}
  Object.assign(window, { seen })
  new MutationObserver(() => {
    for (const item of document.querySelectorAll<HTMLElement>('[role=treeitem]')) {
      const { dataset } = item
      if (/^(?:in_parallel|across|retry)/.test(item.querySelector('[title]')?.getAttribute('title') ?? '')) continue
      const states = (seen[dataset['step'] ?? ''] ??= [])
      if (states.at(-1) !== dataset['state']) states.push(dataset['state'] ?? '')
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] })
}
const order = ['pending', 'waiting', 'running', 'ended']
const rank = (state: string): number => Math.max(0, order.indexOf(order.includes(state) ? state : 'ended'))

test.skipIf(reason !== undefined)('W8: a build with all kinds of steps on Podman is shown as planned while it runs, and the step that failed with its log', async () => {
  await api.setPipeline('tree', manySteps())
  await using tab = await openTabOfAdmin()
  const { page, context } = tab
  await page.addInitScript(recordStates)
  const id = await api.trigger('tree', 'unit')
  await page.goto('/teams/main/pipelines/tree/jobs/unit/builds/1')
  expect(await api.ended(id)).toBe('failed')
  await page.getByRole('heading', { level: 1, name: 'unit #1 failed' }).waitFor()
  await page.getByText('complete', { exact: true }).waitFor()
  const rows = () => page.getByRole('treeitem').evaluateAll((items) => items.map((item) => `${item.getAttribute('aria-level')} ${item.querySelector('[title]')?.getAttribute('title')} ${(item as HTMLElement).dataset['state']}`))
  await expect.poll(async () => (await rows()).filter((row) => !row.startsWith('2 image ') && !row.startsWith('3 image '))).toEqual([
    '1 get greeting succeeded',
    '1 in_parallel 2 of 2 succeeded', '2 task lint succeeded', '2 task vet succeeded',
    '1 across 2 of 2 succeeded', '2 task try linux succeeded', '2 task try mac succeeded',
    '1 retry 0 of 2 failed', '2 task unit attempt 1 · exit 3 failed', '2 task unit attempt 2 · exit 3 failed', '2 on_failure task alert succeeded', '2 ensure task cleanup succeeded',
    '1 task package not reached skipped',
  ])
  const seen = await page.evaluate(() => (window as unknown as { seen: Record<string, string[]> }).seen)
  for (const states of Object.values(seen)) expect(states.map(rank)).toEqual(states.map(rank).toSorted((a, b) => a - b))
  await expect.poll(() => page.locator('[role=treeitem][aria-selected=true] [title]').first().getAttribute('title')).toMatch(/^task unit attempt \d/)
  await tab.picture('build-podman-failed')

  const line = (of: Page) => of.locator('[data-line]').filter({ hasText: 'error: no such file: main.c' })
  const [other] = await Promise.all([context.waitForEvent('page'), line(page).getByRole('link').first().click({ modifiers: ['Control'] })])
  await line(other).waitFor()
  await expect.poll(() => line(other).getAttribute('class')).toContain('selected')
  expect(new URL(other.url()).hash).toMatch(/^#L[^:]+:\d+$/)
})

test.skipIf(reason !== undefined)('W12: a build goes on in its page when its server is killed with SIGKILL and started again; each line comes once', async () => {
  const { id, terminal } = await runningBuild('killed', 'seq 1 2000 | sed "s/^/number /"', 'seq 2001 4000 | sed "s/^/number /"')
  await using tab = await openTabOfAdmin()
  tab.expectConsole(/WebSocket connection .* failed/)
  const { page } = tab
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
  const notLive = page.getByText(/^Not live since/)
  await page.goto(`/builds/${id}`)
  await heading('unit #1 running')
  await page.locator('[data-line]').filter({ hasText: 'ready' }).waitFor()
  await served.kill()
  await notLive.waitFor()
  await heading('unit #1 running')
  await served.startAgain()
  await notLive.waitFor({ state: 'detached' })
  await using second = await openTabOfAdmin()
  await openTerminal(second.page, terminal)
  await type(second.page, 'echo > /tmp/go')
  await heading('unit #1 succeeded')
  await page.getByText('complete', { exact: true }).waitFor()
  // Each line stands in its place: none is missing, and none is there twice.
  const log = page.getByRole('group', { name: 'Lines of the log' })
  const lineOf = async (text: string, top: number): Promise<number> => {
    await log.evaluate((element, to) => element.scrollTo({ top: to }), top)
    return Number(await page.locator('[data-line]').filter({ hasText: new RegExp(`${text}$`) }).getAttribute('data-line'))
  }
  const first = await lineOf('number 1', 0)
  // Between them: `ready`, and the empty line that it waited for.
  for (const [number, more] of [[1_000, 0], [2_000, 0], [2_001, 2], [3_000, 2], [4_000, 2]] as const) expect(await lineOf(`number ${number}`, (number - 10) * 19), String(number)).toBe(first + number - 1 + more)
  expect(await page.locator('footer').textContent()).toContain(`${(first + 4_001).toLocaleString('en-GB')} lines`)
  await tab.picture('killed-podman')
})
