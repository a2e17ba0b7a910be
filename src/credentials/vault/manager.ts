import { getKey, isObject } from '../../config/json-object.ts'
import type { Clock } from '../../lib/clock.ts'
import { KeptMap } from '../../lib/kept-map.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { SecretAnswer, SecretManager } from '../manager.ts'
import { fillTemplates } from '../secret-path.ts'
import { VaultClient, type VaultCall, type VaultFault } from './client.ts'
import { VaultSession } from './session.ts'
import type { VaultSettings } from './settings.ts'

/** How long it is remembered where a mount is and which version of KV it has. */
const mountMs = 60_000
const mostMounts = 1000

/** A var source may read below the whole prefix, since its own login limits it; the server's manager below teams and the shared path only. */
export type VaultReach = 'prefix' | 'teams'

interface Mount {
  /** Without a slash at its end; '': none is known. */
  readonly path: string
  readonly v2: boolean
  readonly until: number
}

/** Secrets of Vault's KV, version 1 or 2: the key `value` alone, or all keys as fields. */
export function vaultManager(settings: VaultSettings, reach: VaultReach, clock: Clock): SecretManager {
  const client = new VaultClient(settings)
  const session = new VaultSession(client, settings, clock)
  const mounts = new KeptMap<string, Mount>(mostMounts)
  const { pathPrefix, lookupTemplates, sharedPath } = settings
  const templates = [
    ...lookupTemplates.map((template) => `${pathPrefix}/${template}`),
    ...(sharedPath === undefined ? [] : [`${pathPrefix}/${sharedPath}/{{.Secret}}`]),
    ...(reach === 'prefix' ? [`${pathPrefix}/{{.Secret}}`] : []),
  ]

  /** With a login; once more with a new one when Vault does not know its token. */
  async function call(wanted: Omit<VaultCall, 'token'>): Promise<Result<JsonObject | undefined, VaultFault>> {
    for (let again = false; ; again = true) {
      const token = await session.token()
      if (!token.ok) return fail({ ...token.error, denied: false, invalidToken: false })
      const answer = await client.call({ ...wanted, token: token.value })
      if (answer.ok || !answer.error.invalidToken || again) return answer
      session.forget(token.value)
    }
  }

  async function mountOf(path: string): Promise<Result<Mount, VaultFault>> {
    const now = clock.now()
    const known = [...mounts.values()].filter((mount) => mount.until > now && (path === mount.path || path.startsWith(`${mount.path}/`)))
    const [longest] = known.toSorted((a, b) => b.path.length - a.path.length)
    if (longest !== undefined) return ok(longest)
    const answer = await call({ method: 'GET', path: `sys/internal/ui/mounts/${path}` })
    // 404: a Vault from before version 2; 403: no mount, or none that the token may know. Reading says which.
    if (!answer.ok) return answer.error.denied ? ok({ path: '', v2: false, until: 0 }) : answer
    const data = getKey(answer.value ?? {}, 'data')
    const found = isObject(data) && typeof data['path'] === 'string' ? data['path'].replace(/\/+$/, '') : ''
    const options = isObject(data) ? data['options'] : undefined
    const mount = { path: found, v2: isObject(options) && options['version'] === '2', until: now + mountMs }
    if (found !== '') mounts.set(found, mount)
    return ok(mount)
  }

  return {
    paths: (name, scope) => [...new Set(fillTemplates(templates, name, scope).map((path) => path.split('/').filter(Boolean).join('/')))],
    async get(path) {
      const mount = await mountOf(path)
      if (!mount.ok) return named(path, mount.error)
      const { path: at, v2 } = mount.value
      const answer = await call({ method: 'GET', path: v2 ? `${at}/data${path.slice(at.length)}` : path })
      if (!answer.ok) return named(path, answer.error)
      return answer.value === undefined ? ok(undefined) : secretOf(answer.value, v2)
    },
    tend: () => session.tend(),
    close: () => client.close(),
  }
}

const named = (path: string, { message, retryable }: VaultFault): SecretAnswer => fail({ message: `${message} (secret ${path})`, retryable })

function secretOf(answer: JsonObject, v2: boolean): SecretAnswer {
  const outer = getKey(answer, 'data')
  const data = v2 && isObject(outer) ? outer['data'] : outer
  // Of a version that was deleted there is only the metadata.
  if (!isObject(data)) return ok(undefined)
  const seconds = v2 ? undefined : answer['lease_duration']
  // Half of the lease, as Concourse has it: what was read must not end while it is used.
  return ok({ value: getKey(data, 'value') ?? data, ...(typeof seconds === 'number' && seconds > 0 && { leaseMs: (seconds * 1000) / 2 }) })
}
