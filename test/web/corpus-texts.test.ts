import { expect, test } from 'vitest'
import { openTab } from './harness/browser.ts'
import { corpus } from './harness/corpus.ts'
import { harm, refuseDialogs, shownAs, showsUnharmed } from './harness/harm.ts'
import { webWorld } from './harness/world.ts'

/** Who is called as no user should be. */
const user = '<img src=x onerror=window.__x=1>'
const world = webWorld({ users: [user] })

const at = (index: number): string => corpus[index % corpus.length] ?? ''
const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')
/** Three of the corpus in each. */
const threes = Array.from({ length: corpus.length / 3 }, (_, index) => corpus.slice(index * 3, index * 3 + 3).join(' '))
const image = { type: 'registry-image', source: { repository: 'registry.example/tools' } }
const task = (name: string, params: Readonly<Record<string, string>> = {}, source: object = image.source) => ({ task: name, params, config: { platform: 'linux', image_resource: { ...image, source }, outputs: [{ name: 'left' }], run: { path: 'sh' } } })

test('W24: names of teams, pipelines and instance vars, who paused them and why, and members that are markup are shown as they are', async () => {
  const api = await world.server.as('ana')
  const auth = { owner: { users: ['local:ana', `local:${user}`] }, viewer: { users: corpus.map((name) => `local:${name}`), groups: corpus.map((name) => `github:${name}`) } }
  const pipelines = corpus.map((team, index) => ({ team, name: at(index + 7), vars: { [at(index + 13)]: at(index + 21) } }))
  for (const [index, { team, name, vars }] of pipelines.entries()) {
    await api.call('PUT', path('', 'teams', team), { auth })
    await api.setPipeline(name, JSON.stringify({ display: { background_image: `https://example.org/${at(index)}` }, jobs: [{ name: 'unit', plan: [task('unit')] }] }), { team, vars: JSON.stringify(vars), paused: true })
    await api.call('PUT', `${path('', 'teams', team, 'pipelines', name)}/pause?vars=${encodeURIComponent(JSON.stringify(vars))}`, { reason: at(index + 29) })
  }
  await using tab = await openTab(world.browser, world.server, { person: { name: user, password: user } })
  const { page } = tab
  refuseDialogs(page)
  await page.goto('/')
  await showsUnharmed(page, [...corpus, ...pipelines.map(({ team }) => team), user])
  for (const [index, { team, name, vars }] of pipelines.entries()) {
    await page.goto(`${path('', 'teams', team, 'pipelines', name)}?vars=${encodeURIComponent(JSON.stringify(vars))}`)
    // The key of a var stands in quotes where it has a dot or a quote.
    await showsUnharmed(page, [team, name, at(index + 21), at(index + 29)])
    const [key = ''] = Object.keys(vars)
    const shown = shownAs((await page.locator('body').textContent()) ?? '')
    expect([key, JSON.stringify(key)].filter((text) => shown.includes(shownAs(text)))).not.toEqual([])
  }
  await page.goto(path('', 'teams', at(8)))
  await showsUnharmed(page, [...corpus, user])
  await page.goto('/account')
  await showsUnharmed(page, [user])
})

test('W24: versions and metadata of a resource, its pin’s comment, comments on builds and the message to everybody that are markup are shown as they are', async () => {
  const api = await world.server.as('ana')
  const [name, resource] = ['versions', 'repo']
  const metadata = corpus.flatMap((text) => [{ name: text, value: text }, { name: 'url', value: text }, { name: 'link', value: `https://example.org/${text}` }])
  await api.setPipeline(name, JSON.stringify({
    resource_types: [{ name: 'mock', ...image }],
    resources: [{ name: resource, type: 'mock', source: { versions: corpus.map((text, index) => ({ [text]: at(index + 1) })), metadata } }, { name: 'broken', type: 'mock', source: { exit: '1', stderr: corpus.join('\n') } }],
    jobs: [{ name: 'unit', plan: [{ get: resource }] }, { name: 'breaks', plan: [{ get: 'broken' }] }],
  }))
  const p = `/teams/main/pipelines/${name}`
  const check = async (of: string): Promise<number> => (await api.call<{ id: number }>('POST', `${p}/resources/${of}/check`, { from: null })).id
  const broken = await check('broken')
  expect([await api.ended(await check(resource)), await api.ended(broken)]).toEqual(['succeeded', 'failed'])
  const id = await api.trigger(name, 'unit')
  expect(await api.ended(id)).toBe('succeeded')
  const [newest] = await api.call<{ id: number }[]>('GET', `${p}/resources/${resource}/versions`)
  await api.call('PUT', `${p}/resources/${resource}/versions/${newest?.id}/pin`)

  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  const build = await tab.context.newPage()
  for (const one of [page, build]) refuseDialogs(one)
  await page.goto(`${p}/resources/${resource}?limit=100`)
  await showsUnharmed(page, corpus)
  await page.getByRole('button', { name: /^Details of version/ }).first().click()
  await showsUnharmed(page, [...corpus, ...corpus.map((text) => `https://example.org/${text}`)])
  await build.goto(`/builds/${id}?tab=config`)
  await showsUnharmed(build, corpus)
  for (const text of threes) {
    await api.call('PUT', `/builds/${id}/comment`, { comment: text })
    await api.call('PUT', `${p}/resources/${resource}/pin_comment`, { pin_comment: text })
    await api.call('PUT', '/wall', { message: `everybody: ${text}` })
    await Promise.all([page, build].map((one) => showsUnharmed(one, [text, `everybody: ${text}`])))
    await build.locator('q').filter({ hasText: shownAs(text) }).waitFor()
  }
  await api.call('DELETE', '/wall')
  // All lines of the log.
  await page.setViewportSize({ width: 1440, height: 2_400 })
  await page.goto(`/builds/${broken}`)
  await showsUnharmed(page, corpus)
})

