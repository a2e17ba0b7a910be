import type { RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { CloudLogins } from '../cloud/cloud-logins.ts'
import { isOwnIdentity } from '../cloud/cloud-registry.ts'
import { dockerHub } from '../reference/reference.ts'
import type { RegistryTarget } from '../registry/target.ts'
import type { CredentialSource } from './credential-source.ts'
import type { ImageError } from './image-error.ts'
import { parseImageSource, type RegistryImageSource } from './image-source.ts'
import type { CredentialsOf } from './resolved-image.ts'

export interface PlacesOptions {
  /** This server's own, where a source names none. */
  readonly credentials?: CredentialSource
  /** What nodes have anyway, such as the pull secrets of their account: asked last, and not sent along with a pull. */
  readonly nodeCredentials?: CredentialSource
  readonly clouds?: CloudLogins
  /** Asked first for all of Docker Hub, where a source names no mirror of its own; nodes are told to pull from it. */
  readonly mirror?: { readonly registry: string; readonly insecure: boolean }
}

/** A registry to ask, and what of it concerns nodes. */
export interface Place {
  readonly target: RegistryTarget
  readonly credentialsOf: CredentialsOf
}

/** The registry that a source names, and the mirror to ask before it; `everyones`: it is the operator's, not the source's. */
export interface Places {
  readonly origin: Place
  readonly mirror: Place | undefined
  readonly everyones: boolean
}

/** Finds out where the image of a source is, and with whose credentials it is asked for. */
export class PlaceFinder {
  readonly #options: PlacesOptions
  readonly #clouds: CloudLogins

  constructor(options: PlacesOptions) {
    this.#options = options
    this.#clouds = options.clouds ?? new CloudLogins()
  }

  /** A source that was found good, with the credentials (and for ECR the registry) that its cloud gives. */
  async open(written: JsonObject, signal?: AbortSignal): Promise<Result<RegistryImageSource, ImageError>> {
    const parsed = parseImageSource(written)
    if (!parsed.ok || parsed.value.cloud === undefined) return parsed
    const source = parsed.value
    const { repository } = source.repository
    const login = await this.#clouds.login(parsed.value.cloud, { registry: source.repository.registry, repository, caCerts: source.caCerts }, signal)
    if (!login.ok) return fail({ kind: 'registry', error: login.error })
    const { registry, credentials } = login.value
    return ok({ ...source, credentials, repository: { registry, repository }, reference: { ...source.reference, repository: `${registry}/${repository}` } })
  }

  async of(source: RegistryImageSource, signal?: AbortSignal): Promise<Places> {
    const { registry, repository } = source.repository
    const { credentials: servers, nodeCredentials: nodes, mirror: common } = this.#options
    const at = async (host: string, own: RegistryCredentials | undefined, trust: Pick<RegistryTarget, 'insecure' | 'caCerts'>): Promise<Place> => {
      const target = { registry: host, repository, ...trust }
      if (own !== undefined) return { target: { ...target, credentials: own }, credentialsOf: source.cloud !== undefined && isOwnIdentity(source.cloud) ? 'server' : 'source' }
      const ours = await servers?.find(host, repository, signal)
      if (ours !== undefined) return { target: { ...target, credentials: ours }, credentialsOf: 'server' }
      const theirs = await nodes?.find(host, repository, signal)
      return theirs === undefined ? { target, credentialsOf: 'nobody' } : { target: { ...target, credentials: theirs }, credentialsOf: 'nodes' }
    }
    const { insecure, caCerts } = source
    const origin = await at(registry, source.credentials, { insecure, caCerts })
    // Steps are given the operator's mirror in their sources: it is still everyone's.
    if (source.mirror !== undefined && source.mirror.registry !== common?.registry) return { origin, mirror: await at(source.mirror.registry, source.mirror.credentials, { insecure, caCerts }), everyones: false }
    const mirror = common !== undefined && registry === dockerHub ? await at(common.registry, undefined, { insecure: common.insecure }) : undefined
    return { origin, mirror, everyones: mirror !== undefined }
  }
}

/** Credentials that go along with a pull: not those that nodes have. */
export const sent = ({ target: { credentials }, credentialsOf }: Place): { credentials?: RegistryCredentials } =>
  credentials === undefined || credentialsOf === 'nodes' ? {} : { credentials }
