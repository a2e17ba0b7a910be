import { setTimeout as after } from 'node:timers/promises'
import type { Api } from './api.ts'
import type { PageState } from './states.ts'
import type { WebServer } from './web-server.ts'

const image = { type: 'registry-image', source: { repository: 'registry.example/golang', tag: '1.26' } }
type Params = Readonly<Record<string, string>>
const task = (name: string, params: Params = {}, outputs: readonly string[] = []) => ({
  task: name, params, config: { platform: 'linux', image_resource: image, inputs: [{ name: 'repo' }], outputs: outputs.map((one) => ({ name: one })), run: { path: 'make', args: [name] } },
})

const refs = ['9b1f0c7', 'c03d5ae', '71e88d2', '4d2a9c1']
const log = [
  ...['address     0.201s', 'auth        1.870s', 'basket      0.733s', 'cache       0.052s', 'config      0.018s', 'coupon      0.390s', 'currency    0.101s', 'customer    0.644s', 'cart        0.412s', 'catalog     1.022s'].map((one) => `\u001b[32mok\u001b[0m    shop/${one}`),
  '=== RUN   TestTotals', '=== RUN   TestTotals/empty', '=== RUN   TestTotals/rounding', '    totals_test.go:88: 3 lines, currency EUR', '    totals_test.go:91: subtotal 19.99 × 3',
  '    totals_test.go:97: error: total: got 59.96, want 59.97', '\u001b[1;31m--- FAIL: TestTotals/rounding (0.21s)\u001b[0m', '--- FAIL: TestTotals (0.22s)', '\u001b[32m--- PASS\u001b[0m: TestVat (0.00s)', '\u001b[1;31mFAIL\u001b[0m  shop/checkout    0.604s',
  '\u001b[32mok\u001b[0m    shop/orders      2.310s', '\u001b[32mok\u001b[0m    shop/payment     3.004s', 'make: *** [Makefile:31: unit] Error 1',
].join('\n')
const cases = ['TestTotals/empty', 'TestTotals/rounding', 'TestVat', 'TestCoupon', 'TestCurrency'].map((name) => `<testcase classname="checkout" name="${name}" time="0.2">${name.endsWith('rounding') ? '<failure message="total: got 59.96, want 59.97"/>' : ''}</testcase>`).join('')

interface Now {
  /** How many of the versions the repository has. */
  readonly versions: number
  /** Its unit tests fail, and its steps wait until they are let go on. */
  readonly newest: boolean
}

/** A shop whose unit tests fail at its newest version. */
function shop({ versions, newest }: Now): string {
  const held = (gate: string, params: Params = {}): Params => ({ FAKE_HOLD: newest ? `slow-${gate}` : gate, ...params })
  const get = (passed?: readonly string[]) => ({ get: 'repo', trigger: true, ...(passed !== undefined && { passed }) })
  return JSON.stringify({
    groups: [{ name: 'build', jobs: ['unit', 'lint', 'integration', 'image', 'staging', 'smoke', 'load', 'production', 'nightly', 'clean-up'] }, { name: 'docs', jobs: ['docs'] }],
    resource_types: [{ name: 'fake', type: 'registry-image', source: { repository: 'registry.example/fake' } }],
    resources: [
      { name: 'repo', type: 'fake', icon: 'git', source: { versions: refs.slice(0, versions).map((ref) => ({ ref })), metadata: [{ name: 'message', value: 'Round cents per line' }] } },
      { name: 'every-night', type: 'fake', icon: 'clock', source: { versions: [{ time: '2026-11-27' }] } },
      { name: 'chat', type: 'fake', icon: 'chat', source: {} },
    ],
    jobs: [
      {
        name: 'unit',
        plan: [
          get(),
          { in_parallel: [task('vet', held('vet')), task('generate', held('generate'))] },
          { ...task('unit', held('unit', newest ? { FAKE_EXIT: '1', FAKE_STDOUT: log } : { FAKE_STDOUT: 'ok    shop/checkout    0.598s' }), ['reports']), on_failure: { put: 'chat', no_get: true } },
          task('package'),
        ],
      },
      { name: 'lint', plan: [get(), task('lint')] },
      { name: 'integration', plan: [get(), task('integration')] },
      { name: 'image', plan: [get(['unit', 'lint', 'integration']), task('image')] },
      { name: 'staging', plan: [get(['image']), task('staging')] },
      { name: 'smoke', plan: [get(['staging']), task('smoke')] },
      { name: 'load', plan: [get(['staging']), task('load', newest ? { FAKE_HOLD: 'for ever' } : {})] },
      { name: 'production', plan: [{ ...get(['smoke', 'load']), trigger: false }, task('production')] },
      { name: 'nightly', plan: [{ get: 'every-night', trigger: true }, { get: 'repo' }, task('nightly')] },
      { name: 'clean-up', plan: [{ get: 'every-night', trigger: false }, { get: 'repo' }, task('clean-up')] },
      { name: 'docs', plan: [get(), task('docs')] },
    ],
  })
}

const chain = ['unit', 'lint', 'integration', 'image', 'staging', 'smoke', 'load']

/** Makes what the pictures of the documents show: versions that went through all jobs, and the newest, at which the unit tests fail. It takes as long as its steps are seen to take. */
export async function prepareShowcase(server: WebServer): Promise<readonly PageState[]> {
  const api = await server.as('ana')
  await server.storeOutput('reports', { 'junit.xml': `<testsuite name="unit">${cases}</testsuite>` })
  for (const gate of ['vet', 'generate', 'unit']) server.fake.let(gate)
  for (const [index] of refs.entries()) {
    const newest = index === refs.length - 1
    await api.setPipeline('shop', shop({ versions: index + 1, newest }))
    const { id } = await api.call<{ id: number }>('POST', `${pipeline}/resources/repo/check`, { from: null })
    await api.ended(id)
    if (newest) await letSlowly(server)
    for (const job of newest ? chain.slice(0, 3) : chain) await api.ended(await buildOf(api, job, index + 1))
  }
  await api.call('POST', `${pipeline}/resources/every-night/check`, { from: null })
  await api.ended(await buildOf(api, 'nightly', 1))
  await buildOf(api, 'load', await api.trigger('shop', 'load').then(() => refs.length))
  return [
    { name: 'pipeline', path: '/teams/main/pipelines/shop?job=unit', ready: (page) => page.getByRole('complementary', { name: 'Job unit' }).getByText('median').waitFor() },
    { name: 'build', path: `/teams/main/pipelines/shop/jobs/unit/builds/${refs.length}`, ready: (page) => page.getByRole('main').getByText(/^complete$/).waitFor() },
  ]
}

const pipeline = '/teams/main/pipelines/shop'

async function letSlowly({ fake }: WebServer): Promise<void> {
  fake.beforeCreate = () => after(700)
  for (const [gate, ms] of [['slow-generate', 2_400], ['slow-vet', 1_300], ['slow-unit', 5_200]] as const) {
    await after(ms)
    fake.let(gate)
  }
}

/** The id of a build that the scheduler makes. */
async function buildOf(api: Api, job: string, number: number): Promise<number> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const builds = await api.call<{ id: number; name: string }[]>('GET', `${pipeline}/jobs/${job}/builds`)
    const build = builds.find(({ name }) => name === String(number))
    if (build !== undefined) return build.id
    await after(50)
  }
  throw new Error(`the scheduler made no build ${number} of ${job}`)
}
