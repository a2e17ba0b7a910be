import type { RegistryCredentials } from '../../model/image.ts'

/** Where credentials come from when a source names none. Asked with the registry as people write it. */
export interface CredentialSource {
  find(registry: string, repository: string, signal?: AbortSignal): Promise<RegistryCredentials | undefined>
}
