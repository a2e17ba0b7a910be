import type { ImageConfig, RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { CloudLogins } from '../cloud/cloud-logins.ts'
import { isOwnIdentity } from '../cloud/cloud-registry.ts'
import { dockerHub } from '../reference/reference.ts'
import { chooseImage, referenceOf, type ChosenBy, type ChosenImage } from '../reference/native-reference.ts'
import { errorOfThrown, registryError } from '../registry/classify.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import { apiHost, identityOf, trustOf, type RegistryTarget } from '../registry/target.ts'
import { imageDetails, type ImageDetails } from './image-details.ts'
import type { ImageError } from './image-error.ts'
import { parseImageSource, type RegistryImageSource, type TagChoice, type WantedPlatform } from './image-source.ts'
import { patternVersions, type CreatedAt } from './pattern-versions.ts'
import { compileTagPattern } from './tag-pattern.ts'
import type { TagVersion } from './tag-selection.ts'
import { tagVersions } from './tag-versions.ts'

/** Where credentials come from when a source names none. Asked with the registry as people write it. */
export interface CredentialSource {
  find(registry: string, repository: string, signal?: AbortSignal): Promise<RegistryCredentials | undefined>
}

export interface ImageResolverOptions {
  /** This server's own, where a source names none. */
  readonly credentials?: CredentialSource
  /** What nodes have anyway, such as the pull secrets of their account: asked last, and not sent along with a pull. */
  readonly nodeCredentials?: CredentialSource
  readonly clouds?: CloudLogins
  /** Asked first for all of Docker Hub, where a source names no mirror of its own; nodes are told to pull from it. */
  readonly mirror?: { readonly registry: string; readonly insecure: boolean }
}

export interface ResolveRequest extends CallOptions {
  /** A registry-image source, vars interpolated; not trusted. */
  readonly source: JsonObject
  /** What the image's check found, where there was one. */
  readonly checked?: Version | undefined
  /** The get plan's static version: a pin. */
  readonly version?: Version | undefined
  /** What the nodes are, where that is known; a source's own `platform` stands above it. */
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
  /** What a node must be set up for, since a pull cannot carry it. */
  readonly needs: {
    readonly insecure: boolean
    readonly caCerts: boolean
    /** It was found through the source's mirror; the reference names the origin. */
    readonly mirror: boolean
    readonly credentials: CredentialsOf
  }
}

/** Whose credentials opened the registry: the source's, this server's, those that nodes have anyway, or nobody's. */
export type CredentialsOf = 'source' | 'server' | 'nodes' | 'nobody'

/** An image that nobody has asked a registry about. */
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
  /** Why there is none. */
  readonly absent?: RegistryError
}

/** A registry to ask, and what of it concerns nodes. */
interface Place {
  readonly target: RegistryTarget
  readonly credentialsOf: CredentialsOf
}

interface Located {
  readonly tag: string
  readonly digest: string
  readonly details: ImageDetails
}

/** A mirror that does not answer is not waited for: the origin is there. */
const mirrorTries = 2
const provenKept = 50_000
const detailsKept = 5000

/** Finds out what a registry-image source means now. One for the whole process: it keeps connections, tokens and digests. */
export class ImageResolver {
  readonly #client: RegistryClient
  readonly #options: ImageResolverOptions
  readonly #clouds: CloudLogins
  readonly #flights = new SingleFlight<Result<ImageDetails, ImageError>>()
  /** By who was shown it, digest and platform: they cannot change. */
  readonly #details = new Map<string, ImageDetails>()
  /** Who was shown which digest: a cached answer is only for those whom the registry let see it. */
  readonly #proven = new Map<string, true>()

  constructor(client: RegistryClient, options: ImageResolverOptions = {}) {
    this.#client = client
    this.#options = options
    this.#clouds = options.clouds ?? new CloudLogins()
  }

