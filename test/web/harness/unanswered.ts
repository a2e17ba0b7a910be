import type { Page } from 'playwright-core'

/** Longer than any answer takes on a busy machine; a page that waits in vain waits for its whole time limit. */
const longMs = 60_000

/** What a page has asked its server for and has no answer to: the cause when a test waits for content that never comes. */
export class Unanswered {
  readonly #since = new Map<string, number>()

  of(page: Page): void {
    page.on('framenavigated', (frame) => frame === page.mainFrame() && this.#since.clear())
    page.on('request', (request) => this.#since.set(`${request.method()} ${request.url()}`, Date.now()))
    for (const end of ['requestfinished', 'requestfailed'] as const) page.on(end, (request) => this.#since.delete(`${request.method()} ${request.url()}`))
    page.on('websocket', (socket) => {
      this.#since.set(`answer of ${socket.url()}`, Date.now())
      socket.on('framesent', ({ payload }) => {
        const { sub, topic } = JSON.parse(String(payload)) as { sub?: number; topic?: string }
        if (topic !== undefined) this.#since.set(`topic ${topic} as ${sub}`, Date.now())
      })
      socket.on('framereceived', ({ payload }) => {
        this.#since.delete(`answer of ${socket.url()}`)
        const sub = typeof payload === 'string' ? /^\{"sub":(\d+),/.exec(payload)?.[1] : payload.readUInt32BE()
        for (const what of this.#since.keys()) if (what.startsWith('topic ') && what.endsWith(` as ${sub}`)) this.#since.delete(what)
      })
    })
  }

  forLong(): string[] {
    return [...this.#since].filter(([, at]) => Date.now() - at > longMs).map(([what]) => `no answer: ${what}`)
  }
}
