import type { Page } from 'playwright-core'
import { taskJob, type Api } from './api.ts'
import { furtherStates, prepareFurther } from './further-states.ts'
import type { Person, WebServer } from './web-server.ts'

/** A page in one of its states. */
export interface PageState {
  /** Of its picture. */
  readonly name: string
  readonly path: string
  /** The graph cuts names that are long in their middle: what it shows is not all of what is read out. */
  readonly cutsNames?: true
  /** Absent: ana, who owns team main. */
  readonly person?: Person | 'stranger'
  /** Of a tab of its own: called before the page is opened. */
  readonly before?: (page: Page) => Promise<unknown>
  /** Resolves when it shows what it is about. */
  readonly ready: (page: Page) => Promise<unknown>
}

const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }
const task = (name: string, params: Readonly<Record<string, string>> = {}) => ({ task: name, params, config: { platform: 'linux', image_resource: image, run: { path: 'sh' } } })

/** A shop: JSON is YAML. */
const shop = JSON.stringify({
  groups: [{ name: 'main', jobs: ['unit', 'lint', 'ship', 'slow', 'stuck', 'odd'] }, { name: 'other', jobs: ['never'] }],
  resource_types: [{ name: 'fake', ...image }],
  resources: [
    { name: 'repo', type: 'fake', icon: 'git', source: { versions: ['1', '2', '3'].map((ref) => ({ ref })), metadata: [{ name: 'commit', value: '4f2a9c1' }, { name: 'url', value: 'https://example.org/4f2a9c1' }] } },
    { name: 'empty', type: 'fake', source: {} },
    { name: 'broken', type: 'fake', source: { exit: '1', stderr: 'fatal: could not read from remote repository' } },
  ],
  jobs: [
    {
      name: 'unit',
      plan: [
        { get: 'repo', trigger: false },
        { in_parallel: [task('vet'), task('generate')] },
        { ...task('unit', { FAKE_EXIT: '1', FAKE_STDOUT: '\u001b[32mok\u001b[0m  shop/cart\n::group::Details\nall of it\n::endgroup::\n\u001b[1;31mFAIL\u001b[0m shop/checkout\nerror: TestTotal: got 3, want 4' }), on_failure: task('tell') },
        task('package'),
      ],
    },
    { name: 'lint', plan: [{ get: 'repo' }, task('lint')] },
    { name: 'ship', max_in_flight: 1, plan: [{ get: 'repo', passed: ['unit', 'lint'], trigger: true }, task('ship')] },
    { name: 'slow', plan: [task('slow', { FAKE_STDOUT: 'begun\nends', FAKE_HOLD: 'for ever', FAKE_SPLIT: '5' })] },
    { name: 'stuck', plan: [{ get: 'repo', passed: ['ship'] }, task('stuck')] },
    { name: 'odd', plan: [task('odd', { FAKE_ERROR: 'executable-not-found' })] },
    { name: 'never', plan: [{ get: 'empty' }, { get: 'broken' }, task('never')] },
  ],
})

const junit = `<testsuite name="unit">${['TestTotals/rounding', 'TestTotals/empty', 'TestVat'].map((name, at) => `<testcase classname="checkout" name="${name}" time="0.2">${at === 0 ? '<failure message="total: got 59.96, want 59.97">totals_test.go:97</failure>' : ''}</testcase>`).join('')}</testsuite>`

export interface Prepared {
  readonly states: readonly PageState[]
  /** The id of a build that checks. */
  readonly check: number
  /** The id of the newest version of `repo`. */
  readonly version: number
}

