import type { Page, Request } from 'playwright-core'

/** Longer than any answer takes on a busy machine; a page that waits in vain waits for its whole time limit. */
const longMs = 60_000

/** What a page has asked its server for and has no answer to: the cause when a test waits for content that never comes. */
export class Unanswered {
  readonly #since = new Map<string, number>()
  #waiting: (() => void)[] = []

  /** Whether the page waits for an answer. */
  get any(): boolean {
    return this.#since.size > 0
  }

  /** Resolves when every answer has come. */
  async none(): Promise<void> {
    while (this.any) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  of(page: Page): void {
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) return
      this.#since.clear()
      this.#tell()
    })
    page.on('request', (request) => this.#since.set(`${request.method()} ${request.url()}`, Date.now()))
    const ended = (request: Request): void => this.#answered(`${request.method()} ${request.url()}`)
    page.on('requestfinished', ended)
    page.on('requestfailed', ended)
    // The page's connection where there is no WebSocket: it never ends.
    page.on('response', (response) => new URL(response.url()).pathname === '/api/v1/watch' && ended(response.request()))
    page.on('websocket', (socket) => {
      this.#since.set(`answer of ${socket.url()}`, Date.now())
      socket.on('framesent', ({ payload }) => {
        const { sub, topic, unsub } = JSON.parse(String(payload)) as { sub?: number; topic?: string; unsub?: number }
        if (topic !== undefined) this.#since.set(`topic ${topic} as ${sub}`, Date.now())
        if (unsub !== undefined) this.#answeredAs(unsub)
      })
      socket.on('close', () => this.#answered(`answer of ${socket.url()}`))
      socket.on('framereceived', ({ payload }) => {
        this.#answered(`answer of ${socket.url()}`)
        this.#answeredAs(typeof payload === 'string' ? (/^\{"sub":(\d+),/.exec(payload)?.[1] ?? '') : payload.readUInt32BE())
      })
    })
  }

  #answeredAs(sub: number | string): void {
    for (const what of this.#since.keys()) if (what.startsWith('topic ') && what.endsWith(` as ${sub}`)) this.#answered(what)
  }

  #answered(what: string): void {
    this.#since.delete(what)
    this.#tell()
  }

  #tell(): void {
    if (this.any) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  forLong(): string[] {
    return [...this.#since].filter(([, at]) => Date.now() - at > longMs).map(([what]) => `no answer: ${what}`)
  }
}
