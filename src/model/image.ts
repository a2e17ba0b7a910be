import type { ArtifactRef } from './artifact.ts'
import type { JsonObject } from './json.ts'

/** Credentials for one registry host, as a source or a docker config names them. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

/** Where a container's root filesystem comes from. */
export type ImageSource =
  /** Pulled by the runtime: `registry/repo:tag@sha256:…`; credentials only where the source names some. */
  | {
      readonly kind: 'registry'
      readonly reference: string
      readonly credentials?: RegistryCredentials
      /** No registry has shown it to this server: a node that has it already must ask all the same. */
      readonly unproven?: true
      /** Registry host that the pull goes to, e.g. `registry-1.docker.io` or `127.0.0.1:5000`. */
      readonly host: string
    }
  /** An artifact of the build: rootfs/ + metadata.json, an OCI layout, or a tarball. */
  | { readonly kind: 'artifact'; readonly artifact: ArtifactRef; readonly name: string }

/** The image of a base resource type, as the operator names it: `host/repo:tag`, or a registry-image source. */
export type BaseTypeImage = string | JsonObject

/** What of an image's config matters to a process that runs in it (OCI image config, `config`). */
export interface ImageConfig {
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** `K=V` pairs. */
  readonly env: readonly string[]
  /** As in the image: name, uid, name:group, or '' for root. */
  readonly user: string
  readonly workingDir: string
}

export const emptyImageConfig: ImageConfig = { entrypoint: [], cmd: [], env: [], user: '', workingDir: '' }

/** What fetchImage gives to a step (Concourse: runtime.ImageSpec). */
export interface ImageSpec {
  readonly source: ImageSource
  readonly config: ImageConfig
  readonly privileged: boolean
  /** Architectures (`amd64`, `arm64`, …) that the image has; empty = unknown. */
  readonly architectures: readonly string[]
  /** How the digest came to be known; `base-type`: the operator's map of base types names the image. For the step's record. */
  readonly resolvedBy?: 'check' | 'pin' | 'tag' | 'node' | 'base-type'
  /** Why the runtime does not pull it itself: of an artifact. For the step's record. */
  readonly whyNotNative?: string
  /** What the image policy said, where there is one; reasons are warnings. For the step's record. */
  readonly policy?: { readonly reasons: readonly string[] }
  /** The registry could not be asked: the node finds the digest, to be saved as this tag's version in the scope of its check. */
  readonly foundByNode?: { readonly tag: string; readonly scope?: string }
}
