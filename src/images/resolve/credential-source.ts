import type { RegistryCredentials } from '../../model/image.ts'

/** Gives credentials for a source that names none, by the registry's name as it is written in references. */
export interface CredentialSource {
  find(registry: string, repository: string, signal?: AbortSignal): Promise<RegistryCredentials | undefined>
}
