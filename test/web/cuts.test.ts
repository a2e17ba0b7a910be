import { randomInt } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorldBehindFront } from './harness/world.ts'

const world = webWorldBehindFront()

const count = 800
/** Short: no line takes two rows. */
const text = `line % of a log ${'.'.repeat(40)}`
const line = (number: number): string => text.replace('%', String(number))
const log = Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join('')
/** Bytes of it in an event: it ends in the midst of a line. */
const size = 700
const events = Math.ceil(log.length / size)
/** Of the line that is cut at the end of so many events; it is an event of its own. */
const restOf = (given: number): string => log.slice(0, given * size).split('\n').at(-1) ?? ''
/** Of so many events; behind the line that says which image the node found. */
const linesOf = (given: number): number => 1 + log.slice(0, given * size).split('\n').filter((one) => one !== '').length

/** Numbers from 0 up to 1, the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What each line in the page is, by its number; the log is shown from its first line to its last. */
async function allLines(page: Page): Promise<Map<number, string>> {
  const lines = new Map<number, string>()
  const shown = page.getByRole('group', { name: 'Lines of the log' })
  for (let top = 1; !lines.has(count + 1); top = Math.max(...lines.keys())) {
    await shown.evaluate((element, at) => element.scrollTo({ top: at }), (top - 1) * 19)
    await page.locator(`[data-line="${Math.min(top + 10, count + 1)}"]`).waitFor()
    for (const [number, words] of await page.locator('[data-line]').evaluateAll((rows) => rows.map((row) => [Number((row as HTMLElement).dataset['line']), row.lastElementChild?.textContent ?? ''] as const))) lines.set(number, words)
  }
  return lines
}

/** Behind which events a page has asked for those of a build, in its order; -1: for all. */
function asksOf(page: Page, build: number): number[] {
  const asks: number[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const [, after] = new RegExp(`"build/${build}/events\\?after=(-?\\d+)"`).exec(String(payload)) ?? []
      if (after !== undefined) asks.push(Number(after))
    }),
  )
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === `/api/v1/builds/${build}/events`) asks.push(Number(request.headers()['last-event-id'] ?? -1))
  })
  return asks
}

/** `least`: bytes that so many events have at least as they go over the wire. */
const ways = [
  { way: 'a WebSocket', sockets: true, least: (many: number) => many * size, headers: {} },
  { way: 'answers in its place', sockets: false, least: (many: number) => many * size, headers: { 'Accept-Encoding': 'identity' } },
  { way: 'compressed answers in its place', sockets: false, least: () => 40, headers: {} },
]

test.each(ways)('W12: every line of a log comes once over $way, however that is cut', async ({ way, sockets, least, headers }) => {
  const seed = Number(process.env['AIRSIDE_TEST_SEED'] ?? randomInt(2 ** 32 - 1))
  const random = randomOf(seed)
  const { front, server } = world
  const [message, name] = [`AIRSIDE_TEST_SEED=${seed}`, way.replaceAll(' ', '-')]
  const api = await server.as('ana')
  await api.setPipeline(name, `jobs:${taskJob('unit', { FAKE_STDOUT: text, FAKE_LINES: String(count), FAKE_SPLIT: String(size), FAKE_PACE: name })}`)
  const id = await api.trigger(name, 'unit')
  front.refusesSockets = !sockets
  await using tab = await openTab(world.browser, server, { person: 'ana', extraHTTPHeaders: headers })
  tab.expectConsole(/WebSocket connection .* failed/)
  const { page } = tab
  const asks = asksOf(page, id)
  // A page that was cut waits before it comes back, the longer the more often: not where the network has returned, or time passes. A page
  // that is connected is left alone: with time passing it would give up a connection that is slow.
  if (!sockets) await page.clock.install()
  const hurry = (): Promise<void> => (sockets ? page.evaluate(() => void dispatchEvent(new Event('online'))) : page.clock.fastForward(5_000))
  const becomes = (what: string, of: () => unknown, wanted: unknown): Promise<void> =>
    expect.poll(async () => {
      const now = await of()
      if (now !== wanted && front.open === 0) await hurry()
      return now
    }, { message: `${what}, ${message}` }).toBe(wanted)
  try {
    await page.goto(`/builds/${id}`)
    for (let given = 0, round = 0; given < events; round++) {
      const kind = (['none', 'between', 'inside', 'beginning'] as const)[round % 4] ?? 'none'
      await becomes('connections', () => front.open > 0, true)
      const before = front.cuts
      let more = Math.ceil(random() * 8)
      // What is cut of a line is known by its number.
      while (given + more < events && !/^line \d+ /.test(restOf(given + more))) more++
      const inside = (): number => Math.ceil(random() * least(more))
      const beginnings = [Math.ceil(random() * 20), inside()]
      if (kind === 'beginning') front.cutsAfter = () => beginnings.shift() ?? Infinity
      if (kind === 'beginning' || kind === 'inside') front.cut(kind === 'inside' ? inside() : 0)
      for (; more > 0 && given < events; more--) server.fake.let(`${name}/${(given += 1)}`)
      // A connection that the page itself gives up is not cut: of three at a beginning there may be fewer.
      await becomes(`cut (${kind})`, () => front.cuts > before || kind === 'none' || kind === 'between', true)
      await becomes('lines', async () => (await page.locator('footer').textContent())?.split(' line')[0], linesOf(given).toLocaleString('en-GB'))
      if (given === events || kind !== 'between') continue
      // It has all that there is, and goes on behind that.
      const [newest] = [...(await api.events(id, `"payload":"${restOf(given)}"`)).matchAll(/^id: (\d+)$/gm)].slice(-1)
      const asked = asks.length
      front.cut(0)
      await becomes('asks', () => asks.length > asked && asks.at(-1), Number(newest?.[1]))
    }
  } finally {
    Object.assign(front, { refusesSockets: false, cutsAfter: undefined })
  }
  await page.getByRole('heading', { level: 1, name: 'unit #1 succeeded' }).waitFor()
  await page.getByText(/^Not live since/).waitFor({ state: 'detached' })
  await page.getByText('complete', { exact: true }).waitFor()
  expect(await page.locator('footer').textContent(), message).toContain(`${(count + 1).toLocaleString('en-GB')} lines`)
  const lines = await allLines(page)
  expect(lines.size, message).toBe(count + 1)
  expect(Array.from({ length: count }, (_, index) => index + 1).filter((number) => lines.get(number + 1) !== line(number)), message).toEqual([])
})
