import { getKey, isObject } from '../../config/json-object.ts'
import { parseDuration } from '../../lib/duration.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** How a Vault server is asked. Times in ms. */
export interface VaultSettings {
  readonly type: 'vault'
  readonly url: string
  readonly pathPrefix: string
  readonly lookupTemplates: readonly string[]
  readonly sharedPath?: string
  readonly namespace?: string
  readonly loginTimeoutMs: number
  readonly queryTimeoutMs: number
  readonly tls: VaultTls
  readonly login: VaultLogin
  /** Between logins that fail, from the first to the longest pause. */
  readonly retryMs: { readonly initial: number; readonly max: number }
}

/** In PEM form. */
export interface VaultTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
  readonly insecure?: boolean
}

export type VaultLogin =
  | { readonly kind: 'token'; readonly token: string }
  /** Read anew at each login. */
  | { readonly kind: 'token file'; readonly file: string }
  /** `jwtFile`: its text is the parameter `jwt`, read anew at each login. */
  | { readonly kind: 'backend'; readonly backend: string; readonly params: Readonly<Record<string, string>>; readonly maxTtlMs?: number; readonly jwtFile?: string }

export const defaultTemplates: readonly string[] = ['/{{.Team}}/{{.Pipeline}}/{{.Secret}}', '/{{.Team}}/{{.Secret}}']

/**
 * The settings in a var source's config, which has been checked. Files are refused: whoever writes a pipeline could have any file of this
 * machine sent to a server of theirs.
 */
export function vaultSettingsOf(config: JsonObject): Result<VaultSettings, string> {
  const known = new Map(Object.keys(config).map((key) => [key.toLowerCase(), getKey(config, key)]))
  const text = (key: string): string | undefined => {
    const value = known.get(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  for (const key of ['client_token_path', 'cacertfile', 'capath', 'clientcertfile', 'clientkeyfile']) {
    if (text(key) !== undefined) return fail(`\`${key}\` names a file of this server, which a var source cannot read; write its text into the config, from another var`)
  }
  const duration = (key: string, otherwise: number): number => {
    const value = known.get(key)
    // As in Go, a plain number counts nanoseconds.
    return typeof value === 'number' ? value / 1e6 : ((typeof value === 'string' ? parseDuration(value) : undefined) ?? otherwise)
  }
  const templates = known.get('lookup_templates')
  const params = known.get('auth_params')
  const maxTtlMs = duration('auth_backend_max_ttl', 0)
  const token = text('client_token')
  return ok({
    type: 'vault',
    url: text('url') ?? '',
    pathPrefix: text('path_prefix') ?? '/concourse',
    lookupTemplates: Array.isArray(templates) ? templates.filter((one) => typeof one === 'string') : defaultTemplates,
    ...given({ sharedPath: text('shared_path'), namespace: text('namespace') }),
    loginTimeoutMs: duration('login_timeout', 60_000),
    queryTimeoutMs: duration('query_timeout', 60_000),
    tls: { ...given({ ca: text('ca_cert'), cert: text('client_cert'), key: text('client_key'), serverName: text('server_name') }), insecure: known.get('insecure_skip_verify') === true },
    login:
      token !== undefined
        ? { kind: 'token', token }
        : { kind: 'backend', backend: text('auth_backend') ?? '', params: isObject(params) ? (params as Record<string, string>) : {}, ...(maxTtlMs > 0 && { maxTtlMs }) },
    retryMs: { initial: duration('auth_retry_initial', 1000), max: duration('auth_retry_max', 300_000) },
  })
}

function given<T extends Record<string, string | undefined>>(values: T): { [Key in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: string }
}
