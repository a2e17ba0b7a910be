import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { openTab } from './harness/browser.ts'
import { corpus } from './harness/corpus.ts'
import { refuseDialogs, shownAs, showsUnharmed } from './harness/harm.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const at = (index: number): string => corpus[index % corpus.length] ?? ''
const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

/** Each of its names, texts and values is one of the corpus; together they have them all. JSON is YAML. */
const pipelineOf = (job: string, others: readonly string[]): string =>
  JSON.stringify({
    display: { background_image: 'https://example.org/"><img src=x onerror=window.__x=1>' },
    groups: corpus.map((name, index) => ({ name, jobs: index === 0 ? ['*', job] : [job] })),
    resources: others.map((name, index) => ({ name, type: 'mock', icon: at(index), source: {} })),
    jobs: [
      {
        name: job,
        plan: corpus.map((name, index) => ({
          task: name,
          params: { FAKE_STDOUT: name, ...(index === corpus.length - 1 && { FAKE_STDOUT: corpus.join('\n'), FAKE_EXIT: '1' }) },
          config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: name, args: [name] } },
        })),
      },
      ...others.map((name) => ({ name, plan: [{ get: name }] })),
    ],
    resource_types: [{ name: 'mock', type: 'registry-image', source: { repository: 'registry.example/mock' } }],
  })

/** As the page shows it: without what would show another text. */
const shownIn = (value: unknown): unknown => JSON.parse(JSON.stringify(value), (_key, one: unknown) => (typeof one === 'string' ? shownAs(one) : one))

test('S16, W24: names of pipelines, groups, jobs, resources, steps and icons, logs and the config that are markup are shown as they are, and nothing in them runs', async () => {
  const api = await world.server.as('ana')
  const [name, job] = [at(0), at(1)]
  const others = corpus.filter((one) => one !== job)
  await api.setPipeline(name, pipelineOf(job, others))
  const pipeline = `/teams/main/${path('pipelines', name)}`
  const id = await api.trigger(name, job)
  expect(await api.ended(id)).toBe('failed')

  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  refuseDialogs(page)
  const shows = async (url: string, texts: readonly string[]): Promise<void> => {
    await page.goto(url)
    await showsUnharmed(page, texts)
  }
  await shows('/', [name])
  await shows(pipeline, corpus)
  await shows(`${pipeline}?show=resources`, corpus)
  await shows(`${pipeline}?show=list`, corpus)
  await shows(`${pipeline}/${path('jobs', job)}`, [job])
  await shows(`/builds/${id}`, corpus)
  for (const tabName of ['image', 'outputs', 'config']) await shows(`/builds/${id}?tab=${tabName}`, corpus)
  await shows(`${pipeline}/${path('resources', at(5))}`, [at(5)])
  await shows('/builds', [job])
  await shows(`${pipeline}/config`, [])
  // Written as YAML, it has each of them whatever quotes it takes.
  const lines = page.getByRole('region', { name: 'Config as YAML' }).getByRole('listitem')
  await lines.first().waitFor()
  const written = parse((await lines.evaluateAll((all) => all.map((line) => line.textContent ?? ''))).join('\n')) as { readonly groups: unknown; readonly jobs: unknown }
  const set = JSON.parse(pipelineOf(job, others)) as { readonly groups: unknown; readonly jobs: unknown }
  expect(shownIn(written.groups)).toEqual(shownIn(set.groups))
  expect(shownIn(written.jobs)).toEqual(shownIn(set.jobs))
  await showsUnharmed(page, [])
})
