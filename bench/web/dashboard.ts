import type { Page } from 'playwright-core'
import type { Finding } from '../report.ts'
import { countCpu, type Session } from './session.ts'

const pipelines = 1_000
const jobs = 10
const changed = 50
const runs = 5
/** Who set the pipelines and change them, in turn: a token may ask 50 times a second. */
const logins = 5
/** Nodes of a card of the floor: as many as those of the page have. */
const nodes = 13

const nameOf = (at: number): string => `shop-${String(at).padStart(4, '0')}`

/**
 * The dashboard of 1 000 pipelines: what the page's thread computes, in processor time, from the navigation until the last card is there, while 50 of them
 * are paused or unpaused, and for a key in the filter and its removal. The floor: as many cards of plain elements.
 */
export async function dashboard(session: Session): Promise<Finding> {
  const apis = await Promise.all(Array.from({ length: logins }, () => session.server.as('ana')))
  const plan = [{ task: 'unit', config: { platform: 'linux', rootfs_uri: 'raw:///', run: { path: 'sh' } } }]
  const yaml = JSON.stringify({ jobs: Array.from({ length: jobs }, (_, at) => ({ name: `job-${at}`, plan })) })
  await Promise.all(apis.map(async (api, own) => {
    for (let at = own; at < pipelines; at += logins) await api.setPipeline(nameOf(at), yaml)
  }))
  const series: Record<string, number[]> = { paint: [], '50 changes': [], 'filter key': [], 'the same taken out': [], heap_mb: [], floor: [] }
  for (let run = -1; run < runs; run += 1) {
    const page = await session.page()
    const keep = (name: string, value: number): void => void (run >= 0 && series[name]?.push(value))
    const changes = changesOf(page)
    const painted = await countCpu(page)
    await page.goto('/')
    await page.waitForFunction((count) => document.querySelectorAll('section li').length >= count, pipelines, { polling: 250 })
    await drawn(page)
    keep('paint', await painted())
    keep('heap_mb', await heapOf(page))
    const followed = await countCpu(page)
    // All at once: they come as what a page gets of a quarter of a second. Waited for outside of the page, whose thread is measured.
    const action = run % 2 === 0 ? 'unpause' : 'pause'
    await Promise.all(Array.from({ length: changed }, (_, at) => apis[at % logins]?.call('PUT', `/teams/main/pipelines/${nameOf(at)}/${action}`)))
    await changes(changed)
    await drawn(page)
    keep('50 changes', await followed())
    const filter = page.getByRole('combobox', { name: 'Filter' })
    await filter.focus()
    for (const [name, key] of [['filter key', '9'], ['the same taken out', 'Backspace']] as const) {
      const typed = await countCpu(page)
      await page.keyboard.press(key)
      await drawn(page)
      keep(name, await typed())
    }
    await page.goto('about:blank')
    const plain = await countCpu(page)
    await page.evaluate(plainCards, { pipelines, nodes })
    await drawn(page)
    keep('floor', await plain())
    await page.context().close()
  }
  return { bench: 'web', title: `the dashboard of ${pipelines} pipelines of ${jobs} jobs`, series, goal: 'cpu: paint <= 500, 50 changes <= 30, filter key <= 100; heap <= 15' }
}

/** Counts the pipelines of which the page is told; resolves when it has been told of so many. */
function changesOf(page: Page): (count: number) => Promise<void> {
  const told = new Set<number>()
  let onTold = (): void => undefined
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const { patch = [] } = JSON.parse(payload.toString()) as { readonly patch?: readonly { readonly id: number | string }[] }
      for (const { id } of patch) if (typeof id === 'number') told.add(id)
      onTold()
    }),
  )
  return async (count) => {
    while (told.size < count) await new Promise<void>((resolve) => (onTold = resolve))
  }
}

/** When what has been changed is painted. */
const drawn = (page: Page): Promise<void> => page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve))))

async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1e6
}

function plainCards({ pipelines: count, nodes: each }: { readonly pipelines: number; readonly nodes: number }): void {
  for (let at = 0; at < count; at += 1) {
    const item = document.createElement('li')
    for (let node = 1; node < each; node += 1) item.append(document.createElement('span'))
    item.firstElementChild?.append(`shop-${at}`)
    document.body.append(item)
  }
}
