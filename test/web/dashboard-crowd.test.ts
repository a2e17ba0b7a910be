import { expect, test } from 'vitest'
import type { Api } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }
const job = (at: number, params: Readonly<Record<string, string>> = {}) => ({ name: `job-${at}`, plan: [{ task: 'unit', params, config: { platform: 'linux', image_resource: image, run: { path: 'sh' } } }] })
const yaml = (params: Readonly<Record<string, string>> = {}, jobs = 10): string => JSON.stringify({ jobs: Array.from({ length: jobs }, (_, at) => job(at, at === 0 ? params : {})) })
/** Two resources whose checks fail, and one whose check succeeds. */
const broken = JSON.stringify({
  resource_types: [{ name: 'fake', ...image }],
  resources: [...['a', 'b'].map((name) => ({ name, type: 'fake', source: { exit: '1', stderr: `${name} is away` } })), { name: 'c', type: 'fake', source: { versions: [{ ref: '1' }] } }],
  jobs: [{ name: 'job-0', plan: [{ get: 'a' }, { get: 'b' }, { get: 'c' }] }],
})

const all = 1_000
const name = (at: number): string => `many-${at}`
/** What becomes of a build of the first job of some pipelines. */
const builds: readonly { readonly of: readonly number[]; readonly params: Readonly<Record<string, string>>; readonly status?: string }[] = [
  { of: [10, 20, 30], params: { FAKE_EXIT: '1' }, status: 'failed' },
  { of: [11, 21], params: { FAKE_ERROR: 'executable-not-found' }, status: 'errored' },
  { of: [12], params: {}, status: 'succeeded' },
  { of: [13, 23, 33, 43], params: { FAKE_HOLD: 'crowd' } },
]
/** Paused, with a build that waits for that. */
const waiting = [14, 24]
const paused = [...waiting, 34, 44, 54]
const unchecked = 15

/** By HTTP, ten at a time: 1 000 pipelines of 10 jobs, the last of 250, of which the first ran somewhere. */
async function setCrowd(api: Api): Promise<void> {
  const next = Array.from({ length: all }, (_, at) => at)
  const set = async (): Promise<void> => {
    // With a token of its own: a token may ask only so often in a second.
    const own = await world.server.as('ana')
    for (let at = next.shift(); at !== undefined; at = next.shift()) {
      const path = `/teams/main/pipelines/${name(at)}`
      const params = builds.find(({ of }) => of.includes(at as number))?.params
      await own.call('PUT', `${path}/config`, JSON.parse(at === unchecked ? broken : yaml(params, at === all - 1 ? 250 : 10)))
      if (!paused.includes(at)) await own.call('PUT', `${path}/unpause`)
    }
  }
  await Promise.all(Array.from({ length: 10 }, set))
  await api.call('PUT', '/teams/main/pipelines/ordering', Array.from({ length: all }, (_, at) => name(at)))
  for (const { of, status } of builds) {
    for (const at of of) {
      const id = await api.trigger(name(at), 'job-0')
      if (status !== undefined) expect(await api.ended(id)).toBe(status)
    }
  }
  for (const at of waiting) await api.trigger(name(at), 'job-0')
  for (const resource of ['a', 'b', 'c']) {
    const { id } = await api.call<{ id: number }>('POST', `/teams/main/pipelines/${name(unchecked)}/resources/${resource}/check`, { from: null })
    expect(await api.ended(id)).toBe(resource === 'c' ? 'succeeded' : 'failed')
  }
}

test('W4: 1 000 pipelines are counted right, and each is found by End, by the browser and by the filter', async () => {
  const api = await world.server.as('ana')
  await setCrowd(api)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('heading', { level: 1, name: '1\u00a0000 pipelines', exact: true }).waitFor()
  for (const text of ['3 failing', '2 errored', '4 running', '5 paused']) await page.getByRole('button', { name: text, exact: true }).waitFor()
  const crowd = page.getByRole('region', { name: 'main' })
  await crowd.getByText('1\u00a0000 pipelines · 3 failing · 2 errored · 4 running').waitFor()
  const side = page.getByRole('navigation', { name: 'Pipelines' })
  for (const text of ['failed main 1\u00a0000', 'running builds 4', 'waiting builds 2', 'checks that fail 2']) await side.getByRole('link', { name: text, exact: true }).waitFor()

  const cards = crowd.getByRole('listitem')
  expect(await cards.count()).toBe(all)
  expect(await page.evaluate(() => Math.max(...[...document.querySelectorAll('section li')].map((card) => card.querySelectorAll('*').length + 1)))).toBeLessThanOrEqual(14)
  const last = page.getByRole('link', { name: name(all - 1) })
  const inView = () => last.evaluate((link) => link.getBoundingClientRect().top < innerHeight && link.getBoundingClientRect().bottom > 0)
  expect(await inView()).toBe(false)
  await page.keyboard.press('End')
  await expect.poll(inView).toBe(true)
  await tab.picture('dashboard-thousand')
  await page.keyboard.press('Home')
  // Keys scroll smoothly, and go on after what is found was scrolled to.
  await page.waitForFunction(() => scrollY === 0)
  expect(await inView()).toBe(false)
  expect(await page.evaluate((text) => (window as unknown as { find(text: string): boolean }).find(text), name(all - 1))).toBe(true)
  await expect.poll(inView).toBe(true)
  expect(await page.evaluate(() => document.getAnimations().length)).toBeLessThanOrEqual(40)

  // Each count filters to what it counts.
  const filter = page.getByRole('combobox', { name: 'Filter' })
  const shown = async (text: string, count: number) => {
    await expect.poll(() => filter.inputValue()).toBe(text)
    await expect.poll(() => cards.count()).toBe(count)
  }
  for (const [text, search, count] of [['3 failing', 'status:failed', 3], ['2 errored', 'status:errored', 2], ['4 running', 'status:running', 4], ['5 paused', 'status:paused', 5]] as const) {
    await page.getByRole('button', { name: text, exact: true }).click()
    await shown(search, count)
    await page.getByRole('button', { name: text, exact: true }).click()
    await shown('', all)
  }
  await side.getByRole('link', { name: 'checks that fail 2' }).click()
  await shown('is:check-failing', 1)
  await cards.getByText('check of a fails').waitFor()
  await filter.fill(`"${name(all - 1)}"`)
  await shown(`"${name(all - 1)}"`, 1)

  // They follow what happens.
  world.server.fake.let('crowd')
  for (const text of ['running builds 0', 'waiting builds 2']) await side.getByRole('link', { name: text, exact: true }).waitFor()
  await page.getByRole('button', { name: '4 running', exact: true }).waitFor({ state: 'detached' })
  await side.getByRole('link', { name: 'running builds 0' }).click()
  await page.getByText('No build matches').waitFor()
  await side.waitFor({ state: 'detached' })
})
