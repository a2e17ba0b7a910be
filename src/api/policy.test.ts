import { expect, test } from 'vitest'
import type { PolicyQuestion, PolicyVerdict } from '../model/policy.ts'
import { notAllowedText } from '../model/policy.ts'
import { useApi } from './testing/database-world.ts'

const asked: PolicyQuestion[] = []
let verdict: PolicyVerdict = { kind: 'allowed' }
const world = useApi(() => ({
  policy: {
    asksAboutRequest: (action, method) => action === 'SaveConfig' || action === 'ListPipelines' || method === 'POST',
    asksAboutStep: () => false,
    check: (question) => Promise.resolve((asked.push(question), verdict)),
  },
}))
const config = '/api/v1/teams/main/pipelines/p/config'
const yaml = 'jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]'

const save = (body: string, as: 'admin' | 'member' | 'viewer' = 'member', type = 'application/x-yaml') => {
  asked.length = 0
  return world().call('PUT', config, body, { as, headers: { 'content-type': type } })
}

test('a config that the policy does not allow is refused with its reasons, as fly shows them, and not saved', async () => {
  verdict = { kind: 'not-allowed', blocks: true, messages: ['no tasks without image', 'ask the platform team'] }
  const refused = await save(yaml)
  expect([refused.statusCode, refused.payload]).toEqual([403, 'policy check failed: \n * no tasks without image\n * ask the platform team'])
  expect(asked).toEqual([{ action: 'SaveConfig', method: 'PUT', user: 'member', roles: ['member'], team: 'main', pipeline: 'p', data: { jobs: [expect.objectContaining({ name: 'j' })] } }])
  expect((await world().call('GET', config)).statusCode).toBe(404)
  verdict = { kind: 'allowed' }
  expect((await save(JSON.stringify({ jobs: [{ name: 'k', plan: [] }] }), 'admin', 'application/json')).statusCode).toBe(201)
  expect(asked).toMatchObject([{ data: { jobs: [{ name: 'k' }] } }])
})

test('a policy server that gives no verdict refuses, and says why', async () => {
  verdict = { kind: 'none', problem: 'the policy server opa:8181 did not answer within 5 s' }
  const refused = await save(yaml)
  expect([refused.statusCode, refused.payload]).toEqual([503, 'policy check failed: the policy server opa:8181 did not answer within 5 s'])
})

test('a policy that warns and does not block is shown by fly, in one line of UTF-8', async () => {
  const warningOf = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): string => Buffer.from(String(headers['x-concourse-policy-check-warning']), 'latin1').toString()
  verdict = { kind: 'not-allowed', blocks: false, messages: ['old\nimage', 'träge \u001b[31m\u009b1m 🐢'] }
  const saved = await save(yaml)
  expect(saved.statusCode).toBe(201)
  expect(warningOf(saved)).toBe('policy check failed:   * old image  * träge  [31m 1m 🐢')
  // A list that is kept from request to request.
  expect(warningOf(await world().call('GET', '/api/v1/teams/main/pipelines'))).toBe('policy check failed:   * old image  * träge  [31m 1m 🐢')
  for (const letter of ['x', 'ä', '€', '🐢']) {
    verdict = { kind: 'not-allowed', blocks: false, messages: [`${letter.repeat(100_000)}`] }
    const sent = await save(yaml)
    expect(String(sent.headers['x-concourse-policy-check-warning']).length).toBeGreaterThan(4092)
    expect(String(sent.headers['x-concourse-policy-check-warning']).length).toBeLessThanOrEqual(4096)
    expect(warningOf(sent)).toMatch(new RegExp(`^policy check failed:   \\* ${letter}+$`, 'u'))
  }
})

test('who may not do it is refused before the policy is asked; other actions are not asked about', async () => {
  verdict = { kind: 'not-allowed', blocks: true, messages: [] }
  expect((await save(yaml, 'viewer')).payload).toBe('forbidden')
  await world().call('GET', '/api/v1/pipelines')
  expect(asked).toEqual([])
  const refused = await world().call('POST', '/api/v1/tokens', { name: 'for CI' })
  expect([refused.statusCode, refused.payload]).toEqual([403, 'policy check failed'])
  expect(asked).toMatchObject([{ action: 'CreateToken', method: 'POST', user: 'admin', data: { name: 'for CI' } }])
})

test('a body that is not what its type says is refused and not asked about', async () => {
  verdict = { kind: 'allowed' }
  const refused = await save('jobs: [', 'member')
  expect(refused.statusCode).toBe(400)
  expect(refused.payload).toContain('failed to parse the body in format yaml')
  expect(asked).toEqual([])
})

test('messages of a policy have a bound', () => {
  expect(notAllowedText(Array.from({ length: 100 }, () => 'x'.repeat(1_000)))).toHaveLength(16 * 1024 + 1)
})
