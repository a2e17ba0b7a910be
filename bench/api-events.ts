import { fork } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { EventHub } from '../src/api/events/hub.ts'
import { Watcher } from '../src/api/events/watcher.ts'
import { systemClock } from '../src/lib/clock.ts'
import type { StoredEvent } from '../src/model/build.ts'
import type { WatchedSeries, WatchOrder } from './api-watchers.ts'
import { urlOf } from './api-url.ts'
import { table, type Finding } from './report.ts'

/* Event streams to many watchers, beside a bare node:http server that sends the same bytes. */

const [watchers, linesPerSecond, seconds, batchMs] = [1_000, 5_000, 5, 50]

/** Batches of log events with the time at which they were made, as a build's writer commits them. */
async function* batches(signal: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
  const size = (linesPerSecond * batchMs) / 1000
  const start = performance.now()
  for (let batch = 0; batch * batchMs < seconds * 1000 && !signal.aborted; batch += 1) {
    await systemClock.sleep(Math.max(0, start + batch * batchMs - performance.now()))
    yield Array.from({ length: size }, (_, index) => ({
      id: batch * size + index, type: 'log', version: '5.1',
      payload: JSON.stringify({ time: Date.now(), origin: { id: '5f', source: 'stdout' }, payload: `line ${batch * size + index}: what a build has to say, as compilers do\n` }),
    }))
  }
}

/** Has clients in a process of their own watch a server until all have ended. */
function watched(order: WatchOrder): Promise<WatchedSeries> {
  const child = fork(join(import.meta.dirname, 'api-watchers.ts'), [JSON.stringify(order)])
  return new Promise((resolve, reject) => {
    child.once('message', (series) => resolve(series as WatchedSeries))
    child.once('exit', (code) => reject(new Error(`the watchers' process ended with ${code}`)))
  })
}

async function measured(handler: (response: ServerResponse, gzip: boolean) => void): Promise<WatchedSeries & { readonly cores: number; readonly grownMb: number }> {
  const server = createServer((request, response) => handler(response, request.headers['accept-encoding'] === 'gzip'))
  const url = await urlOf(server)
  const [memory, cpu, began] = [process.memoryUsage().rss, process.cpuUsage(), performance.now()]
  let peak = memory
  const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100)
  const series = await watched({ url, watchers })
  clearInterval(looking)
  const { user, system } = process.cpuUsage(cpu)
  server.closeAllConnections()
  server.close()
  return { ...series, cores: (user + system) / 1000 / (performance.now() - began), grownMb: (peak - memory) / 1e6 }
}

async function events(): Promise<Finding> {
  let over = false
  const start = Promise.withResolvers<void>()
  let open = 0
  const opened = (): void => {
    open += 1
    if (open === watchers + 1) start.resolve()
  }
  const hub = new EventHub({
    clock: systemClock, isOver: () => Promise.resolve(over),
    events: {
      read: () => Promise.resolve([]),
      async *stream(_buildId, { signal }) {
        await start.promise
        yield* batches(signal)
        over = true
      },
    },
  })
  const ours = await measured((response, gzip) => {
    opened()
    void hub.watch({ buildId: 1, after: -1, sink: new Watcher(response, systemClock, { gzip }), stillAllowed: () => Promise.resolve(true) })
  })
  await hub.close()

  const responses: { readonly response: ServerResponse; readonly gzip: boolean }[] = []
  const floor = await measured((response, gzip) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    responses.push({ response, gzip })
    if (responses.length === watchers + 1) void writeAll(responses)
  })
  return {
    bench: 'api', title: `${watchers} watchers of a build of ${linesPerSecond} lines/s (gzip; one without, which is timed)`,
    series: { 'lag, ms': ours.lags, 'floor lag, ms': floor.lags },
    goal: 'every line, p95 lag <= 500 ms, <= 1 core, <= 100 MB added',
    more: { lines: ours.lines, of: linesPerSecond * seconds, p95_ms: p95(ours.lags), floor_p95_ms: p95(floor.lags), cores: ours.cores, floor_cores: floor.cores, grown_mb: ours.grownMb, floor_grown_mb: floor.grownMb, seconds: ours.seconds, floor_seconds: floor.seconds },
  }
}

async function writeAll(responses: readonly { readonly response: ServerResponse; readonly gzip: boolean }[]): Promise<void> {
  for await (const batch of batches(new AbortController().signal)) {
    const plain = Buffer.from(batch.map(({ id, payload }) => `id: ${id}\nevent: event\ndata: {"data":${payload},"event":"log","version":"5.1","event_id":"${id}"}\n\n`).join(''))
    const packed = gzipSync(plain, { level: 1 })
    for (const { response, gzip } of responses) response.write(gzip ? packed : plain)
  }
  for (const { response } of responses) response.end()
}

const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN

process.stdout.write(`${table(await events())}\n`)