test('W24: images, errors, files and test reports that are markup are shown as they are', async () => {
  const api = await world.server.as('ana')
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  // A name of a file has no `/`, which is between names.
  const files = corpus.map((text) => text.replaceAll('/', '|'))
  await world.server.storeOutput('left', {
    ...Object.fromEntries(files.map((name) => [name, name])),
    'junit.xml': `<testsuites>${corpus.map((text) => `<testsuite name="${escaped(text)}"><testcase name="${escaped(text)}" classname="${escaped(text)}"><failure message="${escaped(text)}">${escaped(text)}</failure></testcase></testsuite>`).join('')}</testsuites>`,
  })
  await api.setPipeline('texts', JSON.stringify({
    jobs: [
      { name: 'leaves', plan: [task('leaves')] },
      { name: 'loses', plan: [{ in_parallel: threes.map((text, index) => task(`lost-${index}`, { FAKE_LOSE: text })) }] },
      { name: 'images', plan: [{ in_parallel: threes.map((text, index) => task(`image-${index}`, {}, { repository: text, tag: at(index + 1) })) }] },
    ],
  }))
  const built = async (job: string): Promise<number> => {
    const id = await api.trigger('texts', job)
    await api.ended(id)
    return id
  }
  const [leaves, loses, images] = [await built('leaves'), await built('loses'), await built('images')]
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  refuseDialogs(page)
  await page.goto(`/builds/${leaves}?tab=outputs`)
  await page.getByRole('table').waitFor()
  await showsUnharmed(page, files)
  for (const name of files.filter((_, index) => index % 6 === 0)) {
    await page.getByRole('table').getByRole('button').nth((await page.getByRole('table').getByRole('button').allTextContents()).indexOf(shownAs(name))).click()
    await showsUnharmed(page, [name])
  }
  await page.goto(`/builds/${leaves}?tab=tests`)
  await showsUnharmed(page, corpus)
  for (const [build, name] of [[loses, 'lost'], [images, 'image']] as const) {
    await page.goto(`/builds/${build}`)
    for (const [index, text] of threes.entries()) {
      await page.getByRole('treeitem').filter({ hasText: new RegExp(`${name}-${index}(?!\\d)`) }).first().click()
      await showsUnharmed(page, [text])
    }
  }
})

test('W24: pages of the login show what they are given as it is', async () => {
  await using tab = await openTab(world.browser, world.server)
  for (const refusal of ['400 GET', '401 POST', '403 ', '404 GET', '429 POST']) tab.expectRefusal(refusal)
  const { page } = tab
  refuseDialogs(page)
  for (const address of ['/sky/login?redirect_uri=', '/login?fly_port=', '/fly_success?fly_port=', '/sky/issuer/callback?state=x&error=x&error_description=', '/no/page/']) {
    // These pages have a style of their own.
    await page.goto(`${address}plain`)
    const own = await harm(page)
    for (const text of corpus.filter((_, index) => index % (address.startsWith('/sky/login?') ? 1 : 5) === 0)) {
      await page.goto(address + encodeURIComponent(text))
      await showsUnharmed(page, [], own)
    }
  }
  await page.goto('/sky/login')
  const own = await harm(page)
  for (const text of corpus.slice(0, 5)) {
    await page.goto('/sky/login')
    await page.getByLabel('Username').fill(text)
    await page.getByLabel('Password').fill(text)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').waitFor()
    await showsUnharmed(page, [], own)
  }
})
