import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BuildLogs } from '../../db/build-logs.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()

/** A build of a job, with what its steps said: `1` wrote to both streams and ended with an error, `2` has a line that goes on. */
async function logged({ isPublic = false }: { readonly isPublic?: boolean } = {}): Promise<number> {
  const { setPipeline, call, db, builds } = world()
  await setPipeline(`jobs: [{name: j, public: ${isPublic}, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]`)
  if (isPublic) await call('PUT', '/api/v1/teams/main/pipelines/p/expose')
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, {}, 0)
  await builds.claim('me', 1, 1_000_000)
  const log = (step: string, source: string, payload: string) => ({ type: 'log', version: '5.1', payload: JSON.stringify({ time: 1_700_000_000, origin: { id: step, source }, payload }) })
  await builds.commit(id, 'me', 2, {
    events: [
      log('1', 'stdout', 'one\n\u001b[31mtwo\u001b[0m\nth'),
      log('1', 'stderr', 'ree\nfour'),
      { type: 'error', version: '4.1', payload: JSON.stringify({ message: 'exit <5>', origin: { id: '1' }, time: 1_700_000_001 }) },
      log('2', 'stdout', 'six'),
    ],
  })
  return id
}

const get = (id: number, query = '', options: Parameters<ReturnType<typeof world>['call']>[3] = {}) => world().call('GET', `/api/v1/builds/${id}/log${query}`, undefined, options)
const colours = '\u001b[31mtwo\u001b[0m'

test('a step’s log is its text, or a line of JSON for each text that is stored', async () => {
  const id = await logged()
  const whole = await get(id, '?step=1')
  expect([whole.payload, whole.headers['x-log-lines'], whole.headers['content-type'], whole.headers['x-content-type-options']]).toEqual([`one\n${colours}\nthree\nfour\nexit <5>\n`, '5', 'text/plain; charset=utf-8', 'nosniff'])
  expect((await get(id)).payload).toBe(`${whole.payload}six`)
  const json = async (query: string) => (await get(id, `?format=ndjson&${query}`)).payload.trimEnd().split('\n').map((line): unknown => JSON.parse(line))
  const t = 1_700_000_000_000
  expect(await json('step=1')).toEqual([
    { n: 1, t, s: 'out', x: `one\n${colours}\nth` },
    { n: 3, t, s: 'err', x: 'ree\nfour' },
    { n: 4, t: t + 1000, s: 'out', x: '\n' },
    { n: 5, t: t + 1000, s: 'error', x: 'exit <5>\n' },
  ])
  expect(await json('tail=1')).toEqual([{ n: 6, p: '2', t, s: 'out', x: 'six' }])
})

test('lines from, up to a number, or at the end, and those that match', async () => {
  const id = await logged()
  const lines = async (query: string) => (await get(id, `?step=1&${query}`)).payload
  expect(await lines('from=3&lines=2')).toBe('three\nfour\n')
  expect(await lines('tail=2')).toBe('four\nexit <5>\n')
  expect(await lines('tail=0')).toBe('')
  expect(await lines('tail=100&lines=1')).toBe('one\n')
  expect(await lines('from=6')).toBe('')
  expect(await lines('ansi=strip&lines=2')).toBe('one\ntwo\n')
  expect(await lines('grep=^t(wo|h)')).toBe(`${colours}\nthree\n`)
  expect(await lines('grep=^t(wo|h)&ansi=strip&from=3')).toBe('three\n')
  expect(await lines('grep=o&format=ndjson&tail=2')).toBe('{"n":4,"t":1700000000000,"s":"err","x":"four"}\n')
  expect(await lines('timestamps=true&tail=2')).toBe('2023-11-14T22:13:20Z four\n2023-11-14T22:13:21Z exit <5>\n')
})

