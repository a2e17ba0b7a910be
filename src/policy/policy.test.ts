import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImagePolicy, ImageUse } from '../engine/ports.ts'
import { policyChecks } from './checks.ts'
import { imagePolicy } from './image-policy.ts'
import { policyServer, type PolicyServer } from './opa.ts'

const use: ImageUse = {
  action: 'UseImage', type: 'registry-image', image: 'example.test/app:1@sha256:0', source: { repository: 'example.test/app', tag: 1 }, privileged: true, team: 'main', pipeline: 'p', job: 'j',
}
const cluster = { name: 'abc', version: '8.2.5' }
let server: Server
let opa: PolicyServer
let policy: ImagePolicy
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
  opa = policyServer({ url: new URL(`http://${host}/v1/data/concourse/decision`), timeoutMs: 60_000 }, cluster)
  policy = imagePolicy(opa)
})
afterEach(async () => {
  await opa.close()
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
          service: 'concourse', cluster_name: 'abc', cluster_version: '8.2.5', action: 'UseImage', team: 'main', pipeline: 'p',
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
    const hastyServer = policyServer({ url: new URL(`http://${host}/`), timeoutMs: 20 }, cluster)
    const hasty = imagePolicy(hastyServer)
    expect(await hasty.check(use, signal)).toEqual({ kind: 'deny', reason: `the policy server ${host} did not answer within 0.02 s` })
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect(await hasty.check(use, signal)).toMatchObject({ kind: 'deny', reason: expect.stringContaining(`the policy server ${host} could not be asked: `) as string })
    await hastyServer.close()
  })

  test('is not waited for by a step that was aborted', async () => {
    const abort = new AbortController()
    answer = () => abort.abort(new Error('aborted'))
    await expect(policy.check(use, abort.signal)).rejects.toThrow('aborted')
  })
})

describe('actions', () => {
  const checks = () => policyChecks(opa, { actions: ['SaveConfig', 'SetPipeline', 'DestroyTeam'], skipped: ['DestroyTeam', 'GetConfig'], methods: ['DELETE', 'GET'] })

  test.each([
    ['SaveConfig', 'PUT', true],
    ['PausePipeline', 'PUT', false],
    ['DeletePipeline', 'DELETE', true],
    // Skipped, though its action and its method are named.
    ['DestroyTeam', 'DELETE', false],
    ['GetConfig', 'GET', false],
  ])('%s by %s is asked about: %s', (action, method, asked) => {
    expect(checks().asksAboutRequest(action, method)).toBe(asked)
  })

  test('of steps are asked about if they are named, whatever is skipped', () => {
    expect(['SetPipeline', 'UseImage', 'DestroyTeam'].map((action) => checks().asksAboutStep(action))).toEqual([true, false, true])
  })

  test('are told with who asks, and what for; the answer has all reasons', async () => {
    answer = (response) => void response.end(JSON.stringify({ result: { allowed: false, reasons: ['a', 'b'] } }))
    const question = { action: 'SaveConfig', method: 'PUT', user: 'jo', roles: ['member'], team: 'main', pipeline: 'p', data: { jobs: [] } }
    expect(await checks().check(question)).toEqual({ kind: 'not-allowed', blocks: true, messages: ['a', 'b'] })
    answer = (response) => void response.end(JSON.stringify({ result: { allowed: false, block: false } }))
    expect(await checks().check({ action: 'SetPipeline', team: 'main', user: '', roles: [] })).toEqual({ kind: 'not-allowed', blocks: false, messages: [] })
    const all = { service: 'concourse', cluster_name: 'abc', cluster_version: '8.2.5' }
    expect(asked.map(({ body }) => body)).toEqual([
      { input: { ...all, http_method: 'PUT', action: 'SaveConfig', user: 'jo', team: 'main', roles: ['member'], pipeline: 'p', data: { jobs: [] } } },
      { input: { ...all, action: 'SetPipeline', team: 'main' } },
    ])
  })
})
