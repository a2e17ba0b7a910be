import type { Json, JsonObject } from '../../model/json.ts'
import { parseDuration } from '../duration.ts'
import { isObject } from '../json-object.ts'
import { quote } from '../quote.ts'
import { parseGoUrl } from './go-url.ts'

/** What is wrong with a var source's config, at a key of it or as a whole. */
export interface ConfigFault {
  readonly key?: string
  readonly message: string
  readonly hint?: string
}

type Type = 'text' | 'boolean' | 'duration' | 'texts' | 'map of texts'
type Keys = ReadonlyMap<string, Type>

const keys = (types: { readonly [K in Type]?: string }): Keys => new Map(Object.entries(types).flatMap(([type, names]) => names.split(' ').map((name) => [name, type as Type] as const)))

const vaultKeys = keys({
  text: 'url path_prefix shared_path namespace ca_cert cacertfile capath client_cert clientcertfile client_key clientkeyfile server_name client_token client_token_path auth_backend',
  boolean: 'enable_kv_mount_cache disable_srv_lookup insecure_skip_verify',
  duration: 'login_timeout query_timeout auth_backend_max_ttl auth_retry_max auth_retry_initial',
  texts: 'lookup_templates',
  'map of texts': 'auth_params',
})
const ssmKeys = keys({ text: 'access_key secret_key session_token region pipeline_secret_template team_secret_template shared_path' })
const secretsManagerKeys = keys({ text: 'access_key secret_key session_token region pipeline_secret_template team_secret_template shared_secret_template' })
const filesKeys = keys({ text: 'directory' })
const environmentKeys = keys({ text: 'prefix' })
const idTokenKeys = keys({ text: 'subject_scope expires_in algorithm', texts: 'audience' })

/** The faults for which Concourse refuses a var source's config; none for types that it does not know. */
export function varSourceFaults(type: string, config: Json | undefined): ConfigFault[] {
  switch (type) {
    case 'vault':
      return isObject(config) ? vault(config) : [noMap]
    case 'dummy':
      if (!isObject(config)) return [noMap]
      return isObject(config['vars']) ? [] : [{ key: 'vars', message: 'a dummy var source needs `vars`, a map of names to values' }]
    case 'ssm':
      return aws(config, ssmKeys, ['pipeline_secret_template', 'team_secret_template'])
    case 'secretsmanager':
      return aws(config, secretsManagerKeys, ['pipeline_secret_template', 'team_secret_template', 'shared_secret_template'])
    case 'files':
      return needed(config, filesKeys, { key: 'directory', message: 'a files var source needs `directory`, a path from / on', fits: (text) => text.startsWith('/') })
    case 'environment':
      return needed(config, environmentKeys, { key: 'prefix', message: 'an environment var source needs `prefix`, with which the names of its variables begin', fits: (text) => text !== '' })
    case 'idtoken':
      return isObject(config) ? idToken(config) : [noMap]
    default:
      return []
  }
}

const noMap: ConfigFault = { message: 'the config of a var source is a map' }

function vault(written: JsonObject): ConfigFault[] {
  const { config, faults } = checkKeys(written, vaultKeys, 'any case')
  const url = parseGoUrl(typeof config['url'] === 'string' ? config['url'] : '')
  if (url === undefined || (url.scheme !== 'http' && url.scheme !== 'https') || url.host === '') {
    faults.push({ key: 'url', message: 'a vault var source needs `url`, an http or https URL with a host' })
  }
  if (config['path_prefix'] === '') faults.push({ key: 'path_prefix', message: '`path_prefix` cannot be empty', hint: 'leave it out for `/concourse`' })
  const templates = config['lookup_templates']
  if (Array.isArray(templates)) for (const template of templates) faults.push(...templateFaults('lookup_templates', typeof template === 'string' ? template : '', 'may be empty'))
  if (['client_token', 'client_token_path', 'auth_backend'].every((key) => isEmpty(config, key))) {
    faults.push({ message: 'a vault var source needs `client_token`, `client_token_path` or `auth_backend`' })
  }
  return faults
}

