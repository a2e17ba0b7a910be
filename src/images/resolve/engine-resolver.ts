import type { CheckOptions, ImageResolver as ImageResolverPort, ImageToResolve, OnWait, ResolvedImage } from '../../engine/ports.ts'
import { nodesHaveCredentials, wayOf, type NodeRegistry } from '../reference/node-registries.ts'
import { describeRegistryError } from '../registry/registry-error.ts'
import { describeRetry, type Retry } from '../registry/retry.ts'
import { describeImageError, type ImageError } from './image-error.ts'
import type { ImageResolver } from './image-resolver.ts'
import type { UnresolvedImage } from './resolved-image.ts'
import type { Clock } from '../../lib/clock.ts'
import { KeptMap } from '../../lib/kept-map.ts'
import { emptyImageConfig } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'

/** Where a node may be asked instead, a registry that does not answer is not waited for. */
const triesBesideNodes = 2
const hostsKept = 10_000
/** How long a registry that did not answer is not asked again, in ms. Otherwise each step would wait for it. */
const unreachableMs = 60_000

const told = (onWait: OnWait | undefined) => (onWait === undefined ? {} : { onRetry: (retry: Retry) => onWait(describeRetry(retry)) })

type Asked<T> = Promise<Result<T, ImageError>>

/** Implements the engine's port by the resolver; `tries` of each request. */
function answers(resolver: ImageResolver, nodes: readonly NodeRegistry[], tries?: number) {
  const limit = tries === undefined ? {} : { tries }
  return {
    async check(source: JsonObject, { from, onWait }: CheckOptions, signal: AbortSignal): Asked<readonly Version[] | string> {
      const checked = await resolver.check({ source, from, signal, ...limit, ...told(onWait) })
      if (!checked.ok) return checked
      if (checked.value.versions.length > 0) return ok(checked.value.versions)
      return ok(checked.value.absent === undefined ? 'the image has no version' : describeRegistryError(checked.value.absent))
    },
    async image({ source, by, checked, version, onWait }: ImageToResolve, signal: AbortSignal): Asked<ResolvedImage> {
      const image = await resolver.resolve({ source, by, checked, version, signal, ...limit, ...told(onWait) })
      if (!image.ok) return image
      const { reference, host, credentials, config, architectures, how, needs } = image.value
      const registry = registryOf(reference)
      const way = wayOf(registry, needs, nodes)
      const send = !(needs.credentials === 'server' && nodesHaveCredentials(registry, nodes))
      return ok({
        source: { kind: 'registry', reference, host, ...(credentials && send && { credentials }) },
        config,
        architectures,
        how,
        ...(way.kind === 'physical' && { physical: `image ${reference} is fetched by a get step: ${way.reason}` }),
      })
    },
  }
}

/** The host of a complete reference. */
const registryOf = (reference: string): string => reference.slice(0, reference.indexOf('/'))

type Asking = Pick<ImageResolverPort, 'check' | 'image'>

export function serverResolver(resolver: ImageResolver, nodes: readonly NodeRegistry[]): Asking {
  const asked = answers(resolver, nodes)
  return {
    async check(source, options, signal) {
      const checked = await asked.check(source, options, signal)
      if (!checked.ok) return fail(describeImageError(checked.error))
      return typeof checked.value === 'string' ? fail(checked.value) : ok(checked.value)
    },
    async image(request, signal) {
      const found = await asked.image(request, signal)
      return found.ok ? found : fail(describeImageError(found.error))
    },
  }
}

/** Asks registries from this server. For a registry that it cannot reach, the node that pulls the image resolves its tag. */
export function serverOrNodeResolver(resolver: ImageResolver, nodes: readonly NodeRegistry[], clock: Clock): Asking {
  const asked = answers(resolver, nodes, triesBesideNodes)
  /** By registry: why it could not be asked, and until when that counts. */
  const unreachable = new KeptMap<string, { readonly error: ImageError; readonly until: number }>(hostsKept)

  /** Why the registry of an image cannot be asked; undefined: it may be. */
  const known = (host: string): ImageError | undefined => {
    const entry = unreachable.get(host)
    return entry !== undefined && entry.until > clock.now() ? entry.error : undefined
  }
  const isNodes = (pulled: UnresolvedImage, error: ImageError): boolean => {
    if (error.kind !== 'registry') return false
    // Nodes with credentials of their own may have access where this server has none. A source with credentials is not pulled with those.
    if (error.error.kind === 'unauthorized') return pulled.credentialsOf !== 'source' && nodesHaveCredentials(registryOf(pulled.reference), nodes)
    if (error.error.kind !== 'unreachable' && error.error.kind !== 'unknown-host') return false
    unreachable.set(pulled.host, { error, until: clock.now() + unreachableMs })
    return true
  }
  const byNode = async (request: ImageToResolve, signal: AbortSignal) => {
    const found = await resolver.unresolved({ ...request, signal })
    return found.ok ? found.value : undefined
  }

  return {
    async check(source: JsonObject, options: CheckOptions, signal: AbortSignal) {
      const pulled = options.image ? await byNode({ source }, signal) : undefined
      const before = pulled && known(pulled.host)
      const checked = before === undefined ? await asked.check(source, options, signal) : fail(before)
      if (checked.ok) return typeof checked.value === 'string' ? fail(checked.value) : ok(checked.value)
      if (pulled === undefined || !(before !== undefined || isNodes(pulled, checked.error))) return fail(describeImageError(checked.error))
      return ok(pulled.digest === undefined ? [] : [{ tag: pulled.tag, digest: pulled.digest }])
    },
    async image(request: ImageToResolve, signal: AbortSignal) {
      const pulled = await byNode(request, signal)
      const before = pulled && known(pulled.host)
      const found = before === undefined ? await asked.image(request, signal) : fail(before)
      if (found.ok) return found
      if (pulled === undefined || !(before !== undefined || isNodes(pulled, found.error))) return fail(describeImageError(found.error))
      const { reference, host, tag, digest } = pulled
      const credentials = pulled.credentialsOf === 'server' && nodesHaveCredentials(registryOf(reference), nodes) ? undefined : pulled.credentials
      const how = digest === undefined ? ('node' as const) : request.checked?.['digest'] === digest ? ('check' as const) : ('pin' as const)
      return ok({
        source: { kind: 'registry', reference, host, ...(credentials && { credentials }), ...(digest !== undefined && { unproven: true }) },
        config: emptyImageConfig,
        architectures: [],
        how,
        note: `${describeImageError(found.error)}; the node pulls ${reference} by itself, so ENTRYPOINT, ENV and USER of the image are not known here`,
        ...(digest === undefined && { tag }),
      })
    },
  }
}