  async resolve(request: ResolveRequest): Promise<Result<ResolvedImage, ImageError>> {
    const opened = await this.#open(request.source, request.signal)
    if (!opened.ok) return opened
    const source = opened.value
    const chosen = chooseImage(source.reference, request)
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: `version: ${chosen.error.detail}` })
    const { origin, mirror, everyones } = await this.#places(source, request.signal)
    const mirrored = mirror && (await this.#locate(mirror.target, source, chosen.value, { ...request, tries: mirrorTries }))
    const located = mirrored?.ok === true ? mirrored : await this.#locate(origin.target, source, chosen.value, request)
    if (!located.ok) return located
    const { tag, digest, details } = located.value
    // Nodes know nothing of a source's own mirror; everyone's is a registry like any other to them.
    const from = mirror !== undefined && everyones && mirrored?.ok === true ? mirror : origin
    const { registry } = from.target
    return ok({
      version: { tag, digest },
      how: chosen.value.by,
      reference: referenceOf({ repository: { registry, repository: source.repository.repository }, tag, digest }),
      host: apiHost(from.target),
      config: details.config,
      architectures: details.architectures,
      needs: {
        insecure: from.target.insecure === true,
        caCerts: source.caCerts.length > 0 && from === origin,
        mirror: mirrored?.ok === true && from === origin,
        credentials: from.credentialsOf,
      },
      ...sent(from),
    })
  }

  /**
   * What a node would be told to pull if no registry could be asked: by the pin or tag. An error where the source has neither, and
   * `latest` is not what it means.
   */
  async unresolved(request: ResolveRequest): Promise<Result<UnresolvedImage, ImageError>> {
    const parsed = parseImageSource(request.source)
    if (!parsed.ok) return parsed
    const source = parsed.value
    const image = nameOf(source)
    const chosen = chooseImage(source.reference, request)
    if (!chosen.ok) return fail({ kind: 'source', image, detail: `version: ${chosen.error.detail}` })
    const { by, tag, digest } = chosen.value
    if (source.cloud !== undefined) return fail({ kind: 'source', image, detail: 'its cloud must be asked for credentials first' })
    if (by === 'tag' && source.tags !== undefined && !meansLatest(source.tags)) {
      return fail({ kind: 'source', image, detail: 'which tag it means, only the registry can say: name a `tag`' })
    }
    const { origin } = await this.#places(source, request.signal)
    return ok({
      tag,
      ...(digest === undefined ? {} : { digest }),
      reference: referenceOf({ repository: source.repository, tag, ...(digest === undefined ? {} : { digest }) }),
      host: apiHost(origin.target),
      credentialsOf: origin.credentialsOf,
      ...sent(origin),
    })
  }

  async #locate(target: RegistryTarget, source: RegistryImageSource, chosen: ChosenImage, request: ResolveRequest): Promise<Result<Located, ImageError>> {
    const proof = (of: string): string => proofOf(target, of)
    let { tag, digest } = chosen
    if (chosen.by === 'tag' && source.tags !== undefined) {
      const versions = await this.#versions(target, source, source.tags, undefined, request)
      if (!versions.ok) return versions
      const newest = versions.value.at(-1)
      if (newest === undefined) return fail({ kind: 'registry', error: noVersion(target) })
      ;({ tag, digest } = newest)
      keep(this.#proven, proof(digest), true, provenKept)
    }
    if (digest === undefined || !this.#proven.has(proof(digest))) {
      const head = await this.#client.headManifest(target, digest ?? tag, request)
      if (!head.ok) return fail({ kind: 'registry', error: head.error })
      digest = head.value.digest
      keep(this.#proven, proof(digest), true, provenKept)
    }
    const details = await this.#detailsOf(target, digest, source.platform ?? request.platform, proof(digest), request)
    return details.ok ? ok({ tag, digest, details: details.value }) : details
  }

  /** The versions that the resource's check would print for this source. */
  async check(request: CheckRequest): Promise<Result<CheckedImage, ImageError>> {
    const opened = await this.#open(request.source, request.signal)
    if (!opened.ok) return opened
    const source = opened.value
    const chosen = chooseImage(source.reference, {})
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: chosen.error.detail })
    const { origin, mirror } = await this.#places(source, request.signal)
    const mirrored = mirror && (await this.#checkAt(mirror.target, source, chosen.value, { ...request, tries: mirrorTries }))
    return mirrored?.ok === true && mirrored.value.versions.length > 0 ? mirrored : this.#checkAt(origin.target, source, chosen.value, request)
  }

  async #checkAt(target: RegistryTarget, source: RegistryImageSource, chosen: ChosenImage, request: CheckRequest): Promise<Result<CheckedImage, ImageError>> {
    const { tag } = chosen
    if (source.tags !== undefined) {
      const versions = await this.#versions(target, source, source.tags, request.from, request)
      if (!versions.ok) return versions
      return ok(versions.value.length > 0 ? { versions: versions.value.map((version) => ({ ...version })) } : { versions: [], absent: noVersion(target) })
    }

    const head = await this.#client.headManifest(target, chosen.digest ?? tag, request)
    if (!head.ok) return head.error.kind === 'not-found' ? ok({ versions: [], absent: head.error }) : fail({ kind: 'registry', error: head.error })
    const current = { tag, digest: head.value.digest }

    const from = request.from?.['digest']
    if (from === undefined || from === current.digest || chosen.digest !== undefined) return ok({ versions: [current] })
    // The version that was there before stays in the list for as long as the registry has it.
    const before = chooseImage(source.reference, { version: { tag, digest: from } })
    if (!before.ok) return ok({ versions: [current] })
    const still = await this.#client.headManifest(target, from, request)
    if (still.ok) return ok({ versions: [{ tag, digest: from }, current] })
    return still.error.kind === 'not-found' ? ok({ versions: [current] }) : fail({ kind: 'registry', error: still.error })
  }

  /** All versions that a source without a tag means, oldest first. */
  async #versions(
    target: RegistryTarget,
    source: RegistryImageSource,
    choice: TagChoice,
    from: Version | undefined,
    options: CallOptions,
  ): Promise<Result<readonly TagVersion[], ImageError>> {
    if (choice.kind === 'semver') {
      const versions = await tagVersions(this.#client, target, choice.rules, from, options)
      return versions.ok ? versions : fail({ kind: 'registry', error: versions.error })
    }
    const pattern = await compileTagPattern(choice.pattern)
    if (!pattern.ok) return fail({ kind: 'source', image: nameOf(source), detail: `\`tag_regex\`: ${pattern.error}` })
    const createdAt: CreatedAt = async (digest) => {
      const details = await this.#detailsOf(target, digest, source.platform, proofOf(target, digest), options)
      return details.ok ? ok(details.value.created) : details
    }
    return patternVersions(this.#client, target, pattern.value, choice.byAge ? createdAt : undefined, options)
  }

  /** A source that was found good, with the credentials (and for ECR the registry) that its cloud gives. */
  async #open(written: JsonObject, signal?: AbortSignal): Promise<Result<RegistryImageSource, ImageError>> {
    const parsed = parseImageSource(written)
    if (!parsed.ok || parsed.value.cloud === undefined) return parsed
    const source = parsed.value
    const { repository } = source.repository
    const login = await this.#clouds.login(parsed.value.cloud, { registry: source.repository.registry, repository, caCerts: source.caCerts }, signal)
    if (!login.ok) return fail({ kind: 'registry', error: login.error })
    const { registry, credentials } = login.value
    return ok({ ...source, credentials, repository: { registry, repository }, reference: { ...source.reference, repository: `${registry}/${repository}` } })
  }

  /** The registry that the source names, and the mirror to ask before it; `everyones`: it is the operator's, not the source's. */
  async #places(source: RegistryImageSource, signal?: AbortSignal): Promise<{ origin: Place; mirror: Place | undefined; everyones: boolean }> {
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

  async #detailsOf(
    target: RegistryTarget,
    digest: string,
    platform: WantedPlatform | undefined,
    proof: string,
    request: CallOptions,
  ): Promise<Result<ImageDetails, ImageError>> {
    const key = `${proof}\n${platform?.os ?? ''}/${platform?.architecture ?? ''}`
    const known = this.#details.get(key)
    if (known !== undefined) return ok(known)
    try {
      const found = await this.#flights.run(key, request.signal, (signal) =>
        imageDetails(this.#client, target, digest, platform, { signal, onRetry: request.onRetry }),
      )
      if (found.ok) keep(this.#details, key, found.value, detailsKept)
      return found
    } catch (error) {
      return fail({ kind: 'registry', error: errorOfThrown({ target, reference: digest }, error, apiHost(target), request.signal) })
    }
  }
}

/** Who was shown which digest, as a key. */
const proofOf = (target: RegistryTarget, digest: string): string =>
  [apiHost(target), trustOf(target), target.repository, identityOf(target), digest].join('\n')

/** Credentials that go along with a pull: not those that nodes have. */
const sent = ({ target: { credentials }, credentialsOf }: Place): { credentials?: RegistryCredentials } =>
  credentials === undefined || credentialsOf === 'nodes' ? {} : { credentials }

/** Without a tag a source means the newest version, and `latest` where there is none: for want of a registry, that. */
const meansLatest = (choice: TagChoice): boolean =>
  choice.kind === 'semver' && choice.rules.variant === undefined && choice.rules.constraint === undefined && !choice.rules.preReleases

const noVersion = (target: RegistryTarget): RegistryError =>
  registryError({ target }, 'not-found', 'none of its tags is a version that the source means, and there is no `tag`')

/** Sets, and lets the oldest go beyond `limit`. */
function keep<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.set(key, value)
  const oldest = map.size > limit ? map.keys().next() : undefined
  if (oldest?.done === false) map.delete(oldest.value)
}

const nameOf = (source: RegistryImageSource): string => `${source.repository.registry}/${source.repository.repository}`
