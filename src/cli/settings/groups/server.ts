import { dataFolder } from '../../../app/folders.ts'
import { passwordOf } from '../../terminal.ts'
import { parseExternalUrl, parseImageHost } from '../addresses.ts'
import { concoursePostgres } from '../concourse-postgres.ts'
import type { Setting } from '../setting.ts'
import { choice, integer, list, onOff, one, secondsOrNone, text } from '../types.ts'
import { builds } from './runtime.ts'
import { auditGroups } from '../../../model/audit.ts'
import { concourseAuditing } from '../concourse-auditing.ts'

/** As it is, and as it stands in the address. */
const passwordForms = (url: string): string[] => [passwordOf(url), ...(URL.canParse(url) ? [new URL(url).password] : [])]

export const data = {
  data: {
    group: 'Data', commands: [...builds, 'intercept', 'clean'], type: text('DIR'), default: dataFolder, otherwise: '`~/.local/share/airside`',
    summary: 'databases, artifacts, keys',
    details: 'The folder of all that lasts. Where XDG_DATA_HOME is set, it is `$XDG_DATA_HOME/airside` by default.',
  },
  'encryption-key': {
    group: 'Data', commands: [...builds, 'intercept', 'clean'], type: text('TEXT'), otherwise: 'in the data folder',
    secret: (key: string) => [key], concourse: 'CONCOURSE_ENCRYPTION_KEY',
    summary: 'key for what is stored encrypted',
    details: 'Without it a key is made at the first start, in a file that only its owner may read.',
  },
  config: {
    group: 'Data', commands: [...builds, 'intercept', 'clean', 'supervisor push', 'server push'], type: text('FILE'),
    summary: 'YAML file of settings, by their names without --',
    details: 'It cannot stand in that file itself.',
  },
} as const satisfies Readonly<Record<string, Setting>>

