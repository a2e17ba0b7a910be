import type { Browser, Page } from 'playwright-core'
import { ensurePackages } from '../../test/services/packages.ts'
import { startBrowser } from '../../test/web/harness/browser.ts'
import { wholeChromium } from '../../test/web/harness/programs.ts'
import { freePort } from '../../test/services/ports.ts'
import { startWebServer, type WebServer } from '../../test/web/harness/web-server.ts'

/** A server on the fake runtime and a browser, as the browser tests have them. */
export interface Session {
  readonly server: WebServer
  readonly browser: Browser
  /** A page of a new profile, logged in, whose long tasks are counted. */
  readonly page: () => Promise<Page>
  readonly close: () => Promise<void>
}

/** With the whole browser, as people have it. */
export async function openSession(): Promise<Session> {
  await ensurePackages([{ package: 'chromium', proof: wholeChromium }], console.error)
  const [server, browser] = await Promise.all([startWebServer(await freePort()), startBrowser(undefined, wholeChromium)])
  return {
    server,
    browser,
    async page() {
      const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
      context.setDefaultTimeout(300_000)
      const page = await context.newPage()
      await page.goto('/sky/login?redirect_uri=/download-fly')
      await page.getByLabel('Username').fill('ana')
      await page.getByLabel('Password').fill('ana')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.waitForURL('/download-fly')
      await context.addInitScript(countLongTasks)
      return page
    },
    async close() {
      await browser.close()
      await server.stop()
    },
  }
}

export interface Counted {
  /** Of each long task of the page's thread, ms: those over 50. */
  longTasks: number[]
  /** When an element with this attribute was first there, ms since the navigation. */
  firstLine?: number
}

function countLongTasks(): void {
  const counted: Counted = { longTasks: [] }
  Object.assign(window, { counted })
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) counted.longTasks.push(duration)
  }).observe({ type: 'longtask' as 'measure', buffered: true })
  new MutationObserver((_, observer) => {
    if (document.querySelector('[data-line]') === null) return
    // When the frame that shows it has been painted.
    requestAnimationFrame(() => setTimeout(() => (counted.firstLine = performance.now())))
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })
}

export const countedIn = (page: Page): Promise<Counted> => page.evaluate(() => (window as unknown as { counted: Counted }).counted)

/**
 * Counts from now on; tells how much processor time the page's thread took, in ms. Not how long its tasks took: those grow with whatever else
 * the machine does.
 */
export async function countCpu(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const taken = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
  }
  const before = await taken()
  return async () => (await taken()) - before
}
