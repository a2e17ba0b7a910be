import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { Output, OutputFile } from '../../client/web-shapes.ts'
import { rangeOf } from '../byte-range.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi()

/** A finished task whose output `out` holds these files. */
async function built(files: Readonly<Record<string, string | Buffer>>): Promise<{ readonly id: number; readonly at: string }> {
  const { setPipeline, call, db, builds, options } = world()
  await setPipeline('jobs: [{name: j, public: true, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
  await call('PUT', '/api/v1/teams/main/pipelines/p/expose')
  const [row] = await db.query<{ pipeline: number; job: number; team: number }>('select p.id as pipeline, j.id as job, p.team_id as team from pipelines p join jobs j on j.pipeline_id = p.id')
  const id = await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: row?.team ?? 0, pipelineId: row?.pipeline ?? 0, jobId: row?.job ?? 0 } }, {}, 0)
  const tar = pack()
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content)
  tar.finalize()
  const stored = await options.artifacts.store(tar as AsyncIterable<Uint8Array>)
  if (!stored.ok) throw new Error(stored.error.message)
  await builds.claim('me', 1, 1_000_000)
  await builds.commit(id, 'me', 2, { steps: [{ planId: '1/2', record: { phase: 'finished', finished: { outcome: { kind: 'succeeded' }, artifacts: { out: { ...stored.value } } } } }] })
  return { id, at: `/api/v1/builds/${id}/outputs/${encodeURIComponent('1/2')}/out` }
}

test('a build’s outputs are listed with their files, to members alone', async () => {
  const { call } = world()
  const { id, at } = await built({ 'b.txt': 'bee', 'dir/a\nb': '', '\u202egpj.exe': 'x' })
  const outputs = (await call('GET', `/api/v1/builds/${id}/outputs`)).json<Output[]>()
  expect(outputs).toEqual([{ plan: '1/2', name: 'out', digest: expect.stringMatching(/^sha256:/), bytes: expect.any(Number) }])
  const files = async (query: string) => (await call('GET', `${at}/files${query}`)).json<OutputFile[]>()
  expect(await files('')).toMatchObject([{ name: 'b.txt', type: 'file', size: 3 }, { name: 'dir', type: 'dir' }, { name: '\u202egpj.exe' }])
  expect((await files('?limit=1&after=b.txt')).map(({ name }) => name)).toEqual(['dir'])
  expect((await files('?path=dir')).map(({ name }) => name)).toEqual(['a\nb'])
  for (const query of ['?limit=0', '?limit=1001', '?limit=x', `?path=${'a'.repeat(4097)}`]) expect((await call('GET', `${at}/files${query}`)).statusCode, query).toBe(400)
  expect((await call('GET', `${at}/files?limit=1000`)).statusCode).toBe(200)
  const as = async (who: 'viewer' | 'member' | 'stranger' | 'nobody') => (await call('GET', `${at}/raw/b.txt`, undefined, { as: who })).statusCode
  expect([await as('member'), await as('viewer'), await as('stranger'), await as('nobody')]).toEqual([200, 403, 403, 401])
})

test('a file’s bytes come as they are, and never as a page of this server', async () => {
  const { call } = world()
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256))
  const { at } = await built({ 'dir/all.bin': bytes, 'x.html': '<script>window.__x = 1</script>', 'x.SVG': '<svg onload="window.__x = 1"/>', 'p.png': 'png', 'a..b/up': 'up', 'quote"\n.txt': 'q', 'empty': '' })
  const raw = (path: string, headers: Record<string, string> = {}) => call('GET', `${at}/raw/${path}`, undefined, { headers })
  expect((await raw('dir/all.bin')).rawPayload.equals(bytes)).toBe(true)
  for (const [path, type] of [['x.html', 'application/octet-stream'], ['x.SVG', 'application/octet-stream'], ['p.png', 'image/png']] as const) {
    expect((await raw(path)).headers).toMatchObject({ 'content-type': type, 'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'content-disposition': `attachment; filename="${path}"; filename*=UTF-8''${path}` })
  }
  const quoted = await raw(encodeURIComponent('quote"\n.txt'))
  expect([quoted.payload, quoted.headers['content-disposition']]).toEqual(['q', `attachment; filename="quote__.txt"; filename*=UTF-8''quote%22%0A.txt`])
  expect((await raw('?path=./a..b//up')).payload).toBe('up')
  const part = await raw('dir/all.bin', { range: 'bytes=10-19' })
  expect([part.statusCode, part.headers['content-range'], part.rawPayload]).toEqual([206, 'bytes 10-19/1000', bytes.subarray(10, 20)])
  expect((await raw('dir/all.bin', { range: 'bytes=1000-' })).statusCode).toBe(416)
  expect([(await raw('empty')).statusCode, (await raw('empty')).payload]).toEqual([200, ''])
})

test('an output that is not there, or no longer, is told apart', async () => {
  const { call, db } = world()
  const { id, at } = await built({ 'a': 'a' })
  const asked = async (url: string) => {
    const { statusCode, payload } = await call('GET', url)
    return [statusCode, payload]
  }
  expect(await asked(`${at}/raw/b`)).toEqual([404, 'output out: there is no such file in it'])
  expect(await asked(`${at}x/files`)).toEqual([404, expect.stringContaining('no such output')])
  expect(await asked(`/api/v1/builds/${id}/outputs/1/out/files`)).toEqual([404, expect.stringContaining('no such output')])
  await db.query(`update step_artifacts set digest = 'sha256:${'0'.repeat(64)}'`)
  expect(await asked(`${at}/raw/a`)).toEqual([410, 'output out: it is no longer kept'])
  expect((await call('GET', `/api/v1/builds/${id}/outputs`)).json()).toEqual([])
})

test('one range of bytes is answered as HTTP has it', () => {
  const cases: [string | undefined, number, ReturnType<typeof rangeOf>][] = [
    [undefined, 10, undefined], ['bytes=0-0', 10, { from: 0, length: 1 }], ['bytes=2-', 10, { from: 2, length: 8 }], ['bytes=-3', 10, { from: 7, length: 3 }], ['bytes=-30', 10, { from: 0, length: 10 }],
    ['bytes=5-99', 10, { from: 5, length: 5 }], ['bytes=10-', 10, 'outside'], ['bytes=-0', 10, 'outside'], ['bytes=0-', 0, 'outside'], ['bytes=5-4', 10, undefined], ['bytes=0-1,3-4', 10, undefined], ['bytes=-', 10, undefined], ['lines=1-2', 10, undefined],
  ]
  for (const [header, size, wanted] of cases) expect(rangeOf(header, size), header).toEqual(wanted)
})
