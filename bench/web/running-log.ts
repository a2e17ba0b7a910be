import type { Finding } from '../report.ts'
import { countCpu, countedIn, type Session } from './session.ts'

/** Lines a second, and how many of them the process prints at a time. */
const [perSecond, atOnce] = [5_000, 250]
const seconds = 15

/**
 * The log of a build that prints 5 000 lines a second while somebody follows it. The floor: the same page while the build prints
 * nothing.
 */
export async function runningLog(session: Session, job: string, { line, records }: { readonly line: string; readonly records: (name: string, lines: number, bytes: number) => Promise<number> }): Promise<Finding> {
  const count = perSecond * seconds
  const id = await records(job, count, atOnce * Buffer.byteLength(`${line}\n`))
  const page = await session.page()
  await page.goto(`/builds/${id}`)
  await page.getByRole('treeitem').first().waitFor()
  const still = await watched(page, 5_000)
  let record = 0
  const timer = setInterval(() => session.server.fake.let(`${job}/${(record += 1)}`), (1_000 * atOnce) / perSecond)
  const busy = await watched(page, seconds * 1_000)
  clearInterval(timer)
  for (; record < 2 * (count / atOnce); record += 1) session.server.fake.let(`${job}/${record}`)
  await page.getByText('complete', { exact: true }).waitFor()
  const shown = Number(/^([\d,]+) lines/.exec((await page.locator('footer').textContent()) ?? '')?.[1]?.replaceAll(',', ''))
  const { longTasks } = await countedIn(page)
  await page.context().close()
  return {
    bench: 'web', title: `a log that grows by ${perSecond} lines a second, followed`,
    series: { 'between frames': busy.frames, 'floor, between frames': still.frames },
    goal: 'p95 between frames <= 50 ms, cpu <= 25 %, missing 0',
    more: { 'p95 between frames': p95(busy.frames), 'cpu, %': busy.cpu, 'floor, cpu, %': still.cpu, 'longest task': Math.max(0, ...longTasks), missing: Math.max(0, count - shown) },
  }
}

async function watched(page: import('playwright-core').Page, ms: number): Promise<{ readonly frames: readonly number[]; readonly cpu: number }> {
  const cpu = await countCpu(page)
  const frames = await page.evaluate((lasting) => new Promise<number[]>((resolve) => {
    const between: number[] = []
    const begun = performance.now()
    let last = begun
    const frame = (now: number): void => {
      between.push(now - last)
      last = now
      if (now - begun < lasting) requestAnimationFrame(frame)
      else resolve(between.slice(1))
    }
    requestAnimationFrame(frame)
  }), ms)
  return { frames, cpu: ((await cpu()) / ms) * 100 }
}

const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN
