import type { ArtifactRef } from '../../model/artifact.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { parseReference } from '../reference/reference.ts'
import type { HostTrust } from '../reference/registry-trust.ts'
import type { BlobStore } from '../oci/blob-store.ts'
import { pushImage } from '../oci/push-image.ts'
import type { Descriptor } from '../registry/media-types.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import { describeRegistryError } from '../registry/registry-error.ts'
import { describeRetry } from '../registry/retry.ts'
import type { RegistryTarget } from '../registry/target.ts'

/** A registry that nodes pull artifacts' images from. Errors are one line that names image, registry and cause. */
export interface Destination {
  /** For people: `127.0.0.1:5000/ci/airside-artifact`. */
  readonly name: string
  /** By this server itself. */
  readonly served: boolean
  /** Where an artifact's image stands, or will. */
  location(artifact: ArtifactRef): ImageLocation
  /** Where an image stands that proves that nodes can pull from here. */
  probeLocation(tag: string): ImageLocation
  /** The digest that stands under a tag or digest, if one does. */
  find(location: ImageLocation, reference: string, how: Asking): Promise<Result<string | undefined, string>>
  push(location: ImageLocation, store: BlobStore, image: Descriptor, how: Asking): Promise<Result<void, string>>
  /** What a node needs to pull from there. */
  credentials(location: ImageLocation): Promise<RegistryCredentials | undefined>
  /** Removes an image, where the registry allows it; gone already is fine. */
  remove(location: Omit<ImageLocation, 'tag'>, digest: string, signal: AbortSignal): Promise<Result<void, string>>
}

export interface Asking {
  readonly signal: AbortSignal
  /** Called before each pause between attempts, with a line that gives the reason and the time. */
  readonly onWait?: (line: string) => void
}

export interface ImageLocation {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

/** Repository of artifacts' images, below whatever prefix there is. */
export const artifactRepository = 'airside-artifact'

/** The tag of an artifact's image: `sha256-<64 hex of the artifact's digest>`. */
export const artifactTag = ({ digest }: ArtifactRef): string => digest.replace(':', '-')

/** `HOST[:PORT][/PREFIX]`, as `--image-registry` gives it. The error is one clause. */
export function parseRegistryPrefix(text: string): Result<{ readonly registry: string; readonly repository: string }, string> {
  const [host = '', ...path] = text.replace(/\/+$/, '').split('/')
  if (!/[.:]|^localhost$/.test(host)) return fail(`it must begin with a registry's host, as in registry.example.com/ci, not ${JSON.stringify(host)}`)
  const parsed = parseReference([host, ...path, artifactRepository].join('/'))
  if (!parsed.ok) return fail(parsed.error.detail)
  return ok({ registry: parsed.value.registry, repository: parsed.value.repository })
}

export interface CredentialsFinder {
  find(registry: string, repository: string): Promise<RegistryCredentials | undefined>
}

/**
 * A registry outside this server. Nodes get the credentials that pushed: a pull secret of the step's pod, and nothing where there are
 * none. `pushing`: a client that is patient with answers, since a registry may be busy for minutes with a large layer that it has got.
 */
export function remoteDestination(
  client: RegistryClient,
  where: { readonly registry: string; readonly repository: string; readonly trust?: HostTrust },
  credentials: CredentialsFinder,
  pushing: RegistryClient = client,
): Destination {
  const { registry, repository } = where
  const target = async (): Promise<RegistryTarget> => {
    const found = await credentials.find(registry, repository)
    // The operator names the registry itself: credentials go there however it is spoken to.
    return { registry, repository, setBy: 'operator', ...(where.trust && { insecure: where.trust.insecure, caCerts: where.trust.caCerts }), ...(found && { credentials: found }) }
  }
  return {
    name: `${registry}/${repository}`,
    served: false,
    location: (artifact) => ({ registry, repository, tag: artifactTag(artifact) }),
    // In the same repository: others may not exist, or not be this server's to push to.
    probeLocation: (tag) => ({ registry, repository, tag: `probe-${tag}` }),
    async find(_, reference, how) {
      const head = await client.headManifest(await target(), reference, callOptions(how))
      if (head.ok) return ok(head.value.digest)
      // Some registries deny access to a repository without any image; the push will give the real error.
      return head.error.kind === 'not-found' || head.error.kind === 'unauthorized' ? ok(undefined) : fail(describeRegistryError(head.error))
    },
    async push({ tag }, store, image, how) {
      const pushed = await pushImage(pushing, await target(), { store, image }, { tags: [tag], ...callOptions(how) })
      return pushed.ok ? ok(undefined) : fail(describeRegistryError(pushed.error))
    },
    credentials: () => credentials.find(registry, repository),
    async remove(_, digest, signal) {
      const gone = await client.deleteManifest(await target(), digest, { signal })
      return gone.ok || gone.error.kind === 'not-found' ? ok(undefined) : fail(describeRegistryError(gone.error))
    },
  }
}

const callOptions = ({ signal, onWait }: Asking): CallOptions => ({ signal, ...(onWait && { onRetry: (retry) => onWait(describeRetry(retry)) }) })
