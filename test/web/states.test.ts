import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFindings } from './harness/axe.ts'
import { openTab } from './harness/browser.ts'
import { prepareStates, type Prepared } from './harness/states.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()
let prepared: Promise<Prepared> | undefined

/** What is wrong with what a page shows, a line each. */
async function faults(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => ({
    sideways: document.documentElement.scrollWidth - innerWidth,
    headings: document.querySelectorAll('h1').length,
    moving: document.getAnimations().length,
    bar: document.querySelector('header')?.offsetHeight ?? 0,
    // Behind text the system lays its own ground.
    lost: matchMedia('(forced-colors: active)').matches
      ? [...document.querySelectorAll('body *')].flatMap((element) => {
          const { color, forcedColorAdjust } = getComputedStyle(element) as CSSStyleDeclaration & { readonly forcedColorAdjust: string }
          const hasText = [...element.childNodes].some((child) => child instanceof Text && child.data.trim() !== '')
          return hasText && element.checkVisibility() && forcedColorAdjust !== 'none' && color === getComputedStyle(document.body).backgroundColor ? [element.textContent] : []
        })
      : [],
    unstyled: [...document.querySelectorAll('[class~="undefined"]')].map((element) => element.outerHTML.slice(0, 80)),
    below: innerWidth > 1000 && document.querySelector('[aria-label="Lines of the log"]') !== null ? document.documentElement.scrollHeight - innerHeight : 0,
  }))
  return [
    ...(await accessibilityFindings(page)),
    ...(seen.sideways > 0 ? [`${seen.sideways} px wider than the window`] : []),
    ...(seen.headings === 1 ? [] : [`${seen.headings} h1`]),
    ...seen.lost.map((text) => `“${text}” has the colour of the ground`),
    ...seen.unstyled.map((element) => `a class that no style sheet has: ${element}`),
    ...(seen.bar > 46 ? [`the bar at the top is ${seen.bar} px high: it has more than a line`] : []),
    ...(seen.below > 0 ? [`the log ends ${seen.below} px below the window`] : []),
    ...(seen.moving > 0 ? [`${seen.moving} animations, though motion is to be reduced`] : []),
  ]
}

/** What takes the focus and does not show that it has it: by an outline of its own, of what it covers or of what holds it, or, in the graph, by its box. */
async function focusUnseen(page: Page): Promise<string[]> {
  // A focus that the keyboard moved is shown, and stays shown when a script moves it on.
  await page.keyboard.press('Tab')
  return page.evaluate(() => {
    const outlined = (element: Element, part?: string): boolean => getComputedStyle(element, part).outlineStyle !== 'none'
    const drawn = (element: Element): boolean => [...element.querySelectorAll('rect')].some((box) => ['strokeWidth', 'fill'].some((name) => !unfocused.get(box)?.includes(`${getComputedStyle(box)[name as 'fill']}`)))
    const looksOf = (box: Element): string[] => [getComputedStyle(box).strokeWidth, getComputedStyle(box).fill]
    const unfocused = new Map([...document.querySelectorAll('a rect')].map((box) => [box, looksOf(box)]))
    return [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]')].flatMap((element) => {
      if (!element.checkVisibility()) return []
      element.focus({ preventScroll: true })
      if (document.activeElement !== element || !element.matches(':focus-visible')) return []
      const seen = outlined(element) || outlined(element, '::after') || (element.parentElement !== null && outlined(element.parentElement)) || drawn(element)
      return seen ? [] : [`${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent} has the focus, and it is not seen`]
    })
  })
}

/** 640 pixels: a window of 1280 at 200 %. */
const looks = [
  { name: 'light-1440', width: 1440, media: { colorScheme: 'light', forcedColors: 'none' } },
  { name: 'dark-320', width: 320, media: { colorScheme: 'dark', forcedColors: 'none' } },
  { name: 'forced-640', width: 640, media: { colorScheme: 'light', forcedColors: 'active' } },
] as const

test('W25: axe finds nothing in any page and state, light, dark and in forced colours, and each fits 320 pixels, has one h1 and does not move', async () => {
  const { states } = await (prepared ??= prepareStates(world.server))
  const found: string[] = []
  for (const person of ['ana', 'vera', 'otto', 'stranger'] as const) {
    await using tab = await openTab(world.browser, world.server, { reducedMotion: 'reduce', ...(person !== 'stranger' && { person }) })
    for (const refusal of ['401 GET', '403 GET', '404 GET']) tab.expectRefusal(refusal)
    for (const state of states.filter((one) => (one.person ?? 'ana') === person)) {
      await tab.page.setViewportSize({ width: 1440, height: 900 })
      await tab.page.goto(state.path)
      await state.ready(tab.page)
      await tab.page.getByText('The registry moves at noon').first().waitFor()
      for (const { name, width, media } of looks) {
        await tab.page.emulateMedia(media)
        await tab.page.setViewportSize({ width, height: 900 })
        await tab.settled()
        await tab.picture(`${state.name}-${name}`)
        found.push(...(await faults(tab.page)).filter((fault) => state.cutsNames !== true || !fault.startsWith('label-content-name-mismatch')).map((fault) => `${state.name}, ${name}: ${fault}`))
      }
      found.push(...(await focusUnseen(tab.page)).map((fault) => `${state.name}: ${fault}`))
    }
  }
  expect(found).toEqual([])
})

