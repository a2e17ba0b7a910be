import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { corpus } from './harness/corpus.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const at = (index: number): string => corpus[index % corpus.length] ?? ''
const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

/** Each of its names, texts and values is one of the corpus; together they have them all. JSON is YAML. */
const pipelineOf = (job: string, others: readonly string[]): string =>
  JSON.stringify({
    display: { background_image: 'https://example.org/"><img src=x onerror=window.__x=1>' },
    groups: corpus.map((name, index) => ({ name, jobs: index === 0 ? ['*', job] : [job] })),
    resources: others.map((name, index) => ({ name, type: 'mock', icon: at(index), source: { versions: [{ v: at(index) }], metadata: [{ name: at(index), value: at(index + 1) }, { name: 'url', value: `https://example.org/${at(index)}` }] } })),
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

/** What a page must not have got from a name or a text. */
const harm = (page: Page) =>
  page.evaluate(() => ({
    ran: (window as { __x?: unknown }).__x,
    elements: document.querySelectorAll('iframe, object, embed, base, body script, meta[http-equiv], svg script, img[src=x], style').length,
    handlers: [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith('on'))),
    links: [...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href') ?? '', location.href).protocol).filter((protocol) => !/^https?:$/.test(protocol)),
  }))

const unharmed = { ran: undefined, elements: 0, handlers: [], links: [] }

/** Bidirectional controls and line separators are shown as a symbol, where they would show another text. */
const shownAs = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd').replaceAll(/\s+/g, '\\s+'))

test('S16, W24: names, texts and values that are markup, scripts or control characters are shown as they are on every page, and nothing in them runs', async () => {
  const api = await world.server.as('ana')
  const [name, job] = [at(0), at(1)]
  await api.setPipeline(name, pipelineOf(job, corpus.filter((one) => one !== job)))
  const pipeline = `/teams/main/${path('pipelines', name)}`
  await api.call('PUT', '/wall', { message: at(2), TTL: 0 })
  const id = await api.trigger(name, job)
  expect(await api.ended(id)).toBe('failed')
  await api.call('PUT', `/builds/${id}/comment`, { comment: at(3) })

  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  page.on('dialog', (dialog) => {
    expect.unreachable(`a dialog: ${dialog.message()}`)
  })
  const shows = async (url: string, texts: readonly string[]): Promise<void> => {
    await page.goto(url)
    for (const text of texts) await page.waitForFunction((source) => new RegExp(source).test(document.body.textContent ?? ''), shownAs(text).source)
    expect(await harm(page)).toEqual(unharmed)
  }
  await shows('/', [name])
  await shows(pipeline, corpus)
  await shows(`${pipeline}?show=resources`, corpus)
  await shows(`${pipeline}?show=list`, corpus)
  await shows(`${pipeline}/config`, [job])
  await shows(`${pipeline}/${path('jobs', job)}`, [job])
  await shows(`/builds/${id}`, [...corpus, at(3)])
  for (const tabName of ['image', 'outputs', 'config']) await shows(`/builds/${id}?tab=${tabName}`, corpus)
  await shows(`${pipeline}/${path('resources', at(5))}`, [at(5)])
  await shows('/builds', [job])
})
