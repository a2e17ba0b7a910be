import { systemClock, type Clock } from '../../lib/clock.ts'
import { KeptMap } from '../../lib/kept-map.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { chooseImage, referenceOf, type ChosenImage } from '../reference/native-reference.ts'
import { errorOfThrown, registryError } from '../registry/classify.ts'
import type { CallOptions, RegistryClient } from '../registry/registry-client.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { SingleFlight } from '../registry/single-flight.ts'
import { apiHost, identityOf, trustOf, type RegistryTarget } from '../registry/target.ts'
import { imageDetails, type ImageDetails } from './image-details.ts'
import type { ImageError } from './image-error.ts'
import { parseImageSource, type RegistryImageSource, type TagChoice, type WantedPlatform } from './image-source.ts'
import { patternVersions, type CreatedAt } from './pattern-versions.ts'
import { RegistryFinder, sent, type RegistryFinderOptions } from './registry-finder.ts'
import type { CheckedImage, CheckRequest, ResolvedImage, ResolveRequest, UnresolvedImage } from './resolved-image.ts'
import { compileTagPattern } from './tag-pattern.ts'
import type { TagVersion } from './tag-selection.ts'
import { tagVersions } from './tag-versions.ts'

interface Located {
  readonly tag: string
  readonly digest: string
  readonly details: ImageDetails
}

/** A mirror that does not answer is tried only twice, since the origin can be asked instead. */
const mirrorTries = 2
const provenKept = 50_000
/** How long the registry's answer counts, in ms. After that it is asked again, so that access that was revoked ends. */
const provenMs = 10 * 60_000
const detailsKept = 5000

/** Resolves a registry-image source to a digest. A process has one: it keeps connections, tokens and digests. */
export class ImageResolver {
  readonly #client: RegistryClient
  readonly #registries: RegistryFinder
  readonly #flights = new SingleFlight<Result<ImageDetails, ImageError>>()
  /** By identity, digest and platform. Entries never change. */
  readonly #details = new KeptMap<string, ImageDetails>(detailsKept)
  /** Until when (unix ms) an identity may read a digest without asking the registry again. A cached answer is given to no other identity. */
  readonly #proven = new KeptMap<string, number>(provenKept)
  readonly #clock: Pick<Clock, 'now'>

  constructor(client: RegistryClient, options: RegistryFinderOptions & { readonly clock?: Pick<Clock, 'now'> } = {}) {
    this.#client = client
    this.#clock = options.clock ?? systemClock
    this.#registries = new RegistryFinder(options)
  }

