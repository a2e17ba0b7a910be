import { fail, ok, type Result } from '../../model/result.ts'
import { parseChallenges } from '../registry/challenge.ts'
import { registryError, type ErrorContext } from '../registry/classify.ts'
import type { RegistryError } from '../registry/registry-error.ts'
import { jsonOf, textOf, type CloudHttp } from './cloud-http.ts'
import type { AcrRegistry, AzureEnvironment } from './cloud-registry.ts'
import type { CloudLogin } from './cloud-login.ts'

export interface AzureSession {
  readonly http: CloudHttp
  readonly env: NodeJS.ProcessEnv
  readonly context: ErrorContext
  readonly signal?: AbortSignal | undefined
}

/** The user name that ACR expects with a refresh token. */
const tokenUser = '00000000-0000-0000-0000-000000000000'

const management: Readonly<Record<AzureEnvironment, string>> = {
  AzurePublic: 'https://management.azure.com',
  AzureGovernment: 'https://management.usgovcloudapi.net',
  AzureChina: 'https://management.chinacloudapi.cn',
}

/** Exchanges the managed identity of this machine for a token of one registry. Only over TLS that is verified: the identity opens more than the registry. */
export async function acrLogin(registry: AcrRegistry, session: AzureSession): Promise<Result<CloudLogin, RegistryError>> {
  const { target } = session.context
  const host = target.registry
  const token = await identityToken(registry, session, management[registry.environment ?? environmentOf(host)])
  if (!token.ok) return token
  const context = { ...session.context, secrets: [...(session.context.secrets ?? []), token.value] }
  const tenant = registry.tenantId === undefined ? await challengeTenant(host, { ...session, context }) : ok(registry.tenantId)
  if (!tenant.ok) return tenant
  const answer = await session.http.send(
    {
      context,
      service: 'the token exchange of the registry',
      url: new URL(`https://${host}/oauth2/exchange`),
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'access_token', service: host, tenant: tenant.value, access_token: token.value }).toString(),
      signal: session.signal,
    },
    target,
  )
  if (!answer.ok) return answer
  const password = textOf(jsonOf(answer.value.text)?.['refresh_token'])
  if (answer.value.status === 200 && password !== '') return ok({ registry: host, credentials: { username: tokenUser, password }, expires: expiryOf(password) })
  const hint = registry.tenantId === undefined ? '' : " (azure_tenant_id is the registry's tenant, not the machine's)"
  return fail(registryError(context, 'unauthorized', `its token exchange refused the managed identity${hint}`, { status: answer.value.status }))
}

/** From the instance's metadata service, or from the endpoint that App Service names. */
async function identityToken(registry: AcrRegistry, { http, env, context, signal }: AzureSession, resource: string): Promise<Result<string, RegistryError>> {
  const service = 'the Azure metadata service'
  const [endpoint, header] = [env['IDENTITY_ENDPOINT'] ?? '', env['IDENTITY_HEADER'] ?? '']
  const inAppService = endpoint !== '' && header !== '' && URL.canParse(endpoint)
  const authority = env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] ?? ''
  const url = inAppService ? new URL(endpoint) : new URL('/metadata/identity/oauth2/token', authority !== '' && URL.canParse(authority) ? authority : 'http://169.254.169.254/')
  url.searchParams.set('api-version', inAppService ? '2019-08-01' : '2018-02-01')
  url.searchParams.set('resource', resource)
  if (registry.clientId !== undefined) url.searchParams.set('client_id', registry.clientId)
  const answer = await http.near({ context, service, url, method: 'GET', headers: inAppService ? { 'x-identity-header': header } : { metadata: 'true' }, signal })
  if (!answer.ok) return answer
  const json = jsonOf(answer.value.text)
  const token = textOf(json?.['access_token'])
  if (answer.value.status === 200 && token !== '') return ok(token)
  const words = textOf(json?.['error_description']) || textOf(json?.['error']) || 'no token'
  return fail(registryError(context, 'unauthorized', `this machine has no managed identity that serves: ${service} says: ${words}`, { status: answer.value.status }))
}

/** The registry's challenge names its tenant in the realm; without one the tenant is `common`. */
async function challengeTenant(host: string, { http, context, signal }: AzureSession): Promise<Result<string, RegistryError>> {
  const answer = await http.send({ context, service: 'the registry', url: new URL(`https://${host}/v2/`), method: 'GET', headers: {}, signal }, context.target)
  if (!answer.ok) return answer
  const header = answer.value.headers['www-authenticate']
  const realm = parseChallenges(Array.isArray(header) ? header.join(', ') : (header ?? '')).find(({ scheme }) => scheme === 'bearer')?.params['realm'] ?? ''
  return ok((URL.canParse(realm) ? new URL(realm).searchParams.get('tenant') : null) ?? 'common')
}

function environmentOf(host: string): AzureEnvironment {
  if (host.endsWith('.azurecr.us')) return 'AzureGovernment'
  return host.endsWith('.azurecr.cn') ? 'AzureChina' : 'AzurePublic'
}

/** The expiry of a refresh token, which is a JWT; undefined where it has none. */
function expiryOf(token: string): number | undefined {
  const exp = jsonOf(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))?.['exp']
  return typeof exp === 'number' ? exp * 1000 : undefined
}
