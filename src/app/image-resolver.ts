import { join } from 'node:path'
import type { ImageResolver as ImageResolverPort, ImageToResolve } from '../engine/ports.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { diskDigestCache } from '../images/registry/digest-cache.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import { describeImageError } from '../images/resolve/image-error.ts'
import { ImageResolver } from '../images/resolve/image-resolver.ts'
import { describeRegistryError } from '../images/registry/registry-error.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { JsonObject } from '../model/json.ts'
import { fail, ok } from '../model/result.ts'

export interface AppImages {
  readonly client: RegistryClient
  readonly resolver: ImageResolverPort
  close(): Promise<void>
}

/** Resolving for the engine, with the machine user's own registry credentials where a source names none. */
export function openImages(cache: string, clock: Clock, log: Log): AppImages {
  const client = new RegistryClient({ clock, digests: diskDigestCache(join(cache, 'digests')) })
  const resolver = new ImageResolver(client, { credentials: dockerConfigCredentials({ clock, onProblem: (line) => log.warn({}, line) }) })
  return {
    client,
    close: () => client.close(),
    resolver: {
      async check(source: JsonObject, signal: AbortSignal) {
        const checked = await resolver.check({ source, signal })
        if (!checked.ok) return fail(describeImageError(checked.error))
        const version = checked.value.versions.at(-1)
        if (version !== undefined) return ok(version)
        return fail(checked.value.absent === undefined ? 'the image has no version' : describeRegistryError(checked.value.absent))
      },
      async image({ source, checked, version }: ImageToResolve, signal: AbortSignal) {
        const image = await resolver.resolve({ source, checked, version, signal })
        if (!image.ok) return fail(describeImageError(image.error))
        const { reference, host, credentials, config, architectures, how } = image.value
        return ok({ source: { kind: 'registry', reference, host, ...(credentials && { credentials }) }, config, architectures, how })
      },
    },
  }
}
