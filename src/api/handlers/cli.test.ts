import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { fail, ok } from '../../model/result.ts'
import { useApi } from '../testing/database-world.ts'

const world = useApi(() => ({
  cli: {
    find: (platform, arch) =>
      Promise.resolve(
        platform === 'linux' && arch === 'amd64'
          ? ok({ name: 'fly', bytes: 2048, modifiedAt: 1_000, content: Readable.from([Buffer.alloc(2048, 1)]) })
          : fail(platform === 'darwin' ? { kind: 'broken' as const, message: 'it is broken' } : { kind: 'missing' as const, message: 'there is none' }),
      ),
  },
}))

test('fly is downloaded as it is, with its length, by anybody', async () => {
  const { call } = world()
  const answer = await call('GET', '/api/v1/cli?platform=Linux&arch=amd64', undefined, { as: 'nobody', headers: { 'accept-encoding': 'gzip' } })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '2048', 'content-disposition': 'attachment; filename=fly', 'last-modified': 'Thu, 01 Jan 1970 00:00:01 GMT' })
  expect(answer.headers).not.toHaveProperty('content-encoding')
  expect(answer.rawPayload.equals(Buffer.alloc(2048, 1))).toBe(true)
})

test.each([
  ['platform=plan9&arch=amd64', 404, 'there is none'],
  ['platform=darwin&arch=amd64', 500, 'it is broken'],
  ['platform=../etc&arch=amd64', 400, 'letters and digits'],
  ['platform=linux', 400, 'letters and digits'],
  [`platform=${'a'.repeat(51)}&arch=amd64`, 400, 'letters and digits'],
])('%s is answered with %i', async (query, status, words) => {
  const answer = await world().call('GET', `/api/v1/cli?${query}`)
  expect(answer.statusCode).toBe(status)
  expect(answer.payload).toContain(words)
})
