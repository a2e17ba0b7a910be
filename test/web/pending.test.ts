import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Api } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }
const task = (name: string, params: Readonly<Record<string, string>> = {}) => ({ task: name, params, config: { platform: 'linux', image_resource: image, run: { path: 'sh' } } })
const fake = (name: string, source: object, more: object = {}) => ({ name, type: 'fake', source, ...more })
const versions = (...refs: readonly string[]) => refs.map((ref) => ({ ref }))

/** Each job waits for another reason, which is taken away for those resources whose config is `mended`. JSON is YAML. */
const yaml = (...mended: readonly ('broken' | 'pinned')[]): string =>
  JSON.stringify({
    resource_types: [{ name: 'fake', ...image }],
    resources: [
      fake('repo', { versions: versions('1', '2') }),
      fake('slow', { versions: versions('1'), hold: 'slow check' }),
      fake('broken', mended.includes('broken') ? { versions: versions('1') } : { exit: '1', stderr: 'fatal: no route to host' }),
      fake('pinned', { versions: versions('1') }, { version: { ref: mended.includes('pinned') ? '1' : '9' } }),
    ],
    jobs: [
      { name: 'stopped', plan: [task('stopped')] },
      { name: 'paused', plan: [task('paused')] },
      { name: 'limited', max_in_flight: 1, plan: [task('limited', { FAKE_HOLD: 'limited' })] },
      { name: 'left', serial_groups: ['one'], plan: [task('left', { FAKE_HOLD: 'left' })] },
      { name: 'right', serial_groups: ['one'], plan: [task('right')] },
      { name: 'passes', plan: [{ get: 'repo' }, task('passes')] },
      { name: 'also-passes', plan: [{ get: 'repo' }, task('also-passes')] },
      { name: 'after', plan: [{ get: 'repo', passed: ['passes'] }, task('after')] },
      { name: 'after-both', plan: [{ get: 'repo', passed: ['passes', 'also-passes'] }, task('after-both')] },
      { name: 'odd', plan: [{ get: 'repo' }, task('odd')] },
      { name: 'even', plan: [{ get: 'repo' }, task('even')] },
      { name: 'in-common', plan: [{ get: 'repo', passed: ['odd', 'even'] }, task('in-common')] },
      { name: 'checks', plan: [{ get: 'slow' }, task('checks')] },
      { name: 'breaks', plan: [{ get: 'broken' }, task('breaks')] },
      { name: 'pins', plan: [{ get: 'pinned' }, task('pins')] },
    ],
  })

const p = '/teams/main/pipelines/waits'

interface Waiting {
  readonly job: string
  readonly sentence: string | RegExp
  readonly link: string
  /** What is there before the build is. */
  readonly before?: (api: Api) => Promise<unknown>
  /** Takes the cause away. */
  readonly end: (api: Api) => Promise<unknown> | void
}

const withVersion = async (api: Api, job: string, ref: string): Promise<void> => {
  const known = await api.call<{ id: number; version: { ref: string } }[]>('GET', `${p}/resources/repo/versions`)
  const { id } = await api.call<{ id: number }>('POST', `${p}/jobs/${job}/builds`, { versions: { repo: known.find(({ version }) => version.ref === ref)?.id } })
  expect(await api.ended(id)).toBe('succeeded')
}

const repo = `${p}/resources/repo`
const reasons: readonly Waiting[] = [
  { job: 'stopped', sentence: 'its pipeline is paused', link: p, before: (api) => api.call('PUT', `${p}/pause`), end: (api) => api.call('PUT', `${p}/unpause`) },
  { job: 'paused', sentence: 'its job is paused', link: `${p}/jobs/paused`, before: (api) => api.call('PUT', `${p}/jobs/paused/pause`), end: (api) => api.call('PUT', `${p}/jobs/paused/unpause`) },
  { job: 'limited', sentence: '1 of at most 1 builds run', link: `${p}/jobs/limited`, before: (api) => api.trigger('waits', 'limited'), end: () => world.server.fake.let('limited') },
  { job: 'right', sentence: '1 of at most 1 builds run', link: `${p}/jobs/right`, before: (api) => api.trigger('waits', 'left'), end: () => world.server.fake.let('left') },
  { job: 'after', sentence: 'no usable version of repo has passed passes', link: repo, end: (api) => withVersion(api, 'passes', '1') },
  { job: 'after-both', sentence: 'no usable version of repo has passed also-passes', link: repo, end: (api) => withVersion(api, 'also-passes', '1') },
  { job: 'in-common', sentence: /repo .* passed (odd|even) \(#1\), not (odd|even), whose newest is /, link: repo, before: async (api) => {
    await withVersion(api, 'odd', '1')
    await withVersion(api, 'even', '2')
  }, end: (api) => withVersion(api, 'even', '1') },
  { job: 'checks', sentence: 'slow is checked first', link: `${p}/resources/slow`, end: () => world.server.fake.let('slow check') },
  { job: 'breaks', sentence: 'broken has no version that can be used; its last check failed: ', link: `${p}/resources/broken`, end: (api) => api.setPipeline('waits', yaml('broken')) },
  { job: 'pins', sentence: 'pinned is pinned to ref:9, and no check has found that version', link: `${p}/resources/pinned`, end: (api) => api.setPipeline('waits', yaml('broken', 'pinned')) },
]

const heading = (page: Page, name: RegExp) => page.getByRole('heading', { level: 1, name })

test('W15: a build that waits says for what in a sentence, and starts when the cause is gone', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('waits', yaml())
  const { id: check } = await api.call<{ id: number }>('POST', `${p}/resources/repo/check`, { from: null })
  expect(await api.ended(check)).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  for (const { job, sentence, link, before, end } of reasons) {
    await before?.(api)
    const id = await api.trigger('waits', job)
    await page.goto(`/builds/${id}`)
    await heading(page, new RegExp(`^${job} #\\d pending$`)).waitFor()
    const told = page.getByRole('status').filter({ hasText: sentence })
    await told.waitFor()
    expect([job, await told.getByRole('link').getAttribute('href')]).toEqual([job, link])
    await tab.picture(`pending-${job}`)
    await end(api)
    await heading(page, new RegExp(`^${job} #\\d succeeded$`)).waitFor()
    expect(await page.getByText(sentence).count()).toBe(0)
  }
})

test.each([['unschedulable', '0/3 nodes are available: 3 Insufficient memory'], ['pulling', 'pulling image registry.example/tools:1 on node-1']] as const)('W15: a step that waits, %s, says so, and runs when its container is there', async (kind, message) => {
  const api = await world.server.as('ana')
  const { promise: ready, resolve: letGo } = Promise.withResolvers<undefined>()
  world.server.fake.beforeCreate = (spec, _signal, onReason) => {
    if (spec.metadata.stepName !== kind) return Promise.resolve(undefined)
    onReason({ kind, message })
    return ready
  }
  await api.setPipeline(kind, JSON.stringify({ jobs: [{ name: 'unit', plan: [task(kind)] }] }))
  const id = await api.trigger(kind, 'unit')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto(`/builds/${id}`)
  const waiting = page.getByRole('treeitem').filter({ has: page.getByRole('img', { name: 'waiting' }) })
  await waiting.getByText(message, { exact: true }).waitFor()
  await waiting.getByText(new RegExp(`^has waited .*: ${message}$`)).waitFor()
  await page.getByRole('tabpanel').getByText(message).first().waitFor()
  await tab.picture(`pending-${kind}`)
  letGo(undefined)
  await heading(page, /^unit #1 succeeded$/).waitFor()
  expect(await page.getByRole('img', { name: 'waiting' }).count()).toBe(0)
})
