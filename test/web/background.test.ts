import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><linearGradient id="a"><stop stop-color="#c06"/><stop offset="1" stop-color="#06c"/></linearGradient><rect width="800" height="600" fill="url(#a)"/></svg>'

const world = webWorld({ webImageHosts: ['*.img.example'] })

const config = (display: object): string => `display: ${JSON.stringify(display)}\njobs:${taskJob('unit')}`

test('a background image is shown from a host that the server names, to strangers too, and tells that host nothing', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('painted', config({ background_image: 'http://a.img.example/a.svg', background_filter: 'opacity(40%)' }))
  await api.call('PUT', '/teams/main/pipelines/painted/expose')
  for (const person of ['ana', undefined] as const) {
    await using tab = await openTab(world.browser, world.server, { mayAsk: 'http://a.img.example', ...(person !== undefined && { person }) })
    const { page } = tab
    const asked: (string | undefined)[] = []
    await page.route('http://a.img.example/**', async (route) => {
      const { cookie, referer } = await route.request().allHeaders()
      asked.push(route.request().url(), cookie, referer)
      await route.fulfill({ contentType: 'image/svg+xml', body: picture })
    })
    await page.goto('/teams/main/pipelines/painted')
    await page.getByRole('link', { name: /unit/ }).first().waitFor()
    await expect.poll(() => page.evaluate(() => [...document.images].map(({ naturalWidth, style: { filter } }) => [naturalWidth, filter]))).toEqual([[800, 'opacity(40%)']])
    expect(await accessibilityFindings(page)).toEqual([])
    await tab.picture(`pipeline-background-${person ?? 'stranger'}`)
    expect(asked).toEqual(['http://a.img.example/a.svg', undefined, undefined])
  }
})

test('no image is asked for from another host, nor a path of this server, and the policy would let none in', async () => {
  const api = await world.server.as('ana')
  await api.setPipeline('elsewhere', config({ background_image: 'https://example.org/a.png' }))
  await api.setPipeline('itself', config({ background_image: '/logout' }))
  // What the policy keeps back, the browser tells as a request, too.
  await using tab = await openTab(world.browser, world.server, { person: 'ana', mayAsk: 'https://example.org' })
  const { page } = tab
  for (const name of ['elsewhere', 'itself']) {
    await page.goto(`/teams/main/pipelines/${name}`)
    await page.getByRole('link', { name: /unit/ }).first().waitFor()
    await tab.settled()
    expect(await page.evaluate(() => document.images.length)).toBe(0)
  }
  expect(tab.requests.filter((request) => /logout|a\.png/.test(request))).toEqual([])
  tab.expectConsole(/img-src/)
  const refused = page.evaluate(() => new Promise<string>((resolve) => {
    addEventListener('securitypolicyviolation', ({ blockedURI }) => resolve(blockedURI))
    new Image().src = 'https://example.org/b.png'
  }))
  expect(await refused).toBe('https://example.org/b.png')
})
