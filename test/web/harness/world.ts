import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { freePort } from '../../services/ports.ts'
import { startBrowser } from './browser.ts'
import { startWebServer, type WebServer, type WebServerOptions } from './web-server.ts'

/** One server and one browser for all tests of a file. */
export interface World {
  server: WebServer
  browser: Browser
}

/**
 * For the beginning of a file of browser tests. A test then is:
 *
 *     const world = webWorld()
 *     test('…', async () => {
 *       const api = await world.server.as('ana')             // set-up goes through HTTP alone
 *       await api.setPipeline('shop', `jobs: ${taskJob('unit', { FAKE_HOLD: 'go' })}`)
 *       await using tab = await openTab(world.browser, world.server, { person: 'ana' })
 *       await tab.page.goto('/')
 *       await tab.page.getByRole('link', { name: 'shop' }).waitFor()   // waits are for what is shown, never for time
 *       world.server.fake.let('go')
 *     })
 *
 * Give pipelines names of the test's own: the server is shared.
 */
export function webWorld(options: WebServerOptions = {}): World {
  const world: Partial<World> = {}
  beforeAll(async () => {
    const port = await freePort()
    const [server, browser] = await Promise.all([startWebServer(port, options), startBrowser(port)])
    Object.assign(world, { server, browser })
  }, 300_000)
  afterAll(async () => {
    await world.browser?.close()
    await world.server?.stop()
  })
  return world as World
}
