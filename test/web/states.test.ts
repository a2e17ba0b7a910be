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
  }))
  return [
    ...(await accessibilityFindings(page)),
    ...(seen.sideways > 0 ? [`${seen.sideways} px wider than the window`] : []),
    ...(seen.headings === 1 ? [] : [`${seen.headings} h1`]),
    ...(seen.moving > 0 ? [`${seen.moving} animations, though motion is to be reduced`] : []),
  ]
}

/** 640 pixels: a window of 1280 at 200 %. */
const looks = [
  { name: 'light-1440', width: 1440, media: { colorScheme: 'light', forcedColors: 'none' } },
  { name: 'dark-320', width: 320, media: { colorScheme: 'dark', forcedColors: 'none' } },
  { name: 'forced-640', width: 640, media: { colorScheme: 'light', forcedColors: 'active' } },
] as const

test('W25: axe finds nothing in any page and state, light, dark and in forced colours, and each fits 320 pixels, has one h1 and does not move', { timeout: 600_000 }, async () => {
  const { states } = await (prepared ??= prepareStates(world.server))
  const found: string[] = []
  for (const person of ['ana', 'vera', 'stranger'] as const) {
    await using tab = await openTab(world.browser, world.server, { reducedMotion: 'reduce', ...(person !== 'stranger' && { person }) })
    for (const refusal of ['401 GET', '403 GET', '404 GET']) tab.expectRefusal(refusal)
    for (const state of states.filter((one) => (one.person ?? 'ana') === person)) {
      await tab.page.setViewportSize({ width: 1440, height: 900 })
      await tab.page.goto(state.path)
      await state.ready(tab.page)
      await tab.page.getByRole('status').getByText('The registry moves at noon').waitFor()
      for (const { name, width, media } of looks) {
        await tab.page.emulateMedia(media)
        await tab.page.setViewportSize({ width, height: 900 })
        await tab.settled()
        await tab.picture(`${state.name}-${name}`)
        found.push(...(await faults(tab.page)).map((fault) => `${state.name}, ${name}: ${fault}`))
      }
    }
  }
  expect(found).toEqual([])
})
