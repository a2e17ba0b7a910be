import type { Page } from 'playwright-core'

/** What the pages of a tab follow the server by, which a test takes away and gives back. */
export interface Connection {
  cut(): Promise<void>
  restore(): Promise<void>
}

/** Before the tab's first page: neither sockets nor the stream in their place get through while the connection is cut. */
export async function connectionOf(page: Page): Promise<Connection> {
  let away = false
  const lines: { close(): Promise<void> }[] = []
  await page.routeWebSocket(/\/api\/v1\/watch/, (line) => {
    if (away) return void line.close()
    line.connectToServer()
    lines.push(line)
  })
  await page.route((url) => url.pathname === '/api/v1/watch', (route) => (away ? route.abort() : route.continue()))
  return {
    async cut() {
      away = true
      for (const line of lines.splice(0)) await line.close().catch(() => undefined)
    },
    async restore() {
      away = false
      await page.evaluate(() => dispatchEvent(new Event('online')))
    },
  }
}
