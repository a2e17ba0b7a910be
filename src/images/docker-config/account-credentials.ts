import { credentialsOfConfig, firstOf } from './docker-config-credentials.ts'
import { parseDockerConfig } from './docker-config.ts'
import type { CredentialSource } from '../resolve/credential-source.ts'

/** Credentials of docker configs (JSON texts) that are asked for anew; one that is none is passed over. */
export function accountCredentials(configs: () => Promise<readonly string[]>): CredentialSource {
  return {
    async find(registry, repository, signal) {
      const parsed = (await configs()).map(parseDockerConfig)
      return firstOf(...parsed.flatMap((config) => (config.ok ? [credentialsOfConfig(config.value)] : []))).find(registry, repository, signal)
    },
  }
}
