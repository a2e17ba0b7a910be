import { readFile } from 'node:fs/promises'
import { fail, ok, type Result } from '../../model/result.ts'
import { registryError, type ErrorContext } from '../registry/classify.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { callAws, xmlText } from './aws-request.ts'
import { jsonOf, textOf, type CloudHttp } from './cloud-http.ts'
import type { AwsKeys } from '../../lib/aws.ts'

export interface AwsSession {
  readonly http: CloudHttp
  readonly env: NodeJS.ProcessEnv
  readonly region: string
  readonly context: ErrorContext
  readonly signal?: AbortSignal | undefined
}

type Keys = Result<AwsKeys, RegistryError>

/** This machine's own identity, looked for where AWS's clients do: environment, web identity, container, instance. */
export async function ownKeys(session: AwsSession): Promise<Keys> {
  const { env } = session
  const [accessKeyId, secretAccessKey, sessionToken] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map((name) => env[name] ?? '')
  if (accessKeyId && secretAccessKey) return ok({ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) })
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE'] && env['AWS_ROLE_ARN']) return webIdentity(session, env['AWS_WEB_IDENTITY_TOKEN_FILE'], env['AWS_ROLE_ARN'])
  const container = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? (env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] ? `http://169.254.170.2${env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']}` : '')
  if (container !== '' && URL.canParse(container)) return containerKeys(session, new URL(container))
  return env['AWS_EC2_METADATA_DISABLED'] === 'true' ? none(session, 'this machine has no AWS identity') : instanceKeys(session)
}

/** Takes a role on; the keys of one that has are the next one's. */
export async function assumeRole(session: AwsSession, keys: AwsKeys, role: string): Promise<Keys> {
  return sts(session, { Action: 'AssumeRole', RoleArn: role, RoleSessionName: sessionName }, keys)
}

async function webIdentity(session: AwsSession, file: string, role: string): Promise<Keys> {
  const token = await readFile(file, 'utf8').catch(() => '')
  if (token.trim() === '') return none(session, 'the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read')
  const context = { ...session.context, secrets: [...(session.context.secrets ?? []), token.trim()] }
  return sts({ ...session, context }, { Action: 'AssumeRoleWithWebIdentity', RoleArn: role, RoleSessionName: session.env['AWS_ROLE_SESSION_NAME'] ?? sessionName, WebIdentityToken: token.trim() })
}

async function sts(session: AwsSession, parameters: Record<string, string>, keys?: AwsKeys): Promise<Keys> {
  const answer = await callAws(session.http, session.env, {
    ...session,
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ ...parameters, Version: '2011-06-15' }).toString(),
    ...(keys === undefined ? {} : { keys }),
  })
  if (!answer.ok) return answer
  const of = (name: string): string => xmlText(answer.value, name)
  return keysOf(session, 'STS', { id: of('AccessKeyId'), secret: of('SecretAccessKey'), token: of('SessionToken') })
}

async function containerKeys(session: AwsSession, url: URL): Promise<Keys> {
  const { env } = session
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file ? (await readFile(file, 'utf8').catch(() => '')).trim() : (env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '')
  const answer = await ask(session, url, 'GET', token === '' ? {} : { authorization: token })
  return answer.ok ? jsonKeys(session, answer.value) : answer
}

/** Version 2 of the instance's metadata service: a token first. */
async function instanceKeys(session: AwsSession): Promise<Keys> {
  const named = session.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? ''
  const base = new URL(named !== '' && URL.canParse(named) ? named : 'http://169.254.169.254/')
  const token = await ask(session, new URL('/latest/api/token', base), 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '300' })
  if (!token.ok) return none(session, 'this machine has no AWS identity: neither keys in its environment nor an instance role')
  const headers = { 'x-aws-ec2-metadata-token': token.value.trim() }
  const roles = '/latest/meta-data/iam/security-credentials/'
  const role = await ask(session, new URL(roles, base), 'GET', headers)
  if (!role.ok) return none(session, 'this machine has no instance role')
  const keys = await ask(session, new URL(`${roles}${encodeURIComponent(role.value.trim().split('\n')[0] ?? '')}`, base), 'GET', headers)
  return keys.ok ? jsonKeys(session, keys.value) : keys
}

async function ask({ http, context, signal }: AwsSession, url: URL, method: 'GET' | 'PUT', headers: Record<string, string>): Promise<Result<string, RegistryError>> {
  const service = 'the AWS metadata service'
  const answer = await http.near({ context: { ...context, secrets: [...(context.secrets ?? []), ...Object.values(headers)] }, service, url, method, headers, signal })
  if (!answer.ok) return answer
  return answer.value.status === 200 ? ok(answer.value.text) : fail(registryError(context, 'unauthorized', `${service} refused`, { status: answer.value.status }))
}

function jsonKeys(session: AwsSession, text: string): Keys {
  const json = jsonOf(text)
  return keysOf(session, 'the AWS metadata service', { id: textOf(json?.['AccessKeyId']), secret: textOf(json?.['SecretAccessKey']), token: textOf(json?.['Token']) })
}

function keysOf(session: AwsSession, service: string, { id, secret, token }: { readonly id: string; readonly secret: string; readonly token: string }): Keys {
  if (id === '' || secret === '') return fail(registryError(session.context, 'bad-response', `${service} gave no keys`))
  return ok({ accessKeyId: id, secretAccessKey: secret, ...(token === '' ? {} : { sessionToken: token }) })
}

const none = ({ context }: AwsSession, detail: string): Keys => fail(registryError(context, 'unauthorized', detail))

const sessionName = 'airside'
