import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImagePolicy, ImageUse } from '../engine/ports.ts'
import { httpImagePolicy } from './http-image-policy.ts'

const use: ImageUse = {
  action: 'UseImage', type: 'registry-image', image: 'example.test/app:1@sha256:0', source: { repository: 'example.test/app', tag: 1 }, privileged: true, team: 'main', pipeline: 'p', job: 'j',
}
let server: Server
let policy: ImagePolicy & { close(): Promise<void> }
let answer: (response: ServerResponse) => void
let host: string
const asked: { readonly method: string | undefined; readonly url: string | undefined; readonly type: string | undefined; readonly body: unknown }[] = []

beforeEach(async () => {
  asked.length = 0
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      asked.push({ method: request.method, url: request.url, type: request.headers['content-type'], body: JSON.parse(Buffer.concat(chunks).toString()) })
      answer(response)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  policy = httpImagePolicy({ url: new URL(`http://${host}/v1/data/concourse/decision`), timeoutMs: 60_000 }, 'abc')
})
afterEach(async () => {
  await policy.close()
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

const { signal } = new AbortController()
const says = (body: unknown, status = 200) => {
  answer = (response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  return policy.check(use, signal)
}

test('it is asked as Concourse asks, with what the step is about to use', async () => {
  expect(await says({ result: { allowed: true } })).toEqual({ kind: 'allow' })
  expect(asked).toEqual([
    {
      method: 'POST',
      url: '/v1/data/concourse/decision',
      type: 'application/json',
      body: {
        input: {
          service: 'concourse', cluster_name: 'abc', action: 'UseImage', team: 'main', pipeline: 'p',
          data: { image_type: 'registry-image', image_source: { repository: 'example.test/app', tag: 1 }, privileged: true, image: 'example.test/app:1@sha256:0', job: 'j' },
        },
      },
    },
  ])
})

describe('its answer', () => {
  test.each([
    [{ allowed: true, block: true, reasons: ['x'] }, { kind: 'allow' }],
    [{ allowed: false }, { kind: 'deny', reason: 'it gives no reason' }],
    [{ allowed: false, reasons: ['no latest', 'no docker.io'] }, { kind: 'deny', reason: 'no latest; no docker.io' }],
    [{ allowed: false, block: true, reasons: null }, { kind: 'deny', reason: 'it gives no reason' }],
    [{ allowed: false, block: false, reasons: ['old'] }, { kind: 'warn', reason: 'old' }],
  ])('%j means', async (result, expected) => {
    expect(await says({ result })).toEqual(expected)
  })

  test.each([
    ['an error', { result: { allowed: true } }, 500, 'answered with status 500'],
    ['a redirect', '', 302, 'answered with status 302'],
    ['a page', '<html>', 200, 'answered with something that is no JSON'],
    ['nothing', '', 200, 'answered with something that is no JSON'],
    ['no decision', {}, 200, 'has no decision at this path: its answer has no `result`'],
    ['a text for a truth', { result: { allowed: 'true' } }, 200, 'gave no decision: result.allowed: '],
    ['a truth alone', { result: true }, 200, 'gave no decision: result: '],
    ['no list of reasons', { result: { allowed: true, reasons: 'x' } }, 200, 'gave no decision: result.reasons: '],
    ['far too much', `{"result":{"allowed":true,"reasons":["${'x'.repeat(1024 * 1024)}"]}}`, 200, 'answered with more than 1048576 bytes'],
  ])('denies where it is %s', async (_name, body, status, words) => {
    expect(await says(body, status)).toEqual({ kind: 'deny', reason: expect.stringContaining(`the policy server ${host} ${words}`) as string })
  })

  test('that does not come in time denies; so does a server that is not there', async () => {
    answer = () => undefined
    const hasty = httpImagePolicy({ url: new URL(`http://${host}/`), timeoutMs: 20 }, 'abc')
    expect(await hasty.check(use, signal)).toEqual({ kind: 'deny', reason: `the policy server ${host} did not answer within 0.02 s` })
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect(await hasty.check(use, signal)).toMatchObject({ kind: 'deny', reason: expect.stringContaining(`the policy server ${host} could not be asked: `) as string })
    await hasty.close()
  })

  test('is not waited for by a step that was aborted', async () => {
    const abort = new AbortController()
    answer = () => abort.abort(new Error('aborted'))
    await expect(policy.check(use, abort.signal)).rejects.toThrow('aborted')
  })
})
