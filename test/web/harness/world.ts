import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { freePort } from '../../services/ports.ts'
import { startBrowser } from './browser.ts'
import { startFront, type Front } from './front.ts'
import { headlessShell } from './programs.ts'
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
 * Give pipelines names of the test's own: the server is shared. `browser: wholeChromium` (programs.ts) is for what the headless shell has not.
 */
export function webWorld({ browser = headlessShell, ...options }: WebServerOptions & { readonly browser?: string } = {}): World {
  return open(async (world, port) => void (world.server = await startWebServer(port, options)), { browser })
}

/** The same with a proxy between browser and server, which breaks connections as the test says. */
export function webWorldBehindFront(): World & { front: Front } {
  return open<World & { front: Front }>(async (world, port) => {
    const listens = await freePort()
    const [server, front] = await Promise.all([startWebServer(port, {}, listens), startFront(port, listens)])
    Object.assign(world, { server, front })
  }, { stop: (world) => world.front?.stop() })
}

function open<W extends World>(start: (world: Partial<W>, port: number) => Promise<void>, { browser: program = headlessShell, stop = () => undefined }: { readonly browser?: string; readonly stop?: (world: Partial<W>) => unknown }): W {
  const world: Partial<W> = {}
  beforeAll(async () => {
    const port = await freePort()
    const [, browser] = await Promise.all([start(world, port), startBrowser(port, program)])
    Object.assign(world, { browser })
  })
  afterAll(async () => {
    await world.browser?.close()
    await stop(world)
    await world.server?.stop()
  })
  return world as W
}
