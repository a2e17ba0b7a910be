import type { RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Clock } from '../../lib/clock.ts'
import type { WaitReason } from '../contract.ts'
import type { EngineClient } from './engine/client.ts'
import type { PullMessage } from './engine/pull-messages.ts'
import { pullFailure, type PullFailure } from './pull-failure.ts'

interface PullRequest {
  /** The image's name in calls to the engine. */
  readonly name: string
  /** The image's name in messages. */
  readonly reference: string
  readonly host: string
  readonly credentials?: RegistryCredentials
}

type PullError = { readonly kind: 'failed'; readonly message: string } | { readonly kind: 'unavailable'; readonly message: string } | { readonly kind: 'aborted' }

/** `fetched`: the engine lacked something of the image and downloaded it. */
export interface Pulled {
  readonly fetched: boolean
}

export interface Puller {
  /** Pulls an image. Concurrent calls for one image share a pull, which is cancelled when all of them have aborted. */
  pull(request: PullRequest, signal: AbortSignal, onReason: (reason: WaitReason) => void): Promise<Result<Pulled, PullError>>
}

/** How long transient failures (registry down, network) are retried. */
const grace = 60_000
const firstPause = 1_000
const longestPause = 10_000
/** Shortest time between two reports of progress. */
const progressPause = 500

export function createPuller(client: EngineClient, clock: Clock): Puller {
  const running = new Map<string, Shared>()

  async function once(request: PullRequest, shared: Shared): Promise<Result<Pulled, PullFailure | PullError>> {
    const messages = await client.pull(request.name, registryAuth(request), shared.abort.signal)
    if (!messages.ok) {
      switch (messages.error.kind) {
        case 'aborted':
          return fail({ kind: 'aborted' })
        case 'unavailable':
          return fail({ kind: 'unavailable', message: messages.error.message })
        default:
          return fail(pullFailure(messages.error.message, request.host, [request.name, request.reference]))
      }
    }
    const layers = new Map<string, { bytes: number; total: number }>()
    let failure: string | undefined
    let fetched = false
    let told = 0
    try {
      for await (const message of messages.value) {
        if (message.kind === 'error') failure = message.message
        fetched ||= fetchesSomething(message)
        if (message.kind !== 'progress') continue
        layers.set(message.layer, message)
        if (clock.now() - told < progressPause) continue
        told = clock.now()
        shared.tell(pulling(request, layers))
      }
    } catch {
      if (shared.abort.signal.aborted) return fail({ kind: 'aborted' })
      return fail({ kind: 'unavailable', message: 'the engine broke the pull off' })
    }
    if (shared.abort.signal.aborted) return fail({ kind: 'aborted' })
    return failure === undefined ? ok({ fetched }) : fail(pullFailure(failure, request.host, [request.name, request.reference]))
  }

  async function patiently(request: PullRequest, shared: Shared): Promise<Result<Pulled, PullError>> {
    const from = clock.now()
    shared.tell({ kind: 'pulling', message: `pulling image ${request.reference}` })
    for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
      const result = await once(request, shared)
      if (result.ok) return result
      if ('kind' in result.error) return fail(result.error)
      const { retryable, message } = result.error
      if (!retryable || clock.now() - from + pause > grace) return fail({ kind: 'failed', message })
      shared.tell({ kind: 'pull-error', message: `image ${request.reference} cannot be pulled yet: ${message}` })
      const waited = await clock.sleep(pause, shared.abort.signal).then(() => true, () => false)
      if (!waited) return fail({ kind: 'aborted' })
    }
  }

  const forget = (key: string, shared: Shared): void => {
    if (running.get(key) === shared) running.delete(key)
  }

  return {
    async pull(request, signal, onReason) {
      const key = JSON.stringify([request.name, request.credentials ?? null])
      let shared = running.get(key)
      if (shared === undefined) {
        shared = new Shared()
        running.set(key, shared)
        const created = shared
        created.result = patiently(request, created).finally(() => forget(key, created))
      }
      const joined = shared
      return joined.join(signal, onReason, () => forget(key, joined))
    },
  }
}

/** One pull and those who wait for it. */
class Shared {
  readonly abort = new AbortController()
  result: Promise<Result<Pulled, PullError>> = Promise.resolve(ok({ fetched: false }))
  readonly #waiting = new Set<(reason: WaitReason) => void>()
  #last: WaitReason | undefined

  tell(reason: WaitReason): void {
    this.#last = reason
    for (const onReason of this.#waiting) onReason(reason)
  }

  async join(signal: AbortSignal, onReason: (reason: WaitReason) => void, abandoned: () => void): Promise<Result<Pulled, PullError>> {
    this.#waiting.add(onReason)
    if (this.#last !== undefined) onReason(this.#last)
    const { promise: aborted, resolve } = Promise.withResolvers<Result<Pulled, PullError>>()
    const abort = (): void => resolve(fail({ kind: 'aborted' }))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    try {
      return await Promise.race([this.result, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
      this.#waiting.delete(onReason)
      if (this.#waiting.size === 0 && !this.abort.signal.aborted) {
        abandoned()
        this.abort.abort()
      }
    }
  }
}

/** Of an image that the engine has, Docker says only `Image is up to date`, Podman `Already exists` of each layer. */
const fetchesSomething = (message: PullMessage): boolean =>
  message.kind === 'progress' || (message.kind === 'status' && /^(?:download complete|pull complete|status: downloaded newer image)/i.test(message.text))

function pulling(request: PullRequest, layers: ReadonlyMap<string, { bytes: number; total: number }>): WaitReason {
  let bytes = 0
  let total = 0
  for (const layer of layers.values()) {
    bytes += layer.bytes
    total += layer.total
  }
  return { kind: 'pulling', message: `pulling image ${request.reference}`, progress: { bytes, total } }
}

/** The header that carries credentials: JSON as base64url, padded (engines refuse it without). */
function registryAuth(request: PullRequest): string | undefined {
  if (request.credentials === undefined) return undefined
  const { username, password } = request.credentials
  return Buffer.from(JSON.stringify({ username, password, serveraddress: request.host })).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
