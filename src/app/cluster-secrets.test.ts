import { expect, test } from 'vitest'
import { clusterSecretsFor } from './cluster-secrets.ts'

test('secrets of a cluster are read by the kubeconfig of the credential manager', async () => {
  const manager = { type: 'kubernetes', kubeconfig: '/no/such/kubeconfig', namespacePrefix: 'concourse-' } as const
  const open = await clusterSecretsFor({ managers: [{ type: 'environment', prefix: 'X_' }, manager] })
  expect(() => open(manager)).toThrow(/no such file.*\/no\/such\/kubeconfig/)
})
