import type { ImageConfig, RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Version } from '../../model/version.ts'
import type { ChosenBy } from '../reference/native-reference.ts'
import type { CallOptions } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import type { WantedPlatform } from './image-source.ts'
import type { Author, CredentialsOf } from './provenance.ts'

export interface ResolveRequest extends CallOptions {
  /** A registry-image source, vars interpolated; not trusted. */
  readonly source: JsonObject
  /** The author of the source; absent: a pipeline's. */
  readonly by?: Author | undefined
  /** What the image's check found, where there was one. */
  readonly checked?: Version | undefined
  /** The get plan's static version: a pin. */
  readonly version?: Version | undefined
  /** The platform of the nodes, if it is known; the source's own `platform` takes precedence. */
  readonly platform?: WantedPlatform | undefined
}

export interface ResolvedImage {
  /** As the resource's own check and put give it. */
  readonly version: { readonly tag: string; readonly digest: string }
  readonly how: ChosenBy
  /** For the kubelet or engine: `registry/repository:tag@sha256:…`; of a multi-arch image it is the index's digest. */
  readonly reference: string
  /** Where the pull goes, e.g. `registry-1.docker.io`. */
  readonly host: string
  readonly credentials?: RegistryCredentials
  readonly config: ImageConfig
  readonly architectures: readonly string[]
  /** What must be configured on a node, since it cannot be sent along with a pull. */
  readonly needs: {
    readonly insecure: boolean
    readonly caCerts: boolean
    /** It was found through the source's mirror; the reference names the origin. */
    readonly mirror: boolean
    readonly credentials: CredentialsOf
  }
}

/** An image that was not looked up in a registry. */
export interface UnresolvedImage {
  readonly tag: string
  /** Of a pin. */
  readonly digest?: string
  readonly reference: string
  readonly host: string
  readonly credentials?: RegistryCredentials
  readonly credentialsOf: CredentialsOf
}

export interface CheckRequest extends CallOptions {
  readonly source: JsonObject
  readonly from?: Version | undefined
}

export interface CheckedImage {
  /** Oldest first, as the resource's check prints them. */
  readonly versions: readonly Version[]
  /** Why there are none. */
  readonly absent?: RegistryError
}