test('a log is a file to keep, is compressed where that is taken, and HEAD tells its lines alone', async () => {
  const id = await logged()
  const kept = await get(id, '?step=1&download')
  expect(kept.headers['content-disposition']).toBe(`attachment; filename="build-${id}-1.log"`)
  expect((await get(id, '?step=%22%0a../x&download')).headers['content-disposition']).toBe(`attachment; filename="build-${id}-__.._x.log"`)
  const packed = await get(id, '?step=1', { headers: { 'accept-encoding': 'gzip' } })
  expect([packed.headers['content-encoding'], gunzipSync(packed.rawPayload).toString()]).toEqual(['gzip', kept.payload])
  const head = await world().call('HEAD', `/api/v1/builds/${id}/log?step=1`)
  expect([head.statusCode, head.headers['x-log-lines'], head.payload]).toEqual([200, '5', ''])
})

test('what a log cannot be asked for is refused with a sentence', async () => {
  const id = await logged()
  const refused = async (query: string) => [(await get(id, query)).statusCode, (await get(id, query)).payload]
  expect(await refused('?from=0')).toEqual([400, 'from: lines are counted from 1'])
  for (const query of ['?from=x', '?lines=-1', '?tail=1234567890']) expect(await refused(query), query).toEqual([400, expect.stringContaining('must be a number of lines, up to 999999999')])
  expect((await get(id, '?from=1&lines=999999999')).statusCode).toBe(200)
  expect(await refused('?from=1&tail=1')).toEqual([400, expect.stringContaining('exclude each other')])
  expect(await refused('?format=xml')).toEqual([400, 'format must be text or ndjson'])
  expect(await refused('?ansi=html')).toEqual([400, 'ansi must be strip, or left out'])
  expect(await refused('?grep=(')).toEqual([400, expect.stringMatching(/^grep: .*\(RE2 syntax\)$/)])
  expect(await refused(`?grep=${'a'.repeat(1001)}`)).toEqual([400, 'grep: it is longer than 1000 characters'])
  expect(await refused(`?step=${'a'.repeat(1001)}`)).toEqual([400, 'step is longer than 1000 characters'])
  await world().db.query('update builds set reaped_at = 5')
  expect(await refused('')).toEqual([410, 'the log of this build is no longer kept'])
})

test('a log is for those who may follow its events, and a job’s public one for strangers', async () => {
  const id = await logged()
  expect([(await get(id, '', { as: 'viewer' })).statusCode, (await get(id, '', { as: 'stranger' })).statusCode, (await get(id, '', { as: 'nobody' })).statusCode]).toEqual([200, 403, 401])
})

test('strangers read the log of a public job', async () => {
  const id = await logged({ isPublic: true })
  expect((await get(id, '?tail=1', { as: 'nobody' })).payload).toBe('six')
})

test('a log that cannot be read to its end breaks the connection off', async () => {
  const id = await logged()
  const { api, options, tokenOf } = world()
  const { read } = options.logTexts
  options.logTexts.read = (...given) => (given[2] < 0 ? read.apply(options.logTexts, given) : Promise.reject(new Error('the database is gone')))
  const server = createServer(api.handle)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`GET /api/v1/builds/${id}/log HTTP/1.1\r\nHost: x\r\nAuthorization: bearer ${await tokenOf('admin')}\r\n\r\n`)
  let answer = ''
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  server.close()
  expect(answer).toContain('six')
  expect(answer.endsWith('0\r\n\r\n')).toBe(false)
})

test('a log that retention takes away while it is read breaks the connection off, and one that went before it began is refused', async () => {
  const id = await logged()
  const { api, db, options, tokenOf } = world()
  await db.query(`update builds set status = 'errored', ended_at = 4 where id = $1`, [id])
  const { read, start } = options.logTexts
  options.logTexts.read = async (...given) => {
    const page = await read.apply(options.logTexts, given)
    await new BuildLogs(db).dropLogs([id], 5)
    return page.slice(0, 1)
  }
  const server = createServer(api.handle)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/builds/${id}/log`, { headers: { authorization: `Bearer ${await tokenOf('admin')}` } })
  await expect(answer.text()).rejects.toThrow('terminated')
  server.close()
  expect((await get(id)).statusCode).toBe(410)
  // The build was read, and then its log went.
  await db.query('update builds set reaped_at = null')
  options.logTexts.start = async (...given) => {
    await db.query('update builds set reaped_at = 5')
    return start.apply(options.logTexts, given)
  }
  expect((await get(id)).statusCode).toBe(410)
})
