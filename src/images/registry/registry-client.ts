import type { Readable } from 'node:stream'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { digestProblem } from '../reference/grammar.ts'
import { Authorizer } from './authorizer.ts'
import { errorOfThrown, registryError, type ErrorContext } from './classify.ts'
import { digestOf, memoryDigestCache, type DigestCache } from './digest-cache.ts'
import { Exchanger, type Answer, type Exchange } from './exchange.ts'
import { allTags } from './list-tags.ts'
import { acceptManifests } from './media-types.ts'
import type { Lookup } from './reach.ts'
import { discard, readBytes } from './read-body.ts'
import type { RegistryError } from './registry-error.ts'
import { defaultRetryPolicy, withRetries, type Retry, type RetryPolicy } from './retry.ts'
import { apiHost, type RegistryTarget } from './target.ts'
import { readTagPage, tagPageLimit } from './tag-pages.ts'
import { defaultTimeouts, Transport, type Timeouts } from './transport.ts'
import { uploadBlob, type UploadSource } from './upload.ts'
import { verified } from './verified-stream.ts'

export interface RegistryClientOptions {
  readonly clock?: Clock
  readonly random?: () => number
  readonly retry?: RetryPolicy
  readonly timeouts?: Partial<Timeouts>
  readonly digests?: DigestCache
  readonly env?: NodeJS.ProcessEnv
  readonly lookup?: Lookup
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Called before each pause between two tries. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
  /** Fewer tries than the client's own policy allows. */
  readonly tries?: number
}

export interface ManifestHead {
  readonly digest: string
}

export interface Manifest {
  readonly digest: string
  readonly bytes: Uint8Array
}

/** A manifest or index to put, and what it says it is. */
export interface ManifestDocument {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

type Answered<T> = Promise<Result<T, RegistryError>>

export const manifestLimit = 4 * 1024 * 1024
const digestHeader = 'docker-content-digest'

/**
 * A client of the OCI distribution API, for any number of registries. It caches connections, tokens and what has a digest, but never
 * what a tag means. Temporary failures are retried; an error that is returned is final.
 */
export class RegistryClient {
  readonly #transport: Transport
  readonly #exchanger: Exchanger
  readonly #clock: Clock
  readonly #random: () => number
  readonly #retry: RetryPolicy
  readonly #digests: DigestCache
  readonly #documentMs: number

  constructor(options: RegistryClientOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#retry = options.retry ?? defaultRetryPolicy
    this.#digests = options.digests ?? memoryDigestCache()
    this.#transport = new Transport({ timeouts: options.timeouts, env: options.env, lookup: options.lookup })
    this.#documentMs = options.timeouts?.documentMs ?? defaultTimeouts.documentMs
    this.#exchanger = new Exchanger(this.#transport, new Authorizer(this.#transport, this.#clock), this.#clock)
  }

