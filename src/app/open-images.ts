import { join } from 'node:path'
import type { ImageResolver as ImageResolverPort } from '../engine/ports.ts'
import { CloudLogins } from '../images/cloud/cloud-logins.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { mirroredSource } from '../images/reference/mirrored-source.ts'
import { operatorTrust, type OperatorTrust } from '../images/reference/registry-trust.ts'
import { diskDigestCache } from '../images/registry/digest-cache.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import type { CredentialSource } from '../images/resolve/credential-source.ts'
import { ImageResolver } from '../images/resolve/image-resolver.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { serverOrNodeResolver, serverResolver } from '../images/resolve/engine-resolver.ts'
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
      ...(options.check === 'node' ? serverOrNodeResolver(resolver, options.nodeRegistries, clock) : serverResolver(resolver, options.nodeRegistries)),
      forContainer: (source) => (options.registryMirror === undefined ? source : mirroredSource(source, options.registryMirror.registry)),
    },
    async close() {
      await Promise.all([client.close(), clouds.close()])
    },
  }
}
