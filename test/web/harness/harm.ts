import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** What a page must not have got from a name or a text. */
export const harm = (page: Page) =>
  page.evaluate(() => ({
    ran: (window as { __x?: unknown }).__x,
    elements: document.querySelectorAll('iframe, object, embed, base, body script, meta[http-equiv], svg script, img[src=x], style').length,
    handlers: [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith('on'))),
    links: [...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href') ?? '', location.href).protocol).filter((protocol) => !/^https?:$/.test(protocol)),
  }))

const unharmed: Awaited<ReturnType<typeof harm>> = { ran: undefined, elements: 0, handlers: [], links: [] }

/** Bidirectional controls and line separators are shown as a symbol, where they would show another text; spaces are as HTML has them. */
export const shownAs = (text: string): string => text.replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd').replaceAll(/\s+/g, ' ').trim()

/** Waits until the page shows each text as it is, in text or a field, and looks at what came of them: nothing, or what a page has of its own. */
export async function showsUnharmed(page: Page, texts: readonly string[], own: Awaited<ReturnType<typeof harm>> = unharmed): Promise<void> {
  const wanted = texts.map(shownAs)
  const missing = () => page.evaluate((all) => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value)
    const shown = [document.body.textContent ?? '', ...fields].join('\n').replaceAll(/\s+/g, ' ')
    return all.filter((text) => !shown.includes(text))
  }, wanted)
  await expect.poll(missing, { message: new URL(page.url()).pathname }).toEqual([])
  expect(await harm(page)).toEqual(own)
}

/** Fails the test where a page opens a dialog of the browser. */
export function refuseDialogs(page: Page): void {
  page.on('dialog', (dialog) => expect.unreachable(`a dialog: ${dialog.message()}`))
}
