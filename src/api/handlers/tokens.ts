import { hasRole } from '../../auth/roles.ts'
import type { ApiToken } from '../../auth/ports.ts'
import { newToken, tokenHash } from '../../auth/tokens.ts'
import { bodyOf, tokenBody } from '../bodies.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiRequest, Handler } from '../request.ts'
import { apiTokenSchema } from '../schemas.ts'

const dayMs = 24 * 3_600_000
const defaultMs = 90 * dayMs

/** Whose tokens they are. A machine's token makes none: it would outlive itself, and get rid of its ceiling. */
function ownerOf({ principal }: ApiRequest): number | Reply {
  if (principal.kind !== 'user') return empty(401)
  return principal.token.kind === 'api' ? text(403, 'an API token cannot manage tokens; log in with fly or a browser') : principal.token.ownerId
}

export const listTokens: Handler = async ({ tokens, clock }, request) => {
  const owner = ownerOf(request)
  if (typeof owner !== 'number') return owner
  return jsonOf(apiTokenSchema.array(), (await tokens.apiTokens(owner, clock.now())).map((token) => present(token)))
}

export const createToken: Handler = async ({ tokens, clock }, request) => {
  const owner = ownerOf(request)
  if (typeof owner !== 'number') return owner
  const body = bodyOf(request, tokenBody)
  if (!body.ok) return body.error
  const { name, team, role, expires_in: seconds } = body.value
  if (team !== undefined && !hasRole(request.principal, team, 'viewer')) return text(400, `team: you have no role in a team ${JSON.stringify(team.slice(0, 100))}`)
  const value = newToken()
  const now = clock.now()
  const ceiling = { ...(team !== undefined && { team }), ...(role !== undefined && { role }) }
  const made = await tokens.createApiToken(owner, { hash: tokenHash(value), name, prefix: value.slice(0, 7), ceiling, expiresAt: now + (seconds === undefined ? defaultMs : seconds * 1000) }, now)
  request.note({ name, ...ceiling })
  if (made.ok) return jsonOf(apiTokenSchema, present(made.value, value), { status: 201 })
  switch (made.error) {
    case 'no-team':
      return text(400, `team: there is no team ${JSON.stringify(team)}`)
    case 'too-many':
      return text(409, 'a person has at most 100 API tokens; revoke one that is no longer used')
  }
}

export const revokeToken: Handler = async ({ tokens }, request) => {
  const owner = ownerOf(request)
  if (typeof owner !== 'number') return owner
  const id = request.params['token_id'] ?? ''
  return /^\d{1,15}$/.test(id) && (await tokens.revokeApiToken(owner, Number(id))) ? empty(204) : notFound
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

const present = ({ id, name, prefix, ceiling, createdAt, expiresAt, lastUsedAt }: ApiToken, value?: string) => ({
  id, name, prefix, ...ceiling,
  created_at: seconds(createdAt),
  expires_at: seconds(expiresAt),
  ...(lastUsedAt !== undefined && { last_used_at: seconds(lastUsedAt) }),
  ...(value !== undefined && { value }),
})