/** Makes all that the states show; the build numbers of the paths are those that it made. */
export async function prepareStates(server: WebServer): Promise<Prepared> {
  const api = await server.as('ana')
  await server.storeOutput('reports', { 'junit.xml': junit, 'coverage/index.html': '<h1>84 %</h1>', 'summary.txt': '5 tests, 1 failed' })
  await api.setPipeline('shop', shop)
  await api.setPipeline('old', `jobs:${taskJob('unit')}`)
  await api.call('PUT', '/teams/main/pipelines/old/archive')
  await api.setPipeline('frozen', `jobs:${taskJob('unit')}${taskJob('lint')}`)
  await api.setPipeline('frozen', `jobs:${taskJob('unit', { TAGS: 'race' })}`)
  const configs = (await api.call<{ version: number }[]>('GET', '/teams/main/pipelines/frozen/config/versions')).map(({ version }) => version)
  await api.call('PUT', '/teams/main/pipelines/frozen/pause')
  for (const branch of ['main', 'a very long name of a branch that nobody can read']) await api.setPipeline('instances', `jobs:${taskJob('unit')}`, { vars: JSON.stringify({ branch }) })
  const checked = await check(api, 'repo')
  await check(api, 'empty')
  await check(api, 'broken')
  const versions = await api.call<{ id: number; version: { ref: string } }[]>('GET', '/teams/main/pipelines/shop/resources/repo/versions')
  const [newest, , oldest] = versions
  await api.call('PUT', `/teams/main/pipelines/shop/resources/repo/versions/${newest?.id}/pin`)
  await api.call('PUT', '/teams/main/pipelines/shop/resources/repo/pin_comment', { pin_comment: 'the next one breaks the cart' })
  await api.call('PUT', `/teams/main/pipelines/shop/resources/repo/versions/${oldest?.id}/disable`)
  for (const job of ['unit', 'lint', 'odd']) await api.ended(await api.trigger('shop', job))
  for (const job of ['slow', 'slow', 'stuck']) await api.trigger('shop', job)
  const aborted = await api.trigger('shop', 'slow')
  await api.call('PUT', `/builds/${aborted}/abort`)
  await api.ended(aborted)
  await prepareFurther(api)
  await api.call('PUT', '/wall', { message: 'The registry moves at noon' })
  return { states: [...statesOf(checked, aborted, configs), ...furtherStates(newest?.id ?? 0)], check: checked, version: newest?.id ?? 0 }
}

async function check(api: Api, resource: string): Promise<number> {
  const { id } = await api.call<{ id: number }>('POST', `/teams/main/pipelines/shop/resources/${resource}/check`, { from: null })
  await api.ended(id)
  return id
}

const shows = (text: string | RegExp) => (page: Page) => page.getByRole('main').getByText(text).first().waitFor()
const titled = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { level: 1, name }).waitFor()
const complete = shows(/^complete$/)
const region = (name: string, text: RegExp) => (page: Page) => page.getByRole('region', { name, exact: true }).getByText(text).first().waitFor()
const p = '/teams/main/pipelines'