  /** The digest that a tag means now, or whether a digest exists: by HEAD, or by GET if the registry does not support HEAD. */
  headManifest(target: RegistryTarget, reference: string, options: CallOptions = {}): Answered<ManifestHead> {
    const context = { target, reference }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, {
        method: 'HEAD',
        path: `/v2/${target.repository}/manifests/${reference}`,
        action: 'pull',
        headers: { accept: acceptManifests },
        accept: [200, ...headUnsupported],
        signal: options.signal,
      })
      if (!asked.ok) return asked
      const { status, headers, body } = asked.value
      await discard(body)
      const digest = headers[digestHeader]
      if (status === 200 && typeof digest === 'string' && digestProblem(digest) === undefined) {
        if (isDigest(reference) && sameAlgorithm(reference, digest) && digest !== reference) return fail(wrongDigest(context, digest))
        return ok({ digest: isDigest(reference) ? reference : digest })
      }
      if (status === 200 && isDigest(reference)) return ok({ digest: reference })
      const got = await this.#manifest(context, options)
      return got.ok ? ok({ digest: got.value.digest }) : got
    })
  }

  /** A manifest or index: by digest from the cache if it has it, by tag always from the registry. */
  async getManifest(target: RegistryTarget, reference: string, options: CallOptions = {}): Answered<Manifest> {
    if (isDigest(reference)) {
      const bytes = await this.#digests.get(scopeOf(target), reference)
      if (bytes !== undefined) return ok({ digest: reference, bytes })
    }
    return this.#retried(options, () => this.#manifest({ target, reference }, options))
  }

  async #manifest(context: ErrorContext & { reference: string }, options: CallOptions): Answered<Manifest> {
    const { target, reference } = context
    const asked = await this.#exchanger.run(context, {
      method: 'GET',
      path: `/v2/${target.repository}/manifests/${reference}`,
      action: 'pull',
      headers: { accept: acceptManifests },
      accept: [200],
      signal: options.signal,
    })
    if (!asked.ok) return asked
    const bytes = await this.#bytes(context, asked.value, { what: 'the manifest', limit: manifestLimit }, options)
    if (!bytes.ok) return bytes
    const header = asked.value.headers[digestHeader]
    const expected = isDigest(reference) ? reference : typeof header === 'string' && digestProblem(header) === undefined ? header : undefined
    const digest = digestOf(bytes.value, expected)
    if (expected !== undefined && digest !== expected) return fail(wrongDigest(context, digest, expected))
    await this.#digests.put(scopeOf(target), digest, bytes.value)
    return ok({ digest, bytes: bytes.value })
  }

  /** A blob of at most `limit` bytes, cached. For configs. */
  async getBlob(target: RegistryTarget, digest: string, limit: number, options: CallOptions = {}): Answered<Uint8Array> {
    const cached = await this.#digests.get(scopeOf(target), digest)
    if (cached !== undefined) return ok(cached)
    const context = { target, reference: digest }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, this.#blob(context, options))
      if (!asked.ok) return asked
      const bytes = await this.#bytes(context, asked.value, { what: 'the blob', limit }, options)
      if (!bytes.ok) return bytes
      const found = digestOf(bytes.value, digest)
      if (found !== digest) return fail(wrongDigest(context, found, digest))
      await this.#digests.put(scopeOf(target), digest, bytes.value)
      return bytes
    })
  }

  /** A blob as a stream of at most `limit` bytes. It ends with an error if its bytes do not match the digest. */
  openBlob(target: RegistryTarget, digest: string, limit: number, options: CallOptions = {}): Answered<Readable> {
    const context = { target, reference: digest }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, this.#blob(context, options))
      return asked.ok ? ok(verified(asked.value.body, digest, limit)) : asked
    })
  }

  hasBlob(target: RegistryTarget, digest: string, options: CallOptions = {}): Answered<boolean> {
    const context = { target, reference: digest }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, {
        ...this.#blob(context, options),
        method: 'HEAD',
        action: 'pull,push',
        accept: [200, 404],
      })
      if (!asked.ok) return asked
      await discard(asked.value.body)
      return ok(asked.value.status === 200)
    })
  }

  /** All tags, page by page, as the registry orders them. */
  listTags(target: RegistryTarget, options: CallOptions = {}): Answered<string[]> {
    const context = { target }
    return allTags(context, (path) =>
      this.#retried(options, async () => {
        const asked = await this.#exchanger.run(context, { method: 'GET', path, action: 'pull', accept: [200], signal: options.signal })
        if (!asked.ok) return asked
        const bytes = await this.#bytes(context, asked.value, { what: 'a page of its list of tags', limit: tagPageLimit }, options)
        return bytes.ok ? readTagPage(context, path, asked.value, bytes.value) : bytes
      }),
    )
  }

  /** Uploads a blob that the registry does not have. `open` is called once per try. */
  putBlob(target: RegistryTarget, source: UploadSource, options: CallOptions = {}): Answered<void> {
    const context = { target, reference: source.digest }
    return this.#retried(options, () => uploadBlob(this.#exchanger, context, source, options.signal))
  }

  /** Puts a manifest or index under a tag or its digest, and gives its digest. */
  putManifest(target: RegistryTarget, reference: string, { mediaType, bytes }: ManifestDocument, options: CallOptions = {}): Answered<string> {
    const context = { target, reference }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, {
        method: 'PUT',
        path: `/v2/${target.repository}/manifests/${reference}`,
        action: 'pull,push',
        headers: { 'content-type': mediaType },
        body: bytes,
        accept: [200, 201, 202],
        signal: options.signal,
      })
      if (!asked.ok) return asked
      await discard(asked.value.body)
      return ok(digestOf(bytes))
    })
  }

  /** Deletes a manifest by its digest, with every tag that names it. The registry's garbage collection removes the blobs. */
  deleteManifest(target: RegistryTarget, digest: string, options: CallOptions = {}): Answered<void> {
    const context = { target, reference: digest }
    return this.#retried(options, async () => {
      const asked = await this.#exchanger.run(context, {
        method: 'DELETE',
        path: `/v2/${target.repository}/manifests/${digest}`,
        action: 'pull,push,delete',
        accept: [200, 202, 204],
        signal: options.signal,
      })
      if (!asked.ok) return asked
      await discard(asked.value.body)
      return ok(undefined)
    })
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #blob({ target, reference }: ErrorContext & { reference: string }, options: CallOptions): Exchange {
    return { method: 'GET', path: `/v2/${target.repository}/blobs/${reference}`, action: 'pull', accept: [200], signal: options.signal }
  }

  async #bytes(context: ErrorContext, answer: Answer, { what, limit }: { readonly what: string; readonly limit: number }, options: CallOptions): Answered<Uint8Array> {
    // A body that comes slowly in small pieces never reaches the time-out between two pieces.
    const late = setTimeout(() => answer.body.destroy(new BodyTooSlow()), this.#documentMs)
    try {
      const bytes = await readBytes(answer.body, limit)
      if (bytes === undefined) return fail(registryError(context, 'bad-response', `${what} is larger than ${limit} bytes`))
      return ok(bytes)
    } catch (error) {
      return fail(errorOfThrown(context, error, answer.url.host, options.signal))
    } finally {
      clearTimeout(late)
    }
  }

  #retried<T>(options: CallOptions, run: () => Answered<T>): Answered<T> {
    return withRetries(run, {
      policy: options.tries === undefined ? this.#retry : { ...this.#retry, attempts: Math.min(options.tries, this.#retry.attempts) },
      clock: this.#clock,
      random: this.#random,
      signal: options.signal,
      onRetry: options.onRetry,
    })
  }
}

/** Statuses of registries that do not support HEAD here (some answer 404). With any other status a GET would fail too. */
const headUnsupported = [400, 403, 404, 405, 406, 415, 501]

class BodyTooSlow extends Error {
  readonly code = 'UND_ERR_BODY_TIMEOUT'
}

const scopeOf = (target: RegistryTarget): string => `${apiHost(target)}/${target.repository}`

const isDigest = (reference: string): boolean => reference.includes(':')

const sameAlgorithm = (a: string, b: string): boolean => a.split(':')[0] === b.split(':')[0]

const wrongDigest = (context: ErrorContext, found: string, expected?: string): RegistryError =>
  registryError(
    context,
    'bad-response',
    expected === undefined ? `${apiHost(context.target)} answered with digest ${found}` : `what came is ${found}, not ${expected}`,
    // Whether it was damaged on the way or is wrong in the registry cannot be told, so it is tried again.
    { retryable: expected !== undefined },
  )
