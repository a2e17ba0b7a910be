import { fakeServer, type FakeServer } from './http-server.ts'

/** What a test's Vault does; mutable. */
export interface FakeVault extends FakeServer {
  /** By mount and path: `concourse/main/x`. */
  readonly secrets: Map<string, Record<string, unknown>>
  readonly tokens: Set<string>
  /** Seconds. */
  lease: number
  renewable: boolean
  /** Answered instead of whatever is asked. */
  failure: { status: number; errors: readonly string[] } | undefined
}

/** Vault as its API's documentation describes it: KV (version 1 at `concourse`, version 2 at `second`), AppRole, tokens. */
export async function fakeVault(): Promise<FakeVault> {
  const secrets = new Map<string, Record<string, unknown>>()
  const tokens = new Set(['root'])
  let logins = 0
  const state: { lease: number; renewable: boolean; failure: FakeVault['failure'] } = { lease: 3600, renewable: true, failure: undefined }
  const auth = (token: string) => ({ body: { auth: { client_token: token, lease_duration: state.lease, renewable: state.renewable } } })
  const server = await fakeServer(({ method, path, headers, body }) => {
    const wanted = decodeURIComponent(path.replace(/^\/v1\//, ''))
    if (state.failure !== undefined) return { status: state.failure.status, body: { errors: state.failure.errors } }
    if (method === 'POST' && wanted === 'auth/approle/login') {
      const { role_id: role } = JSON.parse(body) as { role_id?: string }
      if (role !== 'role') return { status: 400, body: { errors: [`invalid role or secret ID ${role ?? ''}`] } }
      const token = `token-${++logins}`
      tokens.add(token)
      return auth(token)
    }
    const token = headers['x-vault-token']?.toString() ?? ''
    if (!tokens.has(token)) return { status: 403, body: { errors: ['2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'] } }
    if (wanted === 'auth/token/renew-self') return auth(token)
    if (wanted === 'auth/token/lookup-self') return { body: { data: { ttl: state.lease, renewable: state.renewable } } }
    const mount = wanted.replace(/^sys\/internal\/ui\/mounts\//, '').split('/')[0] ?? ''
    if (wanted.startsWith('sys/internal/ui/mounts/')) return { body: { data: { path: `${mount}/`, type: 'kv', options: mount === 'second' ? { version: '2' } : null } } }
    const v2 = mount === 'second'
    const found = secrets.get(v2 ? wanted.replace('second/data/', 'second/') : wanted)
    if (found === undefined) return { status: 404, body: { errors: [] } }
    return { body: v2 ? { data: { data: found, metadata: { version: 1 } } } : { lease_duration: state.lease, data: found } }
  })
  return Object.assign(state as Pick<FakeVault, 'lease' | 'renewable' | 'failure'>, { secrets, tokens, url: server.url, requests: server.requests, close: () => server.close() })
}
