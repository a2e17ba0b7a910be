import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { openApiServer, type ApiServer } from './api-server.ts'
import { urlOf } from './api-url.ts'
import { table, type Finding } from './report.ts'
import { medianOf } from './statistics.ts'

/* Lists, set-pipeline and logins of a server on a runtime in memory, with a bare node:http server that answers the same bytes as the floor of the lists. */

/** To set them takes minutes on a busy machine. */
const pipelines = Number(process.env['AIRSIDE_BENCH_PIPELINES'] ?? 1_000)
const task = 'config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: make}}'

/** How long each run takes; a first one is not counted. */
async function timed(runs: number, work: (run: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let run = -1; run < runs; run += 1) {
    const began = performance.now()
    await work(run)
    if (run >= 0) times.push(performance.now() - began)
  }
  return times
}

/** The floor sends what we send: plain or compressed, which the client then takes apart in both. */
async function list(api: ApiServer, path: string, encoding: 'identity' | 'gzip'): Promise<Finding> {
  const text = Buffer.from(await api.ask('GET', path))
  const bytes = encoding === 'gzip' ? gzipSync(text, { level: 1 }) : text
  const plain = createServer((_request, response) => response.setHeader('content-type', 'application/json').setHeader('content-encoding', encoding).end(bytes))
  const floorUrl = await urlOf(plain)
  const [ours, floor]: [number[], number[]] = [[], []]
  for (let run = 0; run < 20; run += 1) {
    ours.push(...(await timed(1, () => api.ask('GET', path, undefined, { 'accept-encoding': encoding }))))
    floor.push(...(await timed(1, async () => (await fetch(floorUrl)).text())))
  }
  plain.closeAllConnections()
  plain.close()
  return { bench: 'api', title: `GET ${path} with ${pipelines} pipelines (${Math.round(text.length / 1000)} kB${encoding === 'gzip' ? `, compressed ${Math.round(bytes.length / 1000)}` : ''})`, series: { ours, floor }, ratio: medianOf(floor) / medianOf(ours), goal: '>= 0.5 of the floor’s rate' }
}

async function setLargePipeline(api: ApiServer): Promise<Finding> {
  const config = `jobs:\n${Array.from({ length: 1_000 }, (_, index) => `- name: job-${index}\n  plan:\n  - task: t\n    params: {N: "1"}\n    ${task}\n`).join('')}`
  const ours = await timed(10, (run) => api.ask('PUT', `/teams/main/pipelines/big${run + 1}/config`, config))
  return { bench: 'api', title: `set-pipeline of ${config.split('\n').length - 1} lines`, series: { ours }, goal: '<= 300 ms' }
}

async function logIns(api: ApiServer): Promise<Finding> {
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const ours = await timed(20, api.logIn)
  lag.disable()
  return { bench: 'api', title: 'logins with a password, one after the other', series: { ours }, goal: 'loop lag <= 50 ms', more: { lag_p99_ms: lag.percentile(99) / 1e6, lag_max_ms: lag.max / 1e6 } }
}

const folder = await mkdtemp(join(tmpdir(), 'airside-bench-api-'))
try {
  const api = await openApiServer(folder)
  const idle: Finding = { bench: 'api', title: 'idle, with the embedded database, and this bench in the process', series: { resident_mb: [process.memoryUsage().rss / 1e6] }, goal: '<= 150 MB with PostgreSQL, which this is not' }
  process.stdout.write(`${table(idle)}\n`)
  for (let index = 0; index < pipelines; index += 1) await api.ask('PUT', `/teams/main/pipelines/p${index}/config`, `jobs: [{name: unit, plan: [{task: t, ${task}}]}]`)
  for (const path of ['/pipelines', '/jobs']) for (const encoding of ['identity', 'gzip'] as const) process.stdout.write(`${table(await list(api, path, encoding))}\n`)
  process.stdout.write(`${table(await setLargePipeline(api))}\n`)
  process.stdout.write(`${table(await logIns(api))}\n`)
  await api.stop()
} finally {
  await rm(folder, { recursive: true, force: true })
}
