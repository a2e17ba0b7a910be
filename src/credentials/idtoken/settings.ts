import { getKey, isObject } from '../../config/json-object.ts'
import { parseDuration } from '../../lib/duration.ts'
import type { Json } from '../../model/json.ts'
import type { Algorithm } from './signing-keys.ts'

export type SubjectScope = 'team' | 'pipeline' | 'instance' | 'job'

export interface IdTokenSettings {
  readonly scope: SubjectScope
  readonly audience: readonly string[]
  readonly expiresInMs: number
  readonly algorithm: Algorithm
}

/** The settings in a var source's config, which has been checked. */
export function idTokenSettingsOf(config: Json): IdTokenSettings {
  const of = (key: string): Json | undefined => (isObject(config) ? getKey(config, key) : undefined)
  const [scope, audience, expires] = [of('subject_scope'), of('audience'), of('expires_in')]
  return {
    scope: scope === 'team' || scope === 'instance' || scope === 'job' ? scope : 'pipeline',
    audience: Array.isArray(audience) ? audience.filter((one) => typeof one === 'string') : [],
    expiresInMs: (typeof expires === 'string' ? parseDuration(expires) : undefined) ?? 3_600_000,
    algorithm: of('algorithm') === 'ES256' ? 'ES256' : 'RS256',
  }
}
