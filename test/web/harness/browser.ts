import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type APIRequestContext, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { formOf } from '../../../src/auth/testing/browser.ts'
import { openBrowserNetwork } from './browser-network.ts'
import { weaknesses } from './page-policy.ts'
import { headlessShell } from './programs.ts'
import { Unanswered } from './unanswered.ts'
import type { Person, WebServer } from './web-server.ts'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** A browser that reaches the server on a port of this machine, and nothing else where the tests may give it a network of its own. Without a port it has the machine's. */
export async function startBrowser(port?: number, program = headlessShell): Promise<Browser> {
  const network = port === undefined ? undefined : await openBrowserNetwork(port)
  const env = { CHROMIUM: program, ...process.env, ...(network && { BROWSER_NETWORK_OF: String(network.pid) }) }
  const browser = await chromium.launch({ executablePath: join(import.meta.dirname, 'chromium.sh'), args: flags, env })
  browser.once('disconnected', () => network?.close())
  return browser
}

/** A tab of a new profile, and all that must not happen in it. */
export interface Tab extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Requests so far, as `GET /path?query`. */
  readonly requests: readonly string[]
  /** An answer of 400 and above that the test wants, by the beginning of `STATUS METHOD /path`. */
  expectRefusal(beginning: string): void
  /** A console error that the test causes. */
  expectConsole(pattern: RegExp): void
  /** Resolves when the page has an answer to all that it asked for, and has drawn it. */
  settled(): Promise<void>
  /** For people: a picture in the folder AIRSIDE_SCREENSHOTS names, if it names one. */
  picture(name: string): Promise<void>
  /** Throws with what happened that must not. Disposal calls it. */
  check(): void
}

export interface TabOptions extends BrowserContextOptions {
  /** Who is logged in; absent: a stranger. The password of a test server's users is their name. */
  readonly person?: Person | { readonly name: string; readonly password: string }
  readonly theme?: 'light' | 'dark'
  /** Another origin that the page may ask. */
  readonly mayAsk?: string
}

/**
 * Opens a tab: `await using tab = await openTab(browser, server)`. When the test ends, a page with a weak content security policy, a violation of it, a
 * console error, an error that nobody caught, a request to another origin, or an answer of 400 and above that was not expected fails it.
 */
export async function openTab(browser: Browser, server: Pick<WebServer, 'url'>, { person, theme = 'light', mayAsk, ...options }: TabOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC', ...options })
  const faults: string[] = []
  const requests: string[] = []
  const expected: RegExp[] = []
  const refusals: string[] = ['401 GET /api/v1/user']
  const unanswered = new Unanswered()
  // For what hangs alone: a machine may be busy.
  context.setDefaultTimeout(300_000)
  await context.addInitScript(() => addEventListener('securitypolicyviolation', (event) => console.error(`policy ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)))
  const page = await context.newPage()
  page.on('console', (message) => {
    // An answer of 400 and above is a console message without the request: what is said below of answers counts.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource') && !expected.some((pattern) => pattern.test(message.text()))) faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`page: ${error.stack ?? error.message}`))
  page.on('request', (request) => {
    const { origin, pathname, search } = new URL(request.url())
    requests.push(`${request.method()} ${pathname}${search}`)
    if (origin !== server.url && origin !== mayAsk) faults.push(`foreign request: ${request.url()}`)
  })
  page.on('response', (response) => {
    const line = `${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`
    const headers = response.headers()
    if (response.request().resourceType() === 'document' && headers['content-type']?.startsWith('text/html') === true) faults.push(...weaknesses(new URL(response.url()).pathname, headers['content-security-policy'] ?? '').map((one) => `policy of ${response.url()}: ${one}`))
    if (response.status() >= 400 && !refusals.some((one) => line.startsWith(one))) faults.push(`answer: ${line}`)
  })
  unanswered.of(page)
  if (person !== undefined) await logInAs(context.request, typeof person === 'string' ? { name: person, password: person } : person)
  requests.length = 0
  const check = (): void => {
    if (faults.length === 0) return
    const told = `in the browser:\n${faults.join('\n')}`
    // Where the test has failed already, its error is the one that is shown.
    console.error(told)
    throw new Error(told)
  }
  return {
    page,
    context,
    requests,
    expectConsole: (pattern) => void expected.push(pattern),
    expectRefusal: (beginning) => void refusals.push(beginning),
    async picture(name) {
      const folder = process.env['AIRSIDE_SCREENSHOTS']
      if (folder === undefined) return
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}.png`) })
    },
    check,
    async settled() {
      do {
        await unanswered.none()
        // What an answer makes the page ask for comes after the next frame, as effects do.
        for (let frame = 0; frame < 3; frame++) await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))))
      } while (unanswered.any)
    },
    async [Symbol.asyncDispose]() {
      faults.push(...unanswered.forLong())
      await context.close()
      check()
    },
  }
}

/** By the server's own form, as people do, but without its page: to show that and fill it in takes a second of processor time, and most tests are about other pages. */
async function logInAs(requests: APIRequestContext, { name, password }: { readonly name: string; readonly password: string }): Promise<void> {
  const { action, fields } = formOf(await (await requests.get('/sky/login?redirect_uri=/download-fly')).text())
  const answer = await requests.post(action, { form: { ...fields, login: name, password }, maxRedirects: 0 })
  if (answer.status() !== 303) throw new Error(`${name} cannot log in: ${answer.status()} ${await answer.text()}`)
}
