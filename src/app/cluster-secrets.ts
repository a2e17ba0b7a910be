import type { CredentialPorts } from '../credentials/credentials.ts'
import type { CredentialOptions } from '../credentials/options.ts'

/** How a credential manager reads secrets of a cluster. The client library takes longer to load than everything else together: only where one does. */
export async function clusterSecretsFor({ managers }: Pick<CredentialOptions, 'managers'>): Promise<CredentialPorts['clusterSecrets']> {
  if (managers.some(({ type }) => type === 'kubernetes')) return (await import('../runtime/kubernetes/index.ts')).clusterSecrets
  return () => {
    throw new Error('no credential manager reads secrets of a cluster')
  }
}
