import { z } from 'zod'
import { boundedRecord, boundedString } from '../../lib/bounded.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { matchesHost } from '../reference/host-pattern.ts'
import { canonicalRegistry, dockerHub } from '../reference/reference.ts'

/** The parts of a docker config (`~/.docker/config.json`, a Kubernetes `.dockerconfigjson`) that hold credentials of registries. */
export interface DockerConfig {
  readonly auths: readonly AuthEntry[]
  /** Program name's end, for hosts without one of their own. */
  readonly credsStore?: string
  /** Canonical registry → program name's end. */
  readonly credHelpers: ReadonlyMap<string, string>
}

export interface AuthEntry {
  /** Canonical registry; each label may be a pattern, as Kubernetes has it (`*.azurecr.io`). */
  readonly registry: string
  /** Repositories below this path only; '' for all. */
  readonly path: string
  readonly credentials: RegistryCredentials
}

/** Docker Hub's key in every docker config. */
const dockerHubKey = 'https://index.docker.io/v1/'

const name = boundedString(4096)
/** Tokens of identity providers are long, and an `auth` is a password in base64. */
const secret = boundedString(1024 * 1024)
const registriesLimit = 10_000

const auth = z.object({ auth: secret.optional(), username: secret.optional(), password: secret.optional(), identitytoken: secret.optional() })
const schema = z.object({
  auths: boundedRecord(name, z.unknown(), registriesLimit).nullish(),
  credsStore: name.nullish(),
  credHelpers: boundedRecord(name, name, registriesLimit).nullish(),
})

/** The error is one clause and holds nothing of the text. Entries without credentials are left out. */
export function parseDockerConfig(text: string): Result<DockerConfig, string> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return fail('it is not JSON')
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) return fail('it is not a docker config')
  const { auths, credsStore, credHelpers } = parsed.data
  const badHelper = [credsStore ?? '', ...Object.values(credHelpers ?? {})].find((name) => name !== '' && !isHelperName(name))
  if (badHelper !== undefined) return fail(`${JSON.stringify(badHelper.slice(0, 50))} is not a name of a credential helper`)
  return ok({
    auths: Object.entries(auths ?? {}).flatMap(([key, value]) => {
      const credentials = credentialsOf(value)
      return credentials === undefined ? [] : [{ ...splitKey(key), credentials }]
    }),
    ...(credsStore ? { credsStore } : {}),
    credHelpers: new Map(Object.entries(credHelpers ?? {}).map(([key, name]) => [splitKey(key).registry, name])),
  })
}

/** The entry for an image's registry and repository; the most specific one where several fit. */
export function findAuth(config: DockerConfig, registry: string, repository: string): RegistryCredentials | undefined {
  const host = canonicalRegistry(registry)
  return config.auths
    .filter((entry) => matchesHost(entry.registry, host) && (entry.path === '' || `${repository}/`.startsWith(`${entry.path}/`)))
    .toSorted((a, b) => b.path.length - a.path.length || Number(a.registry.includes('*')) - Number(b.registry.includes('*')))[0]?.credentials
}

/** What a registry is called in docker configs and by credential helpers. */
export const serverName = (registry: string): string =>
  canonicalRegistry(registry) === dockerHub ? dockerHubKey : canonicalRegistry(registry)

const isHelperName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)

/** Keys come as `host`, `https://host/v1/`, `host/path`. */
function splitKey(key: string): { registry: string; path: string } {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const slash = bare.indexOf('/')
  const host = slash === -1 ? bare : bare.slice(0, slash)
  const path = slash === -1 ? '' : bare.slice(slash + 1)
  return { registry: canonicalRegistry(host), path: path === 'v1' || path === 'v2' ? '' : path }
}

function credentialsOf(value: unknown): RegistryCredentials | undefined {
  const parsed = auth.safeParse(value)
  if (!parsed.success) return undefined
  const { username, password, identitytoken } = parsed.data
  if (identitytoken) return { username: '<token>', password: identitytoken }
  if (parsed.data.auth) {
    const decoded = Buffer.from(parsed.data.auth, 'base64').toString('utf8').replace(/\0+$/, '')
    const colon = decoded.indexOf(':')
    if (colon > 0) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
  }
  return username && password ? { username, password } : undefined
}
