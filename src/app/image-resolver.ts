import { join } from 'node:path'
import type { CheckOptions, ImageResolver as ImageResolverPort, ImageToResolve, OnWait, ResolvedImage } from '../engine/ports.ts'
import { CloudLogins } from '../images/cloud/cloud-logins.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { mirroredSource } from '../images/reference/mirrored-source.ts'
import { nodesHaveCredentials, wayOf, type NodeRegistry } from '../images/reference/node-registries.ts'
import { operatorTrust, type OperatorTrust } from '../images/reference/registry-trust.ts'
import { diskDigestCache } from '../images/registry/digest-cache.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import { describeRegistryError } from '../images/registry/registry-error.ts'
import { describeRetry, type Retry } from '../images/registry/retry.ts'
import { describeImageError, type ImageError } from '../images/resolve/image-error.ts'
import { ImageResolver } from '../images/resolve/image-resolver.ts'
import type { CredentialSource } from '../images/resolve/credential-source.ts'
import type { UnresolvedImage } from '../images/resolve/resolved-image.ts'
import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { Log } from '../lib/log.ts'
import { emptyImageConfig } from '../model/image.ts'
import type { JsonObject } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import type { ImageOptions } from './options.ts'

export interface AppImages {
  readonly client: RegistryClient
  readonly resolver: ImageResolverPort
  readonly trust: OperatorTrust
  close(): Promise<void>
}

export interface ImagesEnvironment {
  /** Folder of answers by digest. */
  readonly cache: string
  /** What nodes have credentials for, where this server may read it. */
  readonly nodeCredentials?: CredentialSource
  /** Registries that the container engine speaks to without verified TLS. */
  readonly engineInsecure?: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
}

/** Where a node may be asked instead, a registry that does not answer is not waited for. */
const triesBesideNodes = 2
const hostsKept = 10_000
/** It is not asked again for so long, in ms: each step would wait for it. */
const unreachableMs = 60_000

/** Resolving for the engine, with the machine user's own registry credentials where a source names none. */
export function openImages(options: ImageOptions, { cache, nodeCredentials, engineInsecure, clock, log }: ImagesEnvironment): AppImages {
  const client = new RegistryClient({ clock, digests: diskDigestCache(join(cache, 'digests')) })
  const clouds = new CloudLogins({ clock, ownIdentity: options.cloudIdentity })
  const trust = operatorTrust(options.registryTrust ?? [], options.nodeRegistries, engineInsecure)
  const resolver = new ImageResolver(client, {
    credentials: dockerConfigCredentials({ clock, onProblem: (line) => log.warn({}, line) }),
    ...(nodeCredentials && { nodeCredentials }),
    clouds,
    clock,
    trust,
    ...(options.registryMirror && { mirror: options.registryMirror }),
  })
  return {
    client,
    trust,
    resolver: {
      ...(options.check === 'node' ? nodesBehind(resolver, options.nodeRegistries, clock) : servers(resolver, options.nodeRegistries)),
      forContainer: (source) => (options.registryMirror === undefined ? source : mirroredSource(source, options.registryMirror.registry)),
    },
    async close() {
      await Promise.all([client.close(), clouds.close()])
    },
  }
}

const told = (onWait: OnWait | undefined) => (onWait === undefined ? {} : { onRetry: (retry: Retry) => onWait(describeRetry(retry)) })

type Asked<T> = Promise<Result<T, ImageError>>

/** The resolver's answers in the engine's words; `tries` of each request. */
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

/** The first part of a reference in full. */
const registryOf = (reference: string): string => reference.slice(0, reference.indexOf('/'))

type Asking = Pick<ImageResolverPort, 'check' | 'image'>

function servers(resolver: ImageResolver, nodes: readonly NodeRegistry[]): Asking {
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

/** As above, and where this server cannot reach a registry, the node that pulls the image finds what its tag means. */
function nodesBehind(resolver: ImageResolver, nodes: readonly NodeRegistry[], clock: Clock): Asking {
  const asked = answers(resolver, nodes, triesBesideNodes)
  /** Registry → why, and until when it is believed. */
  const unreachable = new KeptMap<string, { readonly error: ImageError; readonly until: number }>(hostsKept)

  /** Why the registry of an image cannot be asked; undefined: it may be. */
  const known = (host: string): ImageError | undefined => {
    const entry = unreachable.get(host)
    return entry !== undefined && entry.until > clock.now() ? entry.error : undefined
  }
  const isNodes = (pulled: UnresolvedImage, error: ImageError): boolean => {
    if (error.kind !== 'registry') return false
    // Nodes that have credentials of their own may be let in where this server is not; not past the source's.
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
