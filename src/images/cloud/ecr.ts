import { fail, ok, type Result } from '../../model/result.ts'
import { registryError } from '../registry/classify.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { assumeRole, ownKeys, type AwsSession } from './aws-identity.ts'
import { callAws } from './aws-request.ts'
import { jsonOf, textOf } from './cloud-http.ts'
import { ecrHost, type EcrRegistry } from './cloud-registry.ts'
import type { CloudLogin } from './cloud-login.ts'

/** Asks ECR for a password, as the source's keys or as this machine, having taken on the roles that it names. */
export async function ecrLogin(registry: EcrRegistry, session: AwsSession): Promise<Result<CloudLogin, RegistryError>> {
  let keys = registry.keys === undefined ? await ownKeys(session) : ok(registry.keys)
  for (const role of registry.roles) {
    if (!keys.ok) break
    keys = await assumeRole(session, keys.value, role)
  }
  if (!keys.ok) return keys
  const answer = await callAws(session.http, session.env, {
    ...session,
    service: 'ecr',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    },
    body: '{}',
    keys: keys.value,
  })
  return answer.ok ? readToken(registry, session, answer.value) : answer
}

function readToken(registry: EcrRegistry, { context }: AwsSession, text: string): Result<CloudLogin, RegistryError> {
  const bad = (detail: string) => fail(registryError(context, 'bad-response', `ECR in ${registry.region}: ${detail}`))
  const list = jsonOf(text)?.['authorizationData']
  const data = Array.isArray(list) ? (list[0] as Record<string, unknown> | undefined) : undefined
  const decoded = Buffer.from(textOf(data?.['authorizationToken']), 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (data === undefined || colon < 1) return bad('its answer holds no token')
  const endpoint = textOf(data['proxyEndpoint'])
  if (registry.accountId === undefined && !URL.canParse(endpoint)) return bad('its answer names no registry')
  const expires = data['expiresAt']
  return ok({
    registry: registry.accountId === undefined ? new URL(endpoint).host : ecrHost(registry.accountId, registry.region),
    credentials: { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).trim() },
    expires: typeof expires === 'number' ? expires * 1000 : undefined,
  })
}
