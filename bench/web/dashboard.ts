import type { Page } from 'playwright-core'
import type { Api } from '../../test/web/harness/api.ts'
import type { Finding } from '../report.ts'
import { countCpu, type Session } from './session.ts'

const pipelines = 1_000
const jobs = 10
const changed = 50
const runs = 5
/** Nodes of a card of the floor: as many as those of the page have. */
const nodes = 13

const nameOf = (at: number): string => `shop-${String(at).padStart(4, '0')}`

/**
 * The dashboard of 1 000 pipelines: what the page's thread computes from the navigation until the last card is there, while 50 of them
 * are paused or unpaused, and for a key in the filter. The floor: as many cards of plain elements.
 */
export async function dashboard(session: Session, api: Api): Promise<Finding> {
  const plan = [{ task: 'unit', config: { platform: 'linux', rootfs_uri: 'raw:///', run: { path: 'sh' } } }]
  const yaml = JSON.stringify({ jobs: Array.from({ length: jobs }, (_, at) => ({ name: `job-${at}`, plan })) })
  for (let at = 0; at < pipelines; at += 1) await api.setPipeline(nameOf(at), yaml)
  const series: Record<string, number[]> = { paint: [], '50 changes': [], 'filter key': [], heap_mb: [], floor: [] }
  for (let run = -1; run < runs; run += 1) {
    const page = await session.page()
    const keep = (name: string, value: number): void => void (run >= 0 && series[name]?.push(value))
    const painted = await countCpu(page)
    await page.goto('/')
    await card(page, pipelines - 1).waitFor({ state: 'attached' })
    await drawn(page)
    keep('paint', await painted())
    keep('heap_mb', await heapOf(page))
    const followed = await countCpu(page)
    const action = run % 2 === 0 ? 'pause' : 'unpause'
    for (let at = 0; at < changed; at += 1) await api.call('PUT', `/teams/main/pipelines/${nameOf(at)}/${action}`)
    await page.locator(`[aria-label="${action === 'pause' ? 'Unpause' : 'Pause'} ${nameOf(changed - 1)}"]`).waitFor({ state: 'attached' })
    await drawn(page)
    keep('50 changes', await followed())
    const filter = page.getByRole('combobox', { name: 'Filter' })
    await filter.focus()
    const typed = await countCpu(page)
    await page.keyboard.press('9')
    await card(page, 0).waitFor({ state: 'detached' })
    await drawn(page)
    keep('filter key', await typed())
    await page.goto('about:blank')
    const plain = await countCpu(page)
    await page.evaluate(plainCards, { pipelines, nodes })
    await drawn(page)
    keep('floor', await plain())
    await page.context().close()
  }
  return { bench: 'web', title: `the dashboard of ${pipelines} pipelines of ${jobs} jobs`, series, goal: 'cpu: paint <= 500, 50 changes <= 30, filter key <= 100; heap <= 15' }
}

/** By its text: a role is looked for among all that is in the page. */
const card = (page: Page, at: number) => page.locator('a', { hasText: nameOf(at) }).first()

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
