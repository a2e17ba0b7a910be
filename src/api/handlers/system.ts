import { bodyOf, wallBody } from '../bodies.ts'
import { seconds } from '../present/builds.ts'
import { empty, jsonOf, text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { activeUserSchema, credentialManagersSchema, errorSchema, jwksSchema, openIdConfigurationSchema, wallSchema } from '../schemas.ts'

const nanoseconds = 1e6

export const getWall: Handler = async ({ wall, clock }) => {
  const found = await wall.get(clock.now())
  if (found === undefined) return jsonOf(wallSchema, {})
  return jsonOf(wallSchema, { message: found.message, ...(found.expiresAt !== undefined && { TTL: (found.expiresAt - clock.now()) * nanoseconds }) })
}

export const setWall: Handler = async ({ wall, clock }, request) => {
  const body = bodyOf(request, wallBody)
  if (!body.ok) return body.error
  const { message = '', TTL: ttl = 0 } = body.value
  if (message === '') return text(400, 'Wall message cannot be empty')
  await wall.set({ message, ...(ttl > 0 && { expiresAt: clock.now() + Math.ceil(ttl / nanoseconds) }) })
  return empty(200)
}

export const clearWall: Handler = async ({ wall }) => {
  await wall.clear()
  return empty(200)
}

/** Two months, as Concourse has it. */
const usualSpanMs = 60 * 24 * 3_600_000

export const listActiveUsers: Handler = async ({ users, clock }, { query }) => {
  const since = query.get('since') ?? ''
  const from = since === '' ? clock.now() - usualSpanMs : dayOf(since)
  if (from === undefined) return jsonOf(errorSchema, { error: 'wrong date format (yyyy-mm-dd)' }, { status: 400 })
  const found = await users.activeSince(from)
  return jsonOf(activeUserSchema.array(), found.map(({ id, name, connector, lastLoginAt }) => ({ id, username: name, connector, last_login: seconds(lastLoginAt) })))
}

function dayOf(since: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(since) ? Date.parse(since) : NaN
  return Number.isNaN(at) ? undefined : at
}

export const getInfoCreds: Handler = ({ credentialManagers }) => Promise.resolve(jsonOf(credentialManagersSchema, { ...credentialManagers }))

export const getOpenIdConfiguration: Handler = ({ externalUrl }) =>
  Promise.resolve(
    jsonOf(openIdConfigurationSchema, {
      issuer: externalUrl,
      jwks_uri: `${externalUrl}/.well-known/jwks.json`,
      claims_supported: ['aud', 'iat', 'iss', 'sub'],
      response_types_supported: ['idtoken'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      subject_types_supported: ['public'],
    }),
  )

export const getSigningKeys: Handler = async ({ publishedKeys }) => jsonOf(jwksSchema, { keys: (await publishedKeys()).map((key) => ({ ...key })) })

const logLevels = ['debug', 'info', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

export const getLogLevel: Handler = ({ logLevel }) => Promise.resolve(text(200, logLevel.get()))

export const setLogLevel: Handler = ({ logLevel }, { body }) => {
  const wanted = Buffer.from(body ?? []).toString('utf8').slice(0, 50).trim()
  const level = logLevels.find((one) => one === wanted)
  if (level === undefined) return Promise.resolve(text(400, `the log level must be one of ${logLevels.join(', ')}, not ${JSON.stringify(wanted)}`))
  logLevel.set(level)
  return Promise.resolve(text(200, `the log level of this server is ${level}`))
}