const main = '/teams/main/pipelines'
/** Each kind of URL, the heading of its page and the tab's title. */
const urls: readonly (readonly [path: string, heading: RegExp, title: RegExp])[] = [
  ['/', /pipelines$/, /^(\d+ failing · )?Dashboard · Airside$/],
  ['/?search=team:main&view=all', /pipelines$/, /Dashboard · Airside$/],
  [`${main}/shop?group=other`, /shop/, /^shop .* · Airside$/],
  [`${main}/shop?show=list&job=unit`, /shop/, /^shop .* · Airside$/],
  [`${main}/instances?vars.branch=%22main%22`, /instances/, /^instances.* · Airside$/],
  [`${main}/shop/config`, /config/i, /config.* · Airside$/i],
  [`${main}/shop/jobs/unit?from=1&limit=10`, /unit/, /^unit.* · Airside$/],
  [`${main}/shop/jobs/unit/builds/1?tab=config`, /^unit #1 failed$/, /^unit #1 failed · Airside$/],
  [`${main}/shop/resources/repo?filter=ref:2`, /repo/, /^repo.* · Airside$/],
  [`${main}/shop/resources/repo/causality/VERSION/downstream`, /repo/, /repo.* · Airside$/],
  [`${main}/shop/resources/repo/causality/VERSION/upstream`, /repo/, /repo.* · Airside$/],
  ['/builds/CHECK', /succeeded$/, /succeeded · Airside$/],
  ['/builds?status=failed&team=main', /^Builds/, /^Builds.* · Airside$/],
  ['/download-fly', /^Download fly$/, /^Download fly · Airside$/],
  ['/account', /^ana$/, /^Account · Airside$/],
  ['/teams/main', /main/, /main.* · Airside$/],
  ['/admin', /^Administration$/, /^Administration · Airside$/],
  ['/builds/nonsense', /^There is no page at/, /^No such page · Airside$/],
]

/** The URLs, with the ids of what was prepared. */
async function preparedUrls(): Promise<typeof urls> {
  const { check, version } = await (prepared ??= prepareStates(world.server))
  return urls.map(([path, ...more]) => [path.replace('CHECK', String(check)).replace('VERSION', String(version)), ...more] as const)
}

async function isShown(page: Page, [, heading, title]: (typeof urls)[number]): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await expect.poll(() => page.title()).toMatch(title)
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
}

test('W2: each URL shows its page with heading, title and focus when it is opened, and hide_ui stays on links', async () => {
  const all = await preparedUrls()
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width: 1000, height: 500 } })
  tab.expectRefusal('404 GET')
  const { page } = tab
  // A terminal is a document of its own, without a bar.
  const links = () => page.getByRole('main').locator('a[href^="/"]:not([href^="/terminal?"]):not([download]):not([href^="/api/"])').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  for (const one of all) {
    const [path] = one
    await page.goto(`${path}${path.includes('?') ? '&' : '?'}hide_ui=true`)
    await isShown(page, one)
    await tab.settled()
    expect(await page.getByRole('banner').count(), path).toBe(0)
    expect((await links()).filter((link) => !link.includes('hide_ui=true')), path).toEqual([])
  }
  await page.goto('/?hide_ui=true')
  await page.getByRole('main').getByRole('link', { name: 'shop' }).first().click()
  await isShown(page, [`${main}/shop`, /shop/, /^shop .* · Airside$/])
  expect([await page.getByRole('banner').count(), new URL(page.url()).search]).toEqual([0, '?hide_ui=true'])
})

/** A link of the test's own, for pages that the page before has no link to. */
const follow = (page: Page, path: string): Promise<void> =>
  page.evaluate((to) => {
    const link = document.querySelector('main')?.appendChild(document.createElement('a'))
    link?.setAttribute('href', to)
    link?.click()
    link?.remove()
  }, path)

const scrolledTo = (page: Page): Promise<number> => page.evaluate(() => Math.round(scrollY))

test('W2: each URL is reached by a link, by Back and by Forward, without a new document, where it was scrolled to', async () => {
  // A link to what is no page is left to the browser.
  const all = (await preparedUrls()).filter(([path]) => path !== '/builds/nonsense')
  await using tab = await openTab(world.browser, world.server, { person: 'ana', viewport: { width: 1000, height: 300 } })
  const { page } = tab
  let documents = 0
  page.on('request', (request) => (documents += request.isNavigationRequest() ? 1 : 0))
  const left: number[] = []
  /** Scrolls down, as far as the page goes, and remembers where to. */
  const scrollDown = async (at: number): Promise<void> => {
    await tab.settled()
    await page.evaluate(() => new Promise<void>((resolve) => {
      const before = scrollY
      addEventListener('scrollend', () => resolve(), { once: true })
      scrollBy(0, 90)
      if (scrollY === before) resolve()
    }))
    left[at] = await scrolledTo(page)
  }
  // A build's page goes to the step and the line that it shows.
  const goesItself = (at: number): boolean => /\/builds\/\d/.test(all[at]?.[0] ?? '')
  const isBack = async (at: number): Promise<void> => {
    await isShown(page, all[at] as (typeof all)[number])
    if (goesItself(at)) return
    // Also after all that it reads has come, be it above what is shown.
    await tab.settled()
    await expect.poll(async () => (await scrolledTo(page)) - (left[at] ?? 0), { message: all[at]?.[0] ?? '' }).toBe(0)
  }
  for (const [at, one] of all.entries()) {
    await (at === 0 ? page.goto(one[0]) : follow(page, one[0]))
    await isShown(page, one)
    if (!goesItself(at)) expect(await scrolledTo(page), one[0]).toBe(0)
    await scrollDown(at)
  }
  expect(left.filter((top) => top > 0).length).toBeGreaterThan(5)
  for (let at = all.length - 2; at >= 0; at -= 1) {
    await page.evaluate(() => history.back())
    await isBack(at)
  }
  await scrollDown(0)
  for (const at of all.keys()) {
    if (at === 0) continue
    await page.evaluate(() => history.forward())
    await isBack(at)
  }
  expect(documents).toBe(1)
})
