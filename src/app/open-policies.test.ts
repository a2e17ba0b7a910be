import { expect, test } from 'vitest'
import { openPolicies } from './open-policies.ts'

const server = { url: new URL('http://opa.example:8181/v1/data/x'), timeoutMs: 1_000 }
const filtered = (...actions: string[]) => ({ ...server, filter: { actions, skipped: [], methods: [] } })

test.each([
  ['no policy server', {}, { images: false, checks: false }],
  ['an image policy', { imagePolicy: server }, { images: true, checks: false }],
  ['a policy server for SaveConfig', { policy: filtered('SaveConfig') }, { images: false, checks: true }],
  ['a policy server for UseImage', { policy: filtered('UseImage') }, { images: true, checks: true }],
])('%s decides about', async (_name, options, decides) => {
  const policies = openPolicies(options, 'id')
  expect({ images: policies.images !== undefined, checks: policies.checks !== undefined }).toEqual(decides)
  await policies.close()
})
