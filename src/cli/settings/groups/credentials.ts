import { parseDummyVar, parseDirectory, parseVarSourceAccess, valueOfPair } from '../credential-values.ts'
import type { Setting } from '../setting.ts'
import { integer, list, one, onOff, pairs, seconds, text } from '../types.ts'
import { ok } from '../../../model/result.ts'
import { builds } from './runtime.ts'

/** Where vars without a source come from, and how credential managers are asked; docs/credentials.md says more. */
export const credentials = {
  'var-source-access': {
    group: 'Credentials', commands: builds, type: list('WHAT', parseVarSourceAccess), otherwise: 'nothing',
    summary: 'what var sources may use of this machine',
    details: '`files:DIR` opens the files below a folder to var sources, `environment:PREFIX` the variables that begin so, `aws` the cloud identity of this machine. Whoever writes a pipeline can read what is open.',
  },
  'credential-files': {
    group: 'Credentials', commands: builds, type: one('DIR', parseDirectory),
    summary: 'folder of files that are vars',
    details: 'TEAM/PIPELINE/NAME is looked for, then TEAM/NAME, then NAME. A folder of files is a var with fields.',
  },
  'credential-environment': {
    group: 'Credentials', commands: builds, type: one('PREFIX', (given) => ok(given)),
    summary: 'prefix of environment variables that are vars',
    details: '`((api-token))` is `PREFIXapi-token`, or else `PREFIXAPI_TOKEN`. They are vars of all teams.',
  },
  'dummy-creds-var': {
    group: 'Credentials', commands: builds, type: pairs('NAME=VALUE', parseDummyVar), secret: valueOfPair, concourse: 'CONCOURSE_DUMMY_CREDS_VAR',
    summary: 'a var and its value, as YAML',
    details: 'The name may begin with TEAM/ or TEAM/PIPELINE/, which limits who has the var. For trials: the value stands in the settings.',
  },
  'kubernetes-in-cluster': {
    group: 'Credentials', commands: builds, type: onOff, concourse: 'CONCOURSE_KUBERNETES_IN_CLUSTER',
    summary: "read vars from secrets of this pod's cluster",
  },
  'kubernetes-config-path': {
    group: 'Credentials', commands: builds, type: text('FILE'), concourse: 'CONCOURSE_KUBERNETES_CONFIG_PATH',
    summary: 'read vars from secrets of the cluster of a kubeconfig',
  },
  'kubernetes-namespace-prefix': {
    group: 'Credentials', commands: builds, type: text('PREFIX'), default: 'concourse-', concourse: 'CONCOURSE_KUBERNETES_NAMESPACE_PREFIX',
    summary: "prefix of teams' namespaces",
  },
  'secret-retry-attempts': {
    group: 'Credentials', commands: builds, type: integer('N', 1, 100), default: '5', concourse: 'CONCOURSE_SECRET_RETRY_ATTEMPTS',
    summary: 'how often a failing manager is asked',
  },
  'secret-retry-interval': {
    group: 'Credentials', commands: builds, type: seconds, default: '1s', concourse: 'CONCOURSE_SECRET_RETRY_INTERVAL',
    summary: 'how long to wait before asking again',
  },
  'secret-cache-enabled': {
    group: 'Credentials', commands: builds, type: onOff, concourse: 'CONCOURSE_SECRET_CACHE_ENABLED',
    summary: 'remember what credential managers answer',
  },
  'secret-cache-duration': {
    group: 'Credentials', commands: builds, type: seconds, default: '1m', concourse: 'CONCOURSE_SECRET_CACHE_DURATION',
    summary: 'how long a secret is remembered',
    details: 'It is less where the lease of the secret ends sooner.',
  },
  'secret-cache-duration-notfound': {
    group: 'Credentials', commands: builds, type: seconds, default: '10s', concourse: 'CONCOURSE_SECRET_CACHE_DURATION_NOTFOUND',
    summary: 'the same where there is none',
  },
  'var-source-recycle-period': {
    group: 'Credentials', commands: builds, type: seconds, default: '5m', concourse: 'CONCOURSE_GC_VAR_SOURCE_RECYCLE_PERIOD',
    summary: 'how long an unused var source is kept',
  },
  'signing-key-rotation-period': {
    group: 'Credentials', commands: builds, type: seconds, default: '168h', concourse: 'CONCOURSE_SIGNING_KEY_ROTATION_PERIOD',
    summary: 'how long a key of idtokens signs',
  },
  'signing-key-grace-period': {
    group: 'Credentials', commands: builds, type: seconds, default: '24h', concourse: 'CONCOURSE_SIGNING_KEY_GRACE_PERIOD',
    summary: 'how long it is published after that',
    details: 'A day at least, since a token may be good for so long.',
  },
} as const satisfies Readonly<Record<string, Setting>>
