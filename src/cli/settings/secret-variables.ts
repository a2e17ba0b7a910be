import { passwordOfUser } from './login/values.ts'
import { passwordOf } from '../terminal.ts'
import type { Environment } from './sources.ts'

const whole = (text: string): string => text
/** One NAME=VALUE or NAME:VALUE a line. Lines are redacted one by one. */
const valuesOfPairs = (text: string): string => text.split('\n').map((pair) => pair.slice(pair.search(/[:=]/) + 1)).join('\n')

const valuesOfCommaPairs = (text: string): readonly string[] => text.split(',').map((pair) => pair.slice(pair.search(/[:=]/) + 1))

/** Variables that hold secrets, by the part of them that is one; settings.test.ts compares them with the table, which loads too much for every start. */
export const secretVariables: Readonly<Record<string, (text: string) => string | readonly string[]>> = {
  AIRSIDE_ADD_LOCAL_USER: (users) => users.split('\n').flatMap((user) => passwordOfUser(user.trim())),
  AIRSIDE_DUMMY_CREDS_VAR: valuesOfPairs,
  CONCOURSE_DUMMY_CREDS_VAR: valuesOfPairs,
  AIRSIDE_TRACING_OTLP_HEADER: valuesOfPairs,
  CONCOURSE_TRACING_OTLP_HEADER: valuesOfCommaPairs,
  OTEL_EXPORTER_OTLP_HEADERS: valuesOfCommaPairs,
  AIRSIDE_VAULT_CLIENT_TOKEN: whole,
  CONCOURSE_VAULT_CLIENT_TOKEN: whole,
  AIRSIDE_VAULT_AUTH_PARAM: valuesOfPairs,
  CONCOURSE_VAULT_AUTH_PARAM: valuesOfPairs,
  AIRSIDE_AWS_SECRETSMANAGER_SECRET_KEY: whole,
  CONCOURSE_AWS_SECRETSMANAGER_SECRET_KEY: whole,
  AIRSIDE_AWS_SECRETSMANAGER_SESSION_TOKEN: whole,
  CONCOURSE_AWS_SECRETSMANAGER_SESSION_TOKEN: whole,
  AIRSIDE_AWS_SSM_SECRET_KEY: whole,
  CONCOURSE_AWS_SSM_SECRET_KEY: whole,
  AIRSIDE_AWS_SSM_SESSION_TOKEN: whole,
  CONCOURSE_AWS_SSM_SESSION_TOKEN: whole,
  AIRSIDE_GITEA_CLIENT_SECRET: whole,
  CONCOURSE_GITEA_CLIENT_SECRET: whole,
  AIRSIDE_GITHUB_CLIENT_SECRET: whole,
  CONCOURSE_GITHUB_CLIENT_SECRET: whole,
  AIRSIDE_GITLAB_CLIENT_SECRET: whole,
  CONCOURSE_GITLAB_CLIENT_SECRET: whole,
  AIRSIDE_MICROSOFT_CLIENT_SECRET: whole,
  CONCOURSE_MICROSOFT_CLIENT_SECRET: whole,
  AIRSIDE_LDAP_BIND_PW: whole,
  CONCOURSE_LDAP_BIND_PW: whole,
  AIRSIDE_OIDC_CLIENT_SECRET: whole,
  CONCOURSE_OIDC_CLIENT_SECRET: whole,
  AIRSIDE_ENCRYPTION_KEY: (key) => key,
  AIRSIDE_POSTGRES: passwordOf,
  CONCOURSE_ADD_LOCAL_USER: (users) => users.split(',').flatMap((user) => passwordOfUser(user.trim())),
  CONCOURSE_ENCRYPTION_KEY: (key) => key,
  CONCOURSE_POSTGRES_PASSWORD: (password) => password,
}

/** The secrets in an environment, which the message of any error may show. */
export const secretsIn = (env: Environment): string[] => Object.entries(secretVariables).flatMap(([name, part]) => part(env[name] ?? '')).filter((secret) => secret !== '')
