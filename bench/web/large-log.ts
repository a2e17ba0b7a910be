import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Finding } from '../report.ts'
import { countCpu, countedIn, type Session } from './session.ts'

const lines = 200_000
const runs = 5

/**
 * The log of a build that has ended, from the request for its events. The floor: the same text in one answer, put into one `<pre>`,
 * which has no numbers, colours, times or links.
 */
export async function largeLog(session: Session, build: string, text: string): Promise<Finding> {
  const series: Record<string, number[]> = { all: [], first: [], 'from the navigation': [], cpu: [], 'longest task': [], floor: [], 'floor, longest task': [] }
  const floor = await startFloor(text)
  try {
    for (let run = -1; run < runs; run += 1) {
      const page = await session.page()
      const cpu = await countCpu(page)
      // An answer that was not read to its end is in no list of the page's.
      const request = page.waitForRequest(/\/builds\/\d+\/(events|log)/)
      await page.goto(build)
      await page.getByText('complete', { exact: true }).waitFor()
      const [all, origin] = await page.evaluate(() => [performance.now(), performance.timeOrigin] as const)
      const asked = (await request).timing().startTime - origin
      const { firstLine = 0, longTasks } = await countedIn(page)
      const computed = await cpu()
      const shown = await page.locator('footer').textContent()
      if (!/^200,00. lines/.test(shown ?? '')) throw new Error(`the page shows ${shown}`)
      await page.goto(floor.url)
      await page.waitForFunction(() => 'done' in window)
      const plain = await page.evaluate(() => (window as unknown as { done: number }).done)
      const plainTasks = await countedIn(page)
      await page.context().close()
      if (run < 0) continue
      series['all']?.push(all - asked)
      series['first']?.push(firstLine - asked)
      series['from the navigation']?.push(all)
      series['cpu']?.push(computed)
      series['longest task']?.push(Math.max(0, ...longTasks))
      series['floor']?.push(plain)
      series['floor, longest task']?.push(Math.max(0, ...plainTasks.longTasks))
    }
  } finally {
    floor.stop()
  }
  return { bench: 'web', title: `the log of ${lines} lines, ended`, series, goal: 'all <= 2 000 ms, first <= 150, longest task <= 100' }
}

async function startFloor(text: string): Promise<{ readonly url: string; readonly stop: () => void }> {
  const page = `<!doctype html><pre></pre><script>
    fetch('/text').then((answer) => answer.text()).then((text) => {
      document.querySelector('pre').append(text)
      requestAnimationFrame(() => setTimeout(() => { window.done = performance.now() }))
    })
  </script>`
  const server = createServer((request, response) => {
    response.setHeader('content-type', request.url === '/text' ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8')
    response.end(request.url === '/text' ? text : page)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop: () => void server.close() }
}