  async resolve(request: ResolveRequest): Promise<Result<ResolvedImage, ImageError>> {
    const by = request.by ?? 'author'
    const opened = await this.#registries.open(request.source, by, request.signal)
    if (!opened.ok) return opened
    const source = opened.value
    const chosen = chooseImage(source.reference, request)
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: `version: ${chosen.error.detail}` })
    const { origin, mirror, ofOperator } = await this.#registries.of(source, by, request.signal)
    const mirrored = mirror && (await this.#locate(mirror.target, source, chosen.value, { ...request, tries: mirrorTries }))
    const located = mirrored?.ok === true ? mirrored : await this.#locate(origin.target, source, chosen.value, request)
    if (!located.ok) return located
    const { tag, digest, details } = located.value
    // Nodes do not know a source's own mirror; the operator's mirror is an ordinary registry to them.
    const from = mirror !== undefined && ofOperator && mirrored?.ok === true ? mirror : origin
    const { registry } = from.target
    return ok({
      version: { tag, digest },
      how: chosen.value.by,
      reference: referenceOf({ repository: { registry, repository: source.repository.repository }, tag, digest }),
      host: apiHost(from.target),
      config: details.config,
      architectures: details.architectures,
      needs: {
        insecure: from === origin ? source.insecure : from.target.insecure === true,
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
    const { origin } = await this.#registries.of(source, request.by ?? 'author', request.signal)
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
      const versions = await this.#versions(target, source, { choice: source.tags, from: undefined }, request)
      if (!versions.ok) return versions
      const newest = versions.value.at(-1)
      if (newest === undefined) return fail({ kind: 'registry', error: noVersion(target) })
      ;({ tag, digest } = newest)
      this.#prove(target, digest)
    }
    if (digest === undefined || !((this.#proven.get(proof(digest)) ?? 0) > this.#clock.now())) {
      const head = await this.#client.headManifest(target, digest ?? tag, request)
      if (!head.ok) return fail({ kind: 'registry', error: head.error })
      digest = head.value.digest
      this.#prove(target, digest)
    }
    const details = await this.#detailsOf(target, digest, source.platform ?? request.platform, request)
    return details.ok ? ok({ tag, digest, details: details.value }) : details
  }

  /** The versions that the resource's check would print for this source. */
  async check(request: CheckRequest): Promise<Result<CheckedImage, ImageError>> {
    const opened = await this.#registries.open(request.source, 'author', request.signal)
    if (!opened.ok) return opened
    const source = opened.value
    const chosen = chooseImage(source.reference, {})
    if (!chosen.ok) return fail({ kind: 'source', image: nameOf(source), detail: chosen.error.detail })
    const { origin, mirror } = await this.#registries.of(source, 'author', request.signal)
    const mirrored = mirror && (await this.#checkAt(mirror.target, source, chosen.value, { ...request, tries: mirrorTries }))
    return mirrored?.ok === true && mirrored.value.versions.length > 0 ? mirrored : this.#checkAt(origin.target, source, chosen.value, request)
  }

  async #checkAt(target: RegistryTarget, source: RegistryImageSource, chosen: ChosenImage, request: CheckRequest): Promise<Result<CheckedImage, ImageError>> {
    const { tag } = chosen
    if (source.tags !== undefined) {
      const versions = await this.#versions(target, source, { choice: source.tags, from: request.from }, request)
      if (!versions.ok) return versions
      for (const { digest } of versions.value.slice(-1)) this.#prove(target, digest)
      return ok(versions.value.length > 0 ? { versions: versions.value.map((version) => ({ ...version })) } : { versions: [], absent: noVersion(target) })
    }

    const head = await this.#client.headManifest(target, chosen.digest ?? tag, request)
    if (!head.ok) return head.error.kind === 'not-found' ? ok({ versions: [], absent: head.error }) : fail({ kind: 'registry', error: head.error })
    const current = { tag, digest: head.value.digest }
    this.#prove(target, current.digest)

    const from = request.from?.['digest']
    if (from === undefined || from === current.digest || chosen.digest !== undefined) return ok({ versions: [current] })
    // The version that was there before stays in the list for as long as the registry has it.
    const before = chooseImage(source.reference, { version: { tag, digest: from } })
    if (!before.ok) return ok({ versions: [current] })
    const still = await this.#client.headManifest(target, from, request)
    if (still.ok) return ok({ versions: [{ tag, digest: from }, current] })
    return still.error.kind === 'not-found' ? ok({ versions: [current] }) : fail({ kind: 'registry', error: still.error })
  }

  /** The registry has just shown it to this identity, so the step that follows a check need not ask again. */
  #prove(target: RegistryTarget, digest: string): void {
    this.#proven.set(proofOf(target, digest), this.#clock.now() + provenMs)
  }

  /** All versions that a source without a tag means, oldest first. */
  async #versions(
    target: RegistryTarget,
    source: RegistryImageSource,
    { choice, from }: { readonly choice: TagChoice; readonly from: Version | undefined },
    options: CallOptions,
  ): Promise<Result<readonly TagVersion[], ImageError>> {
    if (choice.kind === 'semver') {
      const versions = await tagVersions(this.#client, target, { rules: choice.rules, from }, options)
      return versions.ok ? versions : fail({ kind: 'registry', error: versions.error })
    }
    const pattern = await compileTagPattern(choice.pattern)
    if (!pattern.ok) return fail({ kind: 'source', image: nameOf(source), detail: `\`tag_regex\`: ${pattern.error}` })
    const createdAt: CreatedAt = async (digest) => {
      const details = await this.#detailsOf(target, digest, source.platform, options)
      return details.ok ? ok(details.value.created) : details
    }
    return patternVersions(this.#client, target, { pattern: pattern.value, createdAt: choice.byAge ? createdAt : undefined }, options)
  }

  async #detailsOf(
    target: RegistryTarget,
    digest: string,
    platform: WantedPlatform | undefined,
    request: CallOptions,
  ): Promise<Result<ImageDetails, ImageError>> {
    const key = `${proofOf(target, digest)}\n${platform?.os ?? ''}/${platform?.architecture ?? ''}`
    const known = this.#details.get(key)
    if (known !== undefined) return ok(known)
    try {
      const found = await this.#flights.run(key, request.signal, (signal) =>
        imageDetails(this.#client, target, { digest, platform }, { signal, onRetry: request.onRetry }),
      )
      if (found.ok) this.#details.set(key, found.value)
      return found
    } catch (error) {
      return fail({ kind: 'registry', error: errorOfThrown({ target, reference: digest }, error, apiHost(target), request.signal) })
    }
  }
}

/** A key of identity and digest. */
const proofOf = (target: RegistryTarget, digest: string): string =>
  [apiHost(target), trustOf(target), target.repository, identityOf(target), digest].join('\n')

/** A source without a tag and without rules means the newest version, or `latest` where no tag is a version. When the registry cannot be asked, `latest` is the tag to use. */
const meansLatest = (choice: TagChoice): boolean =>
  choice.kind === 'semver' && choice.rules.variant === undefined && choice.rules.constraint === undefined && !choice.rules.preReleases

const noVersion = (target: RegistryTarget): RegistryError =>
  registryError({ target }, 'not-found', 'none of its tags is a version that the source means, and there is no `tag`')

const nameOf = (source: RegistryImageSource): string => `${source.repository.registry}/${source.repository.repository}`