export const server = {
  'enable-global-resources': {
    group: 'Server', commands: ['web'], type: onOff, concourse: 'CONCOURSE_ENABLE_GLOBAL_RESOURCES',
    summary: 'resources of one config share versions and checks',
    details: 'Within a team, across pipelines. Without it each resource has its own.',
  },
  bind: {
    group: 'Server', commands: ['web'], type: text('ADDRESS'), default: '127.0.0.1', concourse: 'CONCOURSE_BIND_IP',
    summary: 'address to listen on',
  },
  port: {
    group: 'Server', commands: ['web'], type: integer('PORT', 0, 65_535), default: '8080', concourse: 'CONCOURSE_BIND_PORT',
    summary: 'port to listen on',
    details: '0 takes one that is free.',
  },
  postgres: {
    group: 'Server', commands: ['web'], type: text('URL'),
    secret: passwordForms, concourse: concoursePostgres,
    summary: 'PostgreSQL instead of the embedded database',
    details: '`postgres://USER:PASSWORD@HOST/DATABASE`.',
  },
  'peer-url': {
    group: 'Server', commands: ['web'], type: one('URL', parseExternalUrl), otherwise: 'where it listens',
    summary: 'where other servers on the database reach this one',
    details: 'An intercept that comes to another server goes on to the one that is connected to the container.',
  },
  'audit-reads': {
    group: 'Server', commands: ['web'], type: list('GROUP', choice('GROUP', auditGroups).parse), otherwise: 'none', concourse: concourseAuditing,
    summary: 'routes whose reads are audited too: build, job, pipeline, …',
    details: `Of ${auditGroups.join(', ')}. What changes something, logins, refusals and intercepts are always audited.`,
  },
  'audit-days': {
    group: 'Server', commands: ['web'], type: integer('DAYS', 1), default: '400',
    summary: 'how long entries of the audit are kept',
  },
  'prometheus-bind-ip': {
    group: 'Server', commands: ['web'], type: text('ADDRESS'), default: '127.0.0.1', concourse: 'CONCOURSE_PROMETHEUS_BIND_IP',
    summary: 'address that metrics are served at',
  },
  'prometheus-bind-port': {
    group: 'Server', commands: ['web'], type: integer('PORT', 0, 65_535), concourse: 'CONCOURSE_PROMETHEUS_BIND_PORT',
    summary: 'port that metrics are served at, under /metrics',
    details: 'Without it nothing is counted. Whoever reaches it reads the names of teams, pipelines and jobs.',
  },
  'metrics-max-jobs': {
    group: 'Server', commands: ['web'], type: integer('N', 0), default: '1000',
    summary: 'jobs that have metrics of their own; all others share one',
  },
  'drain-delay': {
    group: 'Server', commands: ['web'], type: secondsOrNone, otherwise: '`5s` with `postgres`, else `0`',
    summary: 'how long a server that stops still takes connections',
    details: 'Meanwhile `/health/ready` answers 503, so that load balancers choose another server. Then event streams are cut over two seconds.',
  },
  'default-build-logs-to-retain': {
    group: 'Server', commands: ['web'], type: integer('N', 0), default: '0', concourse: 'CONCOURSE_DEFAULT_BUILD_LOGS_TO_RETAIN',
    summary: 'logs of builds kept of a job that does not say how many; 0: all',
  },
  'max-build-logs-to-retain': {
    group: 'Server', commands: ['web'], type: integer('N', 0), default: '0', concourse: 'CONCOURSE_MAX_BUILD_LOGS_TO_RETAIN',
    summary: 'the most logs of builds that a job may keep; 0: any number',
  },
  'default-days-to-retain-build-logs': {
    group: 'Server', commands: ['web'], type: integer('DAYS', 0), default: '0', concourse: 'CONCOURSE_DEFAULT_DAYS_TO_RETAIN_BUILD_LOGS',
    summary: 'how long logs are kept of a job that does not say; 0: for ever',
    details: 'Logs of one-off builds (`fly execute`) too.',
  },
  'max-days-to-retain-build-logs': {
    group: 'Server', commands: ['web'], type: integer('DAYS', 0), default: '0', concourse: 'CONCOURSE_MAX_DAYS_TO_RETAIN_BUILD_LOGS',
    summary: 'the longest that a job may keep logs; 0: for ever',
    details: 'Logs of one-off builds (`fly execute`) too.',
  },
  'registry-checks-per-second': {
    group: 'Server', commands: ['web'], type: integer('N', 0), default: '20',
    summary: 'checks of images of one registry that begin in a second; 0: as many as are due',
    details: 'A server with more of them checks each less often than its interval says, and logs that, so that the registry does not refuse it. Checks that somebody asks for do not wait.',
  },
  'outputs-days': {
    group: 'Server', commands: ['web'], type: integer('DAYS', 0), default: '2',
    summary: "how long after a build's end the outputs of its steps are kept",
    details: 'Their files go two days later, unless something else has the same content. Outputs of `fly execute` are kept for 12 hours, as in Concourse.',
  },
  'cli-artifacts-dir': {
    group: 'Server', commands: ['web'], type: text('DIR'), concourse: 'CONCOURSE_CLI_ARTIFACTS_DIR',
    summary: 'folder of the programs that fly sync downloads',
    details: "Concourse's archives (`fly-linux-amd64.tgz`, `fly-windows-amd64.zip`) or plain programs (`fly-linux-amd64`, `fly-windows-amd64.exe`).",
  },
  'web-image-hosts': {
    group: 'Server', commands: ['web'], type: list('HOST', parseImageHost), otherwise: 'none',
    summary: "hosts that the web UI loads pipelines' background images from",
    details: 'Such as `images.example.com` or `*.example.com`. A browser that shows a pipeline with `display.background_image` tells that host of it, so no host is asked that is not named here.',
  },
  'external-url': {
    group: 'Server', commands: builds, type: one('URL', parseExternalUrl), concourse: 'CONCOURSE_EXTERNAL_URL',
    summary: 'what steps see as ATC_EXTERNAL_URL',
    details: 'On Kubernetes `airside web` serves images that steps make at an https URL that nodes trust, when no `image-registry` is given.',
  },
} as const satisfies Readonly<Record<string, Setting>>
