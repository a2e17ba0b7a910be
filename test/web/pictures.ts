/**
 * `npm run web -- pictures` renews the pictures of the documents. `npm run web -- pictures FOLDER [NAME…]` takes, for people to look at, a
 * picture of each state of the pages, light and dark, in a wide window and on a phone; NAME: only states whose name begins so.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { freePort } from '../services/ports.ts'
import { openTab, startBrowser, type Tab } from './harness/browser.ts'
import { passingStates } from './harness/further-states.ts'
import { prepareShowcase } from './harness/showcase.ts'
import { prepareStates, type PageState } from './harness/states.ts'
import { startWebServer, type WebServer } from './harness/web-server.ts'

interface Looks {
  readonly folder: string
  readonly name: (state: string, width: number, theme: 'light' | 'dark') => string
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly whole: boolean }[]
}

const documents: Looks = { folder: join(import.meta.dirname, '../../docs/pictures'), name: (state, _, theme) => `${state}-${theme}.png`, sizes: [{ width: 1280, height: 560, whole: false }] }
const looksIn = (folder: string): Looks => ({
  folder,
  name: (state, width, theme) => `${state}-${width}-${theme}.png`,
  sizes: [
    { width: 1440, height: 900, whole: false },
    { width: 390, height: 844, whole: true },
  ],
})

const [folder, ...names] = process.argv.slice(2)
const port = await freePort()
const server = await startWebServer(port)
const browser = await startBrowser(port)
try {
  if (folder === undefined) await take(documents, await prepareShowcase(server), { browser, server })
  else {
    const states = [...(await prepareStates(server)).states, ...passingStates]
    await take(looksIn(folder), states.filter(({ name }) => names.length === 0 || names.some((one) => name.startsWith(one))), { browser, server })
  }
} finally {
  await browser.close()
  await server.stop()
}

async function take({ folder, name, sizes }: Looks, states: readonly PageState[], { browser, server }: { readonly browser: Browser; readonly server: WebServer }): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { width, height, whole } of sizes) {
    const open = async (person: NonNullable<PageState['person']> = 'ana'): Promise<Tab> => {
      const tab = await openTab(browser, server, { reducedMotion: 'reduce', viewport: { width, height }, ...(person !== 'stranger' && { person }) })
      for (const refusal of ['401 GET', '403 GET', '404 GET', '500 GET']) tab.expectRefusal(refusal)
      return tab
    }
    const shoot = async (tab: Tab, state: PageState): Promise<void> => {
      await tab.page.goto(state.path)
      await state.ready(tab.page)
      for (const theme of ['light', 'dark'] as const) {
        await tab.page.emulateMedia({ colorScheme: theme })
        if (state.before === undefined) await tab.settled()
        const path = join(folder, name(state.name, width, theme))
        await tab.page.screenshot({ path, fullPage: whole })
        console.log(path)
      }
    }
    const [own, shared] = [states.filter(({ before }) => before !== undefined), states.filter(({ before }) => before === undefined)]
    for (const person of new Set(shared.map((one) => one.person))) {
      await using tab = await open(person)
      for (const state of shared.filter((one) => one.person === person)) await shoot(tab, state)
    }
    for (const state of own) {
      await using tab = await open(state.person)
      await state.before?.(tab.page)
      await shoot(tab, state)
    }
  }
}
