import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { EventHub } from '../src/api/events/hub.ts'
import { Watcher } from '../src/api/events/watcher.ts'
import { openServer } from '../src/app/open-server.ts'
import { systemClock } from '../src/lib/clock.ts'
import { silentLog } from '../src/lib/log.ts'
import type { StoredEvent } from '../src/model/build.ts'
import { ok } from '../src/model/result.ts'
import { FakeRuntime } from '../src/runtime/fake/runtime.ts'
import { startServer } from '../src/server/server.ts'
import { createRendezvous } from '../src/supervision/rendezvous.ts'
import type { WatchedSeries, WatchOrder } from './api-watchers.ts'
import { table, type Finding } from './report.ts'
import { medianOf } from './statistics.ts'

/* The API alone, on a runtime in memory: event streams, lists, set-pipeline and logins, with a bare node:http server that sends the same bytes as the floor. */

const [watchers, linesPerSecond, seconds, batchMs] = [1_000, 5_000, 5, 50]
/** To set them takes minutes on a busy machine. */
const pipelines = Number(process.env['AIRSIDE_BENCH_PIPELINES'] ?? 1_000)

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

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
  const url = await listening(server)
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

const timed = async (runs: number, work: (run: number) => Promise<unknown>): Promise<number[]> => {
  const times: number[] = []
  for (let run = -1; run < runs; run += 1) {
    const began = performance.now()
    await work(run)
    if (run >= 0) times.push(performance.now() - began)
  }
  return times
}

async function api(folder: string): Promise<Finding[]> {
  const opened = await openServer(
    { data: folder, externalUrl: 'http://ci.example', runtime: { kind: 'docker' }, baseTypes: new Map(), prepareAhead: 1, nativeImageFetch: true, log: silentLog, progress: () => undefined },
    {
      runtime: (options, { stores, clock, log }) =>
        Promise.resolve(ok({ runtime: new FakeRuntime(), rendezvous: createRendezvous({ key: stores.key, secret: stores.secret, store: stores.artifacts, clock, log }), options, description: 'in memory', removeImages: () => Promise.resolve(), close: () => Promise.resolve() })),
    },
  )
  if (!opened.ok) throw new Error(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind: '127.0.0.1', port: 0 }, log: silentLog })
  if (!server.ok) throw new Error(server.error.message)
  const url = `http://127.0.0.1:${server.value.port}`
  const idleMb = process.memoryUsage().rss / 1e6
  const password = (await readFile(join(folder, 'admin-password'), 'utf8')).trim()
  const logIn = async (): Promise<string> => {
    const answer = await fetch(`${url}/sky/issuer/token`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, body: new URLSearchParams({ grant_type: 'password', username: 'admin', password }) })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  let headers = { authorization: `Bearer ${await logIn()}` }
  let sent = 0
  const ask = async (method: string, path: string, body?: string): Promise<string> => {
    sent += 1
    // A token has so many requests at once.
    if (sent % 400 === 0) headers = { authorization: `Bearer ${await logIn()}` }
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/x-yaml' }) }, ...(body !== undefined && { body }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text
  }
  const task = 'config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: make}}'
  for (let index = 0; index < pipelines; index += 1) await ask('PUT', `/teams/main/pipelines/p${index}/config`, `jobs: [{name: unit, plan: [{task: t, ${task}}]}]`)
  const findings: Finding[] = []
  for (const path of ['/pipelines', '/jobs']) {
    const bytes = Buffer.from(await ask('GET', path))
    const plain = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(bytes))
    const floorUrl = await listening(plain)
    const [ours, floor]: [number[], number[]] = [[], []]
    for (let run = 0; run < 20; run += 1) {
      ours.push(...(await timed(1, () => ask('GET', path))))
      floor.push(...(await timed(1, async () => (await fetch(floorUrl)).text())))
    }
    plain.closeAllConnections()
    plain.close()
    findings.push({ bench: 'api', title: `GET ${path} with ${pipelines} pipelines (${Math.round(bytes.length / 1000)} kB)`, series: { ours, floor }, ratio: medianOf(floor) / medianOf(ours), goal: '>= 0.5 of the floor’s rate' })
  }
  const big = `jobs:\n${Array.from({ length: 1_000 }, (_, index) => `- name: job-${index}\n  plan:\n  - task: t\n    params: {N: "1"}\n    ${task}\n`).join('')}`
  findings.push({ bench: 'api', title: `set-pipeline of ${big.split('\n').length} lines`, series: { ours: await timed(10, (run) => ask('PUT', `/teams/main/pipelines/big${run + 1}/config`, big)) }, goal: '<= 300 ms' })
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const logins = await timed(20, logIn)
  lag.disable()
  findings.push({ bench: 'api', title: 'logins with a password, one after the other', series: { ours: logins }, goal: 'loop lag <= 50 ms', more: { lag_p99_ms: lag.percentile(99) / 1e6, lag_max_ms: lag.max / 1e6 } })
  findings.push({ bench: 'api', title: 'idle, with the embedded database, and this bench in the process', series: { resident_mb: [idleMb] }, goal: '<= 150 MB with PostgreSQL, which this is not' })
  await server.value.stop()
  return findings
}

const folder = await mkdtemp(join(tmpdir(), 'airside-bench-api-'))
try {
  process.stdout.write(`${table(await events())}\n`)
  process.stdout.write(`${(await api(folder)).map(table).join('\n')}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
