import type { RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { CloudLogins } from '../cloud/cloud-logins.ts'
import { isOwnIdentity } from '../cloud/cloud-registry.ts'
import { dockerHub } from '../reference/reference.ts'
import { noTrust, type HostTrust, type OperatorTrust } from '../reference/registry-trust.ts'
import type { RegistryTarget } from '../registry/target.ts'
import type { CredentialSource } from './credential-source.ts'
import type { ImageError } from './image-error.ts'
import { parseImageSource, type RegistryImageSource } from './image-source.ts'
import type { Author, CredentialsOf } from './provenance.ts'

export interface RegistryFinderOptions {
  /** This server's own, where a source names none. */
  readonly credentials?: CredentialSource
  /** Credentials that nodes have anyway, such as the pull secrets of their account. They are used last, and not sent along with a pull. */
  readonly nodeCredentials?: CredentialSource
  readonly clouds?: CloudLogins
  /** What the operator allows for connections to registries. */
  readonly trust?: OperatorTrust
  /** The mirror for images of Docker Hub whose source names no other one. Nodes pull from it, too. */
  readonly mirror?: { readonly registry: string; readonly insecure: boolean }
}

/** A registry to ask, and what nodes need for a pull from it. */
export interface UsableRegistry {
  readonly target: RegistryTarget
  readonly credentialsOf: CredentialsOf
}

/** The registry that a source names, and the mirror to ask before it. `ofOperator`: the operator has set the mirror, not the source. */
export interface SourceRegistries {
  readonly origin: UsableRegistry
  readonly mirror: UsableRegistry | undefined
  readonly ofOperator: boolean
}

/** Finds out where the image of a source is, and with whose credentials it is asked for. */
export class RegistryFinder {
  readonly #options: RegistryFinderOptions
  readonly #clouds: CloudLogins
  readonly #trust: OperatorTrust

  constructor(options: RegistryFinderOptions) {
    this.#options = options
    this.#trust = options.trust ?? noTrust
    this.#clouds = options.clouds ?? new CloudLogins()
  }

  /** Checks a source and asks its cloud for credentials (and for ECR's registry). `by`: who wrote the source. */
  async open(written: JsonObject, by: Author, signal?: AbortSignal): Promise<Result<RegistryImageSource, ImageError>> {
    const parsed = parseImageSource(written)
    if (!parsed.ok || parsed.value.cloud === undefined) return parsed
    const source = parsed.value
    const { registry: named, repository } = source.repository
    const weakened = isOwnIdentity(parsed.value.cloud) ? weakening(named, source, this.#trust(named), by) : undefined
    if (weakened !== undefined) return fail({ kind: 'source', image: `${named}/${repository}`, detail: `this server's own identity is not used: ${weakened}` })
    const login = await this.#clouds.login(parsed.value.cloud, { registry: named, repository, caCerts: source.caCerts }, signal)
    if (!login.ok) return fail({ kind: 'registry', error: login.error })
    const { registry, credentials } = login.value
    return ok({ ...source, credentials, repository: { registry, repository }, reference: { ...source.reference, repository: `${registry}/${repository}` } })
  }

  async of(source: RegistryImageSource, by: Author, signal?: AbortSignal): Promise<SourceRegistries> {
    const { registry, repository } = source.repository
    const { credentials: servers, nodeCredentials: nodes, mirror: common } = this.#options
    const at = async (host: string, own: RegistryCredentials | undefined, wanted: Wanted, author: Author): Promise<UsableRegistry> => {
      const trust = this.#trust(host)
      const target: RegistryTarget = {
        registry: host,
        repository,
        insecure: wanted.insecure || trust.insecure,
        caCerts: trust.caCerts.length === 0 ? wanted.caCerts : [...wanted.caCerts, ...trust.caCerts],
        ...(author === 'operator' && { setBy: author }),
      }
      const identity = source.cloud !== undefined && isOwnIdentity(source.cloud)
      if (own !== undefined && !identity) return { target: { ...target, credentials: own }, credentialsOf: 'source' }
      const ours = own ?? (await servers?.find(host, repository, signal))
      const theirs = ours ?? (await nodes?.find(host, repository, signal))
      if (theirs === undefined) return { target, credentialsOf: 'nobody' }
      const weakened = weakening(host, wanted, trust, author)
      if (weakened !== undefined) return { target: { ...target, withheld: `this server's credentials are not sent: ${weakened}` }, credentialsOf: 'nobody' }
      return { target: { ...target, credentials: theirs, operatorsCredentials: true }, credentialsOf: ours === undefined ? 'nodes' : 'server' }
    }
    const origin = await at(registry, source.credentials, source, by)
    // Steps get the operator's mirror in their sources: it still counts as the operator's.
    if (source.mirror !== undefined && source.mirror.registry !== common?.registry) return { origin, mirror: await at(source.mirror.registry, source.mirror.credentials, source, by), ofOperator: false }
    const mirror = common !== undefined && registry === dockerHub ? await at(common.registry, undefined, { insecure: common.insecure, caCerts: [] }, 'operator') : undefined
    return { origin, mirror, ofOperator: mirror !== undefined }
  }
}

/** What a source says about its registry's connection. */
type Wanted = Pick<RegistryImageSource, 'insecure' | 'caCerts'>

/** Why the operator's credentials are not sent over a connection that the source has weakened: its author could then read them. */
function weakening(host: string, { insecure, caCerts }: Wanted, trust: HostTrust, by: Author): string | undefined {
  if (by === 'operator') return undefined
  if (insecure) return trust.sourceMayBeInsecure ? undefined : `the source says \`insecure: true\`, and its operator has not (--registry-trust ${host}=insecure)`
  if (caCerts.length === 0 || trust.sourceMayNameAuthorities) return undefined
  return `the source names \`ca_certs\`, and its operator has not (--registry-trust ${host}=ca:FILE)`
}

/** Credentials that go along with a pull: not those that nodes have. */
export const sent = ({ target: { credentials }, credentialsOf }: UsableRegistry): { credentials?: RegistryCredentials } =>
  credentials === undefined || credentialsOf === 'nodes' ? {} : { credentials }
