import type { Page } from 'playwright-core'
import { taskJob, type Api } from './api.ts'
import type { PageState } from './states.ts'

const p = '/teams/main/pipelines'
const long = 'payments-service-of-the-branch-feature-4711-round-cents-per-line-and-not-per-order-2026'
/** Names that are long, of other scripts, written from right to left, with pictures. */
const names = { pipeline: `${long}-überprüfung-🚀`, job: `${long}-يونيت-單元測試-🚀`, resource: `${long}-مستودع` }

export async function prepareFurther(api: Api): Promise<void> {
  const task = { config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: `registry.example/${long}/${long}` } }, run: { path: 'sh' } } }
  await api.setPipeline(names.pipeline, JSON.stringify({
    groups: [{ name: `all of ${long}`, jobs: [names.job, 'short'] }],
    resource_types: [{ name: 'fake', type: 'registry-image', source: { repository: 'registry.example/fake' } }],
    resources: [{ name: names.resource, type: 'fake', source: { versions: [{ ref: 'f'.repeat(200) }], metadata: [{ name: long, value: 'ünï '.repeat(80) }] } }],
    jobs: [
      { name: names.job, plan: [{ get: names.resource }, { task: `${long}-🚀`, params: { FAKE_EXIT: '1', FAKE_STDOUT: `error: ${'مرحبا 你好 🚀 '.repeat(30)}` }, ...task }] },
      { name: 'short', plan: [{ get: names.resource, passed: [names.job] }, { task: 'short', ...task }] },
    ],
  }))
  const { id } = await api.call<{ id: number }>('POST', `/teams/main/pipelines/${encodeURIComponent(names.pipeline)}/resources/${encodeURIComponent(names.resource)}/check`, { from: null })
  await api.ended(id)
  await api.ended(await api.trigger(names.pipeline, names.job))
  await api.call('PUT', '/teams/empty', { auth: { member: { users: ['local:otto'], groups: [] } } })
  await api.setPipeline('report', `jobs:${taskJob('report').replace('      run:', '      outputs: [{name: reports}]\n      run:')}`)
  await api.ended(await api.trigger('report', 'report'))
}

const dialog = (name: string | RegExp, open: (page: Page) => Promise<unknown>) => async (page: Page): Promise<void> => {
  await open(page)
  await page.getByRole('dialog', { name }).waitFor()
}
const titled = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { level: 1, name }).waitFor()
const button = (name: string) => (page: Page) => page.getByRole('button', { name }).click()
const named = `${p}/${encodeURIComponent(names.pipeline)}`

export const furtherStates = (version: number): readonly PageState[] => [
  { name: 'causality', path: `${p}/shop/resources/repo/causality/${version}/downstream`, ready: (page) => page.getByRole('main').getByRole('link', { name: /unit/ }).first().waitFor() },
  { name: 'palette', path: '/', ready: dialog(/search/i, button('Search pipelines, jobs, versions, builds')) },
  { name: 'keys', path: `${p}/shop/jobs/unit/builds/1`, ready: dialog(/keys/i, async (page) => {
    await page.getByRole('main').getByText(/^complete$/).waitFor()
    await page.keyboard.press('?')
  }) },
  { name: 'trigger-dialog', path: `${p}/shop/jobs/lint`, ready: dialog(/lint/, button('Trigger with…')) },
  { name: 'manage-dialog', path: `${p}/shop?show=list`, ready: dialog(/shop/, button('Manage…')) },
  { name: 'names-dashboard', path: `/?search=${encodeURIComponent(long)}`, ready: (page) => page.getByRole('link', { name: names.pipeline }).first().waitFor() },
  { name: 'names-pipeline', cutsNames: true, path: `${named}?show=resources`, ready: (page) => page.getByRole('link', { name: /^resource/ }).first().waitFor() },
  { name: 'names-job', path: `${named}/jobs/${encodeURIComponent(names.job)}`, ready: titled(names.job) },
  { name: 'names-resource', path: `${named}/resources/${encodeURIComponent(names.resource)}`, ready: titled(names.resource) },
  { name: 'names-build', path: `${named}/jobs/${encodeURIComponent(names.job)}/builds/1`, ready: (page) => page.getByRole('main').getByText(/^complete$/).waitFor() },
  { name: 'tests', path: `${p}/report/jobs/report/builds/1?tab=tests`, ready: (page) => page.getByRole('tabpanel').getByText(/TestTotals/).first().waitFor() },
  { name: 'outputs', path: `${p}/report/jobs/report/builds/1?tab=outputs`, ready: (page) => page.getByRole('tabpanel').getByRole('table').waitFor() },
  { name: 'dashboard-empty', path: '/', person: 'otto', ready: (page) => page.getByRole('main').getByText('Set the first pipeline').waitFor() },
]

/** For pictures: what is there for a moment, or as long as something is broken. Each in a tab of its own. */
export const passingStates: readonly PageState[] = [
  { name: 'loading', path: `${p}/shop/jobs/unit`, before: (page) => page.routeWebSocket(/\/api\/v1\/watch/, () => undefined), ready: (page) => page.getByLabel('loading').first().waitFor() },
  {
    name: 'not-live', path: `${p}/shop`,
    before: async (page) => {
      await page.routeWebSocket(/\/api\/v1\/watch/, (socket) => socket.close())
      await page.route(/\/api\/v1\/watch/, (route) => route.abort())
    },
    ready: (page) => page.getByText(/^Not live since/).waitFor(),
  },
  { name: 'failed', path: `${p}/shop/jobs/unit/builds/1?tab=config`, before: (page) => page.route(/\/builds\/\d+\/(plan|resources|steps)/, (route) => route.fulfill({ status: 500, json: { error: 'the database is gone' } })), ready: titled(/unit #1/) },
]
