import { expect, test } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import { fail, ok } from '../../model/result.ts'
import type { KubernetesApi } from './client/api.ts'
import type { ApiError } from './client/api-error.ts'
import type { NetworkPolicy } from './client/objects.ts'
import { ensureHermeticPolicy, hermeticPolicy, policyProblem } from './network-policy.ts'

const error = (status: number, reason = ''): ApiError => ({ kind: 'api-error', status, reason, message: `status ${status}` })

function cluster(policy?: NetworkPolicy) {
  const calls: string[] = []
  const warnings: string[] = []
  const state = { policy, refuse: undefined as ApiError | undefined, conflicts: 0 }
  const write = (call: string, body: object) => {
    calls.push(call)
    if (state.refuse !== undefined) return Promise.resolve(fail(state.refuse))
    if (state.conflicts-- > 0) return Promise.resolve(fail(error(409)))
    state.policy = body as NetworkPolicy
    return Promise.resolve(ok(undefined))
  }
  const api = {
    namespace: 'ci',
    getNetworkPolicy: () => Promise.resolve(state.policy === undefined ? fail(error(404)) : ok(state.policy)),
    createNetworkPolicy: (body: object) => write('create', body),
    replaceNetworkPolicy: (_name: string, body: object) => write('replace', body),
  } as unknown as KubernetesApi
  const log = { ...silentLog, warn: (_about: object, line: string) => void warnings.push(line) }
  return { state, calls, warnings, ensure: () => ensureHermeticPolicy(api, { installation: 'demo', log }) }
}

test('the policy selects hermetic pods of the installation, and lets nothing in or out', () => {
  expect(hermeticPolicy('ci', 'demo')).toMatchObject({
    metadata: { name: expect.stringMatching(/^airside-hermetic-[0-9a-f]{8}$/) as string, namespace: 'ci' },
    spec: { podSelector: { matchLabels: { 'airside.dev/installation': 'demo', 'airside.dev/hermetic': 'true' } }, policyTypes: ['Ingress', 'Egress'] },
  })
  expect(hermeticPolicy('ci', 'demo').spec).not.toHaveProperty('egress')
})

test('it is made once, and the log says that the cluster has to enforce it', async () => {
  const { ensure, calls, warnings } = cluster()
  expect([await ensure(), await ensure()]).toEqual([ok(undefined), ok(undefined)])
  expect(calls).toEqual(['create'])
  expect(warnings).toEqual([expect.stringContaining('network plugin enforces policies')])
})

test('one that somebody has opened is closed again', async () => {
  const made = hermeticPolicy('ci', 'demo')
  const { ensure, calls, state } = cluster({ metadata: { name: made.metadata.name, resourceVersion: '7' }, spec: { ...made.spec, egress: [{}] } as never })
  expect(await ensure()).toEqual(ok(undefined))
  expect(calls).toEqual(['replace'])
  expect(state.policy).toMatchObject({ metadata: { resourceVersion: '7' }, spec: made.spec })
  expect(state.policy?.spec).not.toHaveProperty('egress')
})

test('servers that make it at the same moment try again, a bounded number of times', async () => {
  const meets = cluster()
  meets.state.conflicts = 4
  expect(await meets.ensure()).toEqual(ok(undefined))
  meets.state.policy = undefined
  meets.state.conflicts = 5
  expect(await meets.ensure()).toMatchObject({ ok: false, error: { status: 409 } })
})

test('without the right to make it the step is refused, and the error names the file that grants it', async () => {
  const { ensure, state } = cluster()
  state.refuse = error(403)
  const refused = await ensure()
  expect(refused.ok ? '' : policyProblem(refused.error)).toBe('a hermetic step needs a network policy, which could not be made: status 403 — deploy/rbac.yaml grants it')
})