const statesOf = (checked: number, aborted: number, [config, configBefore]: readonly number[]): readonly PageState[] => [
  { name: 'dashboard', path: '/', ready: (page) => page.getByRole('link', { name: 'shop' }).first().waitFor() },
  { name: 'dashboard-dense', path: '/hd?view=all', ready: (page) => page.getByRole('link', { name: 'shop' }).first().waitFor() },
  { name: 'dashboard-none', path: '/?search=nothing-is-called-so', ready: shows('No pipeline matches the filter') },
  { name: 'dashboard-stranger', path: '/', person: 'stranger', ready: shows('No pipeline is public') },
  { name: 'pipeline', path: `${p}/shop`, ready: (page) => page.getByRole('link', { name: /^unit/ }).waitFor() },
  { name: 'pipeline-job', path: `${p}/shop?job=ship`, ready: (page) => page.getByRole('complementary', { name: 'Job ship' }).waitFor() },
  { name: 'pipeline-resources', path: `${p}/shop?show=resources`, ready: (page) => page.getByRole('link', { name: /^resource repo/ }).first().waitFor() },
  { name: 'pipeline-list', path: `${p}/shop?show=list`, ready: (page) => page.getByRole('row', { name: /unit/ }).first().waitFor() },
  { name: 'pipeline-paused', path: `${p}/frozen`, ready: shows(/^Paused by ana/) },
  { name: 'pipeline-archived', path: `${p}/old`, ready: titled('Pipeline old is archived') },
  { name: 'pipeline-missing', path: `${p}/gone`, ready: titled('There is no pipeline gone') },
  { name: 'pipeline-stranger', path: `${p}/shop`, person: 'stranger', ready: titled('Log in to see pipeline shop') },
  { name: 'config', path: `${p}/shop/config`, ready: shows(/name: ship/) },
  { name: 'config-older', path: `${p}/frozen/config?version=${configBefore}&job=lint`, ready: shows('This is an older version') },
  { name: 'config-changes', path: `${p}/frozen/config?version=${config}&from=${configBefore}`, ready: (page) => page.getByRole('insertion').first().waitFor() },
  { name: 'config-not-kept', path: `${p}/shop/config?version=${configBefore}`, ready: shows('is no longer kept') },
  { name: 'job', path: `${p}/shop/jobs/unit`, ready: (page) => page.getByRole('link', { name: '#1' }).first().waitFor() },
  { name: 'job-never', path: `${p}/shop/jobs/never`, ready: shows('This job never ran') },
  { name: 'job-waits', path: `${p}/shop/jobs/stuck`, ready: (page) => page.getByRole('link', { name: '#1' }).first().waitFor() },
  { name: 'resource', path: `${p}/shop/resources/repo`, ready: (page) => page.getByRole('list', { name: /^Versions/ }).getByRole('listitem').first().waitFor() },
  { name: 'resource-empty', path: `${p}/shop/resources/empty`, ready: shows('No versions yet') },
  { name: 'resource-broken', path: `${p}/shop/resources/broken`, ready: titled(/broken/) },
  { name: 'build-failed', path: `${p}/shop/jobs/unit/builds/1`, ready: complete },
  { name: 'build-image', path: `${p}/shop/jobs/unit/builds/1?tab=image`, ready: (page) => page.getByRole('tabpanel').waitFor() },
  { name: 'build-outputs', path: `${p}/shop/jobs/unit/builds/1?tab=outputs`, ready: (page) => page.getByRole('tabpanel').waitFor() },
  { name: 'build-config', path: `${p}/shop/jobs/unit/builds/1?tab=config`, ready: (page) => page.getByRole('tabpanel').waitFor() },
  { name: 'build-succeeded', path: `${p}/shop/jobs/lint/builds/1`, ready: titled('lint #1 succeeded') },
  { name: 'build-errored', path: `${p}/shop/jobs/odd/builds/1`, ready: titled('odd #1 errored') },
  { name: 'build-running', path: `${p}/shop/jobs/slow/builds/1`, ready: (page) => page.locator('[data-line]').first().waitFor() },
  { name: 'build-pending', path: `${p}/shop/jobs/stuck/builds/1`, ready: titled('stuck #1 pending') },
  { name: 'build-aborted', path: `/builds/${aborted}`, ready: titled(/aborted/) },
  { name: 'build-check', path: `/builds/${checked}`, ready: titled(/succeeded/) },
  { name: 'build-missing', path: '/builds/999999', ready: titled('There is no build 999999') },
  { name: 'builds', path: '/builds', ready: (page) => page.getByRole('link', { name: /#1/ }).first().waitFor() },
  { name: 'builds-none', path: '/builds?status=pending&team=other', ready: titled('Builds') },
  { name: 'download-fly', path: '/download-fly', ready: titled('Download fly') },
  { name: 'account', path: '/account', ready: region('API tokens', /You have none/) },
  { name: 'account-stranger', path: '/account', person: 'stranger', ready: shows('Nobody is logged in') },
  { name: 'team', path: '/teams/main', ready: region('Audit', /ago/) },
  { name: 'team-stranger', path: '/teams/main', person: 'stranger', ready: shows('Log in to see team main') },
  { name: 'admin', path: '/admin', ready: region('Audit', /LogIn|ago/) },
  { name: 'admin-viewer', path: '/admin', person: 'vera', ready: shows('You may not see the administration') },
  { name: 'not-found', path: '/builds/nonsense', ready: titled('There is no page at /builds/nonsense') },
]
