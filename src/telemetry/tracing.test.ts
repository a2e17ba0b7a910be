import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { silentLog, type Log } from '../lib/log.ts'
import { startCollector, type Collector } from './testing/collector.ts'
import { openTracing } from './tracing.ts'

const collectors: Collector[] = []
afterEach(async () => {
  for (const collector of collectors.splice(0)) await collector.close()
})

async function open(status = 200, log: Log = silentLog) {
  const collector = await startCollector(status)
  collectors.push(collector)
  return { collector, tracing: openTracing({ endpoint: `${collector.url}/`, headers: { 'x-team': 'me' }, serviceName: 'airside-web', attributes: { env: 'test' }, log }) }
}

test('spans reach a collector by OTLP over HTTP, each below what it is part of', async () => {
  const { collector, tracing } = await open()
  const build = tracing.start({ name: 'build', attributes: { build_id: '7' } })
  const task = tracing.start({ name: 'task', attributes: { name: 'unit', resumed: false }, parent: build })
  task.set({ status: 'errored' })
  task.end('no image')
  task.end()
  build.end()
  await tracing.close()
  expect(collector.requests).toEqual([{ url: '/v1/traces', headers: expect.objectContaining({ 'content-type': 'application/x-protobuf', 'x-team': 'me' }) as object }])
  const resource = { env: 'test', 'service.name': 'airside-web' }
  const [taskId, buildId] = [task, build].map(({ traceparent }) => traceparent.split('-')[2])
  expect(collector.spans).toEqual([
    { traceId: build.traceId, spanId: taskId, parentId: buildId, name: 'task', kind: 1, attributes: { name: 'unit', resumed: false, status: 'errored' }, error: 'no image', resource },
    { traceId: build.traceId, spanId: buildId, parentId: '', name: 'build', kind: 1, attributes: { build_id: '7' }, resource },
  ])
  expect(build.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})

test("a request goes on with its client's trace, and begins one of its own where the client's cannot be read", async () => {
  const { collector, tracing } = await open()
  const given = ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x\n', undefined]
  for (const traceparent of given) tracing.start({ name: 'ListTeams', attributes: {}, request: { traceparent } }).end()
  await tracing.close()
  expect(collector.spans.map(({ kind, parentId }) => [kind, parentId])).toEqual([[2, 'b7ad6b7169203331'], ...Array.from({ length: 4 }, () => [2, ''])])
  expect(collector.spans[0]?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(5)
})

test('a client that does not want its trace recorded gets its way, and steps are told so', async () => {
  const { collector, tracing } = await open()
  const span = tracing.start({ name: 'ListTeams', attributes: {}, request: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' } })
  span.end()
  await tracing.close()
  expect(collector.spans).toEqual([])
  expect(span.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
})

test('long attributes and errors are cut', async () => {
  const { collector, tracing } = await open()
  tracing.start({ name: 'task', attributes: { name: 'x'.repeat(5_000) } }).end('y'.repeat(5_000))
  await tracing.close()
  expect([String(collector.spans[0]?.attributes['name']).length, collector.spans[0]?.error?.length]).toEqual([1_024, 1_024])
})

test('a collector that refuses costs a line of the log, and nothing waits for it for long', async () => {
  const lines: string[] = []
  const { tracing } = await open(400, { ...silentLog, warn: (fields, message) => void lines.push(`${JSON.stringify(fields)} ${message}`), error: (fields, message) => void lines.push(`${JSON.stringify(fields)} ${message}`) })
  tracing.start({ name: 'task', attributes: {} }).end()
  await tracing.close()
  expect(lines.join('\n')).toMatch(/"component":"tracing".* sending (the last )?traces failed/)
})

test("OpenTelemetry's libraries are loaded only where there is a collector", () => {
  const root = join(import.meta.dirname, '..')
  const sources = globSync('**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts')).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  expect(sources.filter(({ text }) => text.includes("from '@opentelemetry/")).map(({ file }) => file)).toEqual(['telemetry/tracing.ts'])
  expect(sources.filter(({ text }) => /^import (?!type ).*telemetry\/tracing\.ts'/m.test(text)).map(({ file }) => file)).toEqual([])
})
