import type { RegistryCredentials } from '../../model/image.ts'

/** What a cloud's login gives for one registry. */
export interface CloudLogin {
  /** As people write it: where the repository is. */
  readonly registry: string
  readonly credentials: RegistryCredentials
  /** Unix ms. */
  readonly expires: number | undefined
}
