import type { ImageConfig, RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { chooseImage, referenceOf, type ChosenBy } from '../reference/native-reference.ts'
import { errorOfThrown, registryError } from '../registry/classify.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import { apiHost, identityOf, trustOf, type RegistryTarget } from '../registry/target.ts'
import { imageDetails, type ImageDetails } from './image-details.ts'
import type { ImageError } from './image-error.ts'
import type { TagRules, TagVersion } from './tag-selection.ts'
import { tagVersions } from './tag-versions.ts'
import { parseImageSource, type RegistryImageSource, type WantedPlatform } from './image-source.ts'

/** Where credentials come from when a source names none. Asked with the registry as people write it. */
export interface CredentialSource {
  find(registry: string, repository: string, signal?: AbortSignal): Promise<RegistryCredentials | undefined>
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
  readonly needs: { readonly insecure: boolean; readonly caCerts: boolean }
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

const provenKept = 50_000
const detailsKept = 5000

/** Finds out what a registry-image source means now. One for the whole process: it keeps connections, tokens and digests. */
export class ImageResolver {
  readonly #client: RegistryClient
  readonly #credentials: CredentialSource | undefined
  readonly #flights = new SingleFlight<Result<ImageDetails, ImageError>>()
  /** By who was shown it, digest and platform: they cannot change. */
  readonly #details = new Map<string, ImageDetails>()
  /** Who was shown which digest: a cached answer is only for those whom the registry let see it. */
  readonly #proven = new Map<string, true>()

  constructor(client: RegistryClient, credentials?: CredentialSource) {
    this.#client = client
    this.#credentials = credentials
  }

  async resolve(request: ResolveRequest): Promise<Result<ResolvedImage, ImageError>> {
    const parsed = parseImageSource(request.source)
    if (!parsed.ok) return parsed
    const source = parsed.value
    const chosen = chooseImage(source.reference, request)
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: `version: ${chosen.error.detail}` })
    const { by } = chosen.value
    let { tag, digest: known } = chosen.value

    const target = await this.#target(source, request.signal)
    if (by === 'tag' && source.tags !== undefined) {
      const newest = await this.#newest(target, source.tags, request)
      if (!newest.ok) return newest
      ;({ tag, digest: known } = newest.value)
    }
    const proof = (digest: string): string => [apiHost(target), trustOf(target), target.repository, identityOf(target), digest].join('\n')
    let digest = known
    if (digest === undefined || !this.#proven.has(proof(digest))) {
      const head = await this.#client.headManifest(target, digest ?? tag, request)
      if (!head.ok) return fail({ kind: 'registry', error: head.error })
      digest = head.value.digest
      keep(this.#proven, proof(digest), true, provenKept)
    }

    const platform = source.platform ?? request.platform
    const details = await this.#detailsOf(target, digest, platform, proof(digest), request)
    if (!details.ok) return details
    return ok({
      version: { tag, digest },
      how: by,
      reference: referenceOf({ repository: source.repository, tag, digest }),
      host: apiHost(target),
      config: details.value.config,
      architectures: details.value.architectures,
      needs: { insecure: source.insecure, caCerts: source.caCerts.length > 0 },
      ...(target.credentials === undefined ? {} : { credentials: target.credentials }),
    })
  }

  /** The versions that the resource's check would print for this source. */
  async check(request: CheckRequest): Promise<Result<CheckedImage, ImageError>> {
    const parsed = parseImageSource(request.source)
    if (!parsed.ok) return parsed
    const source = parsed.value
    const chosen = chooseImage(source.reference, {})
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: chosen.error.detail })
    const { tag } = chosen.value
    const target = await this.#target(source, request.signal)
    if (source.tags !== undefined) {
      const versions = await tagVersions(this.#client, target, source.tags, request.from, request)
      if (!versions.ok) return fail({ kind: 'registry', error: versions.error })
      return ok(versions.value.length > 0 ? { versions: versions.value.map((version) => ({ ...version })) } : { versions: [], absent: noVersion(target) })
    }

    const head = await this.#client.headManifest(target, chosen.value.digest ?? tag, request)
    if (!head.ok) return head.error.kind === 'not-found' ? ok({ versions: [], absent: head.error }) : fail({ kind: 'registry', error: head.error })
    const current = { tag, digest: head.value.digest }

    const from = request.from?.['digest']
    if (from === undefined || from === current.digest || chosen.value.digest !== undefined) return ok({ versions: [current] })
    // The version that was there before stays in the list for as long as the registry has it.
    const before = chooseImage(source.reference, { version: { tag, digest: from } })
    if (!before.ok) return ok({ versions: [current] })
    const still = await this.#client.headManifest(target, from, request)
    if (still.ok) return ok({ versions: [{ tag, digest: from }, current] })
    return still.error.kind === 'not-found' ? ok({ versions: [current] }) : fail({ kind: 'registry', error: still.error })
  }

  async #newest(target: RegistryTarget, rules: TagRules, options: CallOptions): Promise<Result<TagVersion, ImageError>> {
    const versions = await tagVersions(this.#client, target, rules, undefined, options)
    if (!versions.ok) return fail({ kind: 'registry', error: versions.error })
    const newest = versions.value.at(-1)
    return newest === undefined ? fail({ kind: 'registry', error: noVersion(target) }) : ok(newest)
  }

  async #target(source: RegistryImageSource, signal?: AbortSignal): Promise<RegistryTarget> {
    const { registry, repository } = source.repository
    const credentials = source.credentials ?? (await this.#credentials?.find(registry, repository, signal))
    return {
      registry,
      repository,
      insecure: source.insecure,
      caCerts: source.caCerts,
      ...(credentials === undefined ? {} : { credentials }),
    }
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

const noVersion = (target: RegistryTarget): RegistryError =>
  registryError({ target }, 'not-found', 'none of its tags is a version that the source means, and there is no `tag`')

/** Sets, and lets the oldest go beyond `limit`. */
function keep<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.set(key, value)
  const oldest = map.size > limit ? map.keys().next() : undefined
  if (oldest?.done === false) map.delete(oldest.value)
}

const nameOf = (source: RegistryImageSource): string => `${source.repository.registry}/${source.repository.repository}`
