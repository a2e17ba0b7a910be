import { parseVaultUrl } from '../addresses.ts'
import { parseParam, parseTemplate, valueOfParam } from '../credential-values.ts'
import type { Setting } from '../setting.ts'
import { list, one, onOff, seconds, text } from '../types.ts'
import { builds } from './runtime.ts'

export const vault = {
  'vault-url': {
    group: 'Credentials', commands: builds, type: one('URL', parseVaultUrl), concourse: 'CONCOURSE_VAULT_URL',
    summary: 'Vault server to read vars from',
  },
  'vault-path-prefix': {
    group: 'Credentials', commands: builds, type: text('PATH'), default: '/concourse', concourse: 'CONCOURSE_VAULT_PATH_PREFIX',
    summary: 'path that all secrets are below',
  },
  'vault-lookup-templates': {
    group: 'Credentials', commands: builds, type: list('PATH', parseTemplate), concourse: 'CONCOURSE_VAULT_LOOKUP_TEMPLATES',
    summary: 'paths below the prefix, in order',
    details: 'They hold `{{.Team}}`, `{{.Pipeline}}` and `{{.Secret}}`. Without any: `/{{.Team}}/{{.Pipeline}}/{{.Secret}}`, then `/{{.Team}}/{{.Secret}}`.',
  },
  'vault-shared-path': {
    group: 'Credentials', commands: builds, type: text('PATH'), concourse: 'CONCOURSE_VAULT_SHARED_PATH',
    summary: 'path below the prefix of secrets of all teams',
  },
  'vault-namespace': {
    group: 'Credentials', commands: builds, type: text('NAME'), concourse: 'CONCOURSE_VAULT_NAMESPACE',
    summary: 'namespace of Vault Enterprise',
  },
  'vault-client-token': {
    group: 'Credentials', commands: builds, type: text('TOKEN'), secret: (token: string) => [token], concourse: 'CONCOURSE_VAULT_CLIENT_TOKEN',
    summary: 'token to read with',
  },
  'vault-client-token-path': {
    group: 'Credentials', commands: builds, type: text('FILE'), concourse: 'CONCOURSE_VAULT_CLIENT_TOKEN_PATH',
    summary: 'file of the token, read anew at each login',
  },
  'vault-auth-backend': {
    group: 'Credentials', commands: builds, type: text('NAME'), concourse: 'CONCOURSE_VAULT_AUTH_BACKEND',
    summary: 'auth method to log in by, such as approle',
    details: 'With `kubernetes` and without the parameter jwt, the token of the account of this pod is sent.',
  },
  'vault-auth-param': {
    group: 'Credentials', commands: builds, type: list('NAME:VALUE', parseParam), secret: valueOfParam, concourse: 'CONCOURSE_VAULT_AUTH_PARAM',
    summary: 'parameter of the login',
  },
  'vault-auth-backend-max-ttl': {
    group: 'Credentials', commands: builds, type: seconds, otherwise: 'never', concourse: 'CONCOURSE_VAULT_AUTH_BACKEND_MAX_TTL',
    summary: 'when a new login is due',
  },
  'vault-retry-initial': {
    group: 'Credentials', commands: builds, type: seconds, default: '1s', concourse: 'CONCOURSE_VAULT_RETRY_INITIAL',
    summary: 'pause after a login that failed',
  },
  'vault-retry-max': {
    group: 'Credentials', commands: builds, type: seconds, default: '5m', concourse: 'CONCOURSE_VAULT_RETRY_MAX',
    summary: 'the longest such pause; it doubles',
  },
  'vault-login-timeout': {
    group: 'Credentials', commands: builds, type: seconds, default: '60s', concourse: 'CONCOURSE_VAULT_LOGIN_TIMEOUT',
    summary: 'how long a login may take',
  },
  'vault-query-timeout': {
    group: 'Credentials', commands: builds, type: seconds, default: '60s', concourse: 'CONCOURSE_VAULT_QUERY_TIMEOUT',
    summary: 'how long a question may take',
  },
  'vault-ca-cert': {
    group: 'Credentials', commands: builds, type: text('FILE'), concourse: 'CONCOURSE_VAULT_CA_CERT',
    summary: "authority of Vault's certificate",
  },
  'vault-client-cert': {
    group: 'Credentials', commands: builds, type: text('FILE'), concourse: 'CONCOURSE_VAULT_CLIENT_CERT',
    summary: 'certificate to log in with',
  },
  'vault-client-key': {
    group: 'Credentials', commands: builds, type: text('FILE'), concourse: 'CONCOURSE_VAULT_CLIENT_KEY',
    summary: 'file of its key',
  },
  'vault-server-name': {
    group: 'Credentials', commands: builds, type: text('HOST'), concourse: 'CONCOURSE_VAULT_SERVER_NAME',
    summary: "name that Vault's certificate is for",
  },
  'vault-insecure-skip-verify': {
    group: 'Credentials', commands: builds, type: onOff, concourse: 'CONCOURSE_VAULT_INSECURE_SKIP_VERIFY',
    summary: "do not verify Vault's certificate",
  },
} as const satisfies Readonly<Record<string, Setting>>
