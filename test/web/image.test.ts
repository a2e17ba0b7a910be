import { expect, test } from 'vitest'
import { pushSample } from '../../src/images/testing/sample-image.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { built, sampleImage } from './harness/sample-image.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
const image = sampleImage()
const { task } = image

test('W19: a step’s image is shown with its digest, its node and pull, and what of it went through the server', async () => {
  const { fake } = world.server
  await world.server.storeOutput('made', { 'metadata.json': '{"env":[]}', 'rootfs/bin/sh': 'sh' })
  fake.imagePull = ({ metadata }) => ({ ...(metadata.stepName === 'again' ? { kind: 'cached' } : { kind: 'pulled', ms: 1_400 }), at: Date.now() })
  const make = task('make')
  const plan = [{ ...make, config: { ...make.config, outputs: [{ name: 'made' }] } }, task('again'), { ...task('use'), image: 'made', config: { platform: 'linux', run: { path: 'sh' } } }]
  const { status } = await built(world, 'images', JSON.stringify({ jobs: [{ name: 'unit', plan }] }))
  fake.imagePull = () => undefined
  expect(status).toBe('succeeded')
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main/pipelines/images/jobs/unit/builds/1?tab=image')
  const facts = page.getByRole('tabpanel', { name: 'Image & container' })
  const shows = async (step: string, ...texts: readonly string[]): Promise<void> => {
    await page.getByRole('treeitem').filter({ hasText: step }).first().click()
    for (const text of texts) await facts.getByText(text).first().waitFor()
    await tab.picture(`image-${step}`)
  }
  await shows('make', image.digest(), 'by a check', 'by the node, from its registry', 'fake pulled it in 1.4 s', '0 B (counted)', 'when its turn had come', 'this step had no digest in the job’s last builds')
  await shows('again', image.digest(), 'was on fake', '0 B (counted)')
  await shows('use', 'an artifact of the build', 'through Airside: it is an artifact of the build', 'fake pulled it in 1.4 s')
})

test('W19: a step’s image is compared with that of the job’s last build, and says behind which step its pull was hidden', async () => {
  const { fake } = world.server
  const api = await world.server.as('ana')
  const of = (name: string, params: Readonly<Record<string, string>> = {}) => {
    const made = task(name, params)
    return { ...made, config: { ...made.config, image_resource: { type: 'registry-image', source: { repository: `${image.host()}/moving`, tag: '1' } } } }
  }
  const push = (seed: string) => pushSample({ registry: image.host(), repository: 'moving' }, '1', { seed })
  fake.imagePull = () => ({ kind: 'pulled', ms: 1_400, at: Date.now() })
  // The container of `unit` is made while `lint` runs, and not before.
  const build = async (name: string, ...before: readonly object[]): Promise<void> => {
    const [asked, made] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    fake.beforeCreate = async ({ metadata: { stepName } }, _signal, onReason) => {
      if (stepName !== 'unit') return undefined
      onReason({ kind: 'unschedulable', message: 'no node has 2 CPUs free' })
      asked.resolve()
      await made.promise
      return undefined
    }
    await api.setPipeline('moving', JSON.stringify({ jobs: [{ name: 'unit', plan: [...before, of('lint', { FAKE_STDOUT: `lint ${name} says\nmore`, FAKE_HOLD: name }), of('unit', { FAKE_EXIT: '1' })] }] }))
    const id = await api.trigger('moving', 'unit')
    await asked.promise
    await api.events(id, `lint ${name} says`)
    made.resolve()
    await expect.poll(() => fake.creations.filter(({ stepName, image }) => stepName === 'unit' && image.includes('moving')).length).toBe(Number(name.at(-1)))
    fake.let(name)
    expect(await api.ended(id)).toBe('failed')
  }
  const digests = [await push('one')]
  await build('moving-1')
  digests.push(await push('two'))
  // The steps' plan ids are others than in the build before.
  await build('moving-2', of('prepare'))
  await build('moving-3')
  fake.beforeCreate = () => Promise.resolve(undefined)
  fake.imagePull = () => undefined

  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const short = (digest = ''): string => `${digest.slice(0, 15)}…${digest.slice(-4)}`
  await page.goto('/teams/main/pipelines/moving/jobs/unit/builds/3')
  await page.locator('[role=treeitem][aria-selected=true]').getByText(/^waited .*: no node has 2 CPUs free$/).waitFor()
  await page.getByText('same as in #2').waitFor()
  await page.getByText('fake pulled it in 1.4 s, hidden behind task lint').waitFor()
  await page.goto('/teams/main/pipelines/moving/jobs/unit/builds/2')
  await page.getByText('changed since #1', { exact: true }).first().waitFor()
  await tab.picture('image-changed')
  await page.getByRole('status').getByRole('link', { name: 'changed since #1' }).click()
  const facts = page.getByRole('tabpanel', { name: 'Image & container' })
  await facts.getByText(digests[1] ?? '').first().waitFor()
  await expect.poll(() => facts.locator('div', { has: page.locator('dt', { hasText: /^Last build$/ }) }).locator('dd').textContent()).toBe(`changed: ${short(digests[0])} in build #1`)
  await facts.getByText(/^\d.* before its turn, while task lint ran$/).waitFor()
  await facts.getByText('hidden behind task lint', { exact: true }).waitFor()
  await tab.picture('image-changed-facts')
  expect(await accessibilityFindings(page)).toEqual([])
  await facts.getByRole('link', { name: 'build #1' }).click()
  await page.getByRole('heading', { level: 1, name: 'unit #1 failed' }).waitFor()
  await facts.getByText(digests[0] ?? '').first().waitFor()
})