function aws(written: Json | undefined, known: Keys, templates: readonly string[]): ConfigFault[] {
  if (written === undefined || written === null) return []
  if (!isObject(written)) return [noMap]
  const { config, faults } = checkKeys(written, known, 'any case')
  for (const key of templates) {
    const template = config[key]
    if (typeof template === 'string') faults.push(...templateFaults(key, template, 'not empty'))
  }
  const given = ['access_key', 'secret_key', 'session_token'].filter((key) => !isEmpty(config, key))
  for (const key of ['access_key', 'secret_key']) {
    if (given.length > 0 && !given.includes(key)) faults.push({ message: `the config needs \`${key}\` beside ${given.map(quote).join(' and ')}` })
  }
  return faults
}

interface NeededKey {
  readonly key: string
  readonly message: string
  readonly fits: (text: string) => boolean
}

/** A config whose one key must be there. */
function needed(config: Json | undefined, known: Keys, { key, message, fits: isFine }: NeededKey): ConfigFault[] {
  if (!isObject(config)) return [noMap]
  const { faults } = checkKeys(config, known, 'exact')
  const value = config[key]
  return typeof value === 'string' && isFine(value) ? faults : [...faults, { key, message }]
}

const longestToken = 24 * 60 * 60 * 1000

function idToken(written: JsonObject): ConfigFault[] {
  const { config, faults } = checkKeys(written, idTokenKeys, 'exact')
  const { expires_in: expires, subject_scope: scope, algorithm } = config
  for (const key of Object.keys(written)) if (written[key] === null) faults.push({ key, message: `${quote(key)} has no value` })
  if (typeof expires === 'string') {
    const length = parseDuration(expires)
    if (length === undefined) faults.push({ key: 'expires_in', message: `${quote(expires)} is no duration` })
    else if (length > longestToken) faults.push({ key: 'expires_in', message: 'a token expires in 24h at most' })
  }
  if (typeof scope === 'string' && !scopes.has(scope)) faults.push({ key: 'subject_scope', message: `there is no subject scope ${quote(scope)}`, hint: `it can be ${[...scopes].filter(Boolean).join(', ')}` })
  if (typeof algorithm === 'string' && algorithm !== 'RS256' && algorithm !== 'ES256') faults.push({ key: 'algorithm', message: `there is no algorithm ${quote(algorithm)}`, hint: 'it can be RS256, ES256' })
  return faults
}

const scopes: ReadonlySet<string> = new Set(['', 'team', 'pipeline', 'instance', 'job'])

const isEmpty = (config: JsonObject, key: string): boolean => config[key] === undefined || config[key] === ''

/** Unknown keys and values of the wrong type; `config` has the known ones under the names that are known. */
function checkKeys(written: JsonObject, known: Keys, keyCase: 'any case' | 'exact'): { config: JsonObject; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  const config: JsonObject = {}
  for (const [key, value] of Object.entries(written)) {
    const name = known.has(key) || keyCase === 'exact' ? key : key.toLowerCase()
    const type = known.get(name)
    if (type === undefined) faults.push({ key, message: `the config of this var source has no key ${quote(key)}`, ...(known.size <= 8 && { hint: `it knows ${[...known.keys()].join(', ')}` }) })
    else if (value !== null) {
      config[name] = value
      if (!fits(value, type)) faults.push({ key, message: `${quote(key)} must be ${words[type]}` })
    }
  }
  return { config, faults }
}

const words: { readonly [T in Type]: string } = {
  text: 'text',
  boolean: '`true` or `false`',
  duration: 'a duration, e.g. `30s`',
  texts: 'a list of texts',
  'map of texts': 'a map of texts',
}

function fits(value: Json, type: Type): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'duration':
      return typeof value === 'number' || (typeof value === 'string' && parseDuration(value) !== undefined)
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'map of texts':
      return isObject(value) && Object.values(value).every((item) => typeof item === 'string')
  }
}

/** A path with `{{.Team}}`, `{{.Pipeline}}` and `{{.Secret}}`. */
function templateFaults(key: string, template: string, empty: 'may be empty' | 'not empty'): ConfigFault[] {
  if (template === '' && empty === 'not empty') return [{ key, message: `${quote(key)} cannot be empty`, hint: 'leave it out for the usual one' }]
  const rest = template.replace(/\{\{-?\s*\.(?:Team|Pipeline|Secret)\s*-?\}\}/g, '')
  return rest.includes('{{') ? [{ key, message: `the template ${quote(template)} is not well formed`, hint: 'it can have `{{.Team}}`, `{{.Pipeline}}` and `{{.Secret}}`' }] : []
}
