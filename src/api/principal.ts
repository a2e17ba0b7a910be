import { principalOf, type Principal } from '../auth/roles.ts'
import type { TeamStore, TokenStore } from '../auth/ports.ts'
import { tokenHash } from '../auth/tokens.ts'
import type { Clock } from '../lib/clock.ts'

/** Whose request it is, by its header Authorization: `Bearer TOKEN`, the scheme in any case. */
export async function principalBy(authorization: string | undefined, { tokens, teams, clock }: { readonly tokens: TokenStore; readonly teams: TeamStore; readonly clock: Clock }): Promise<Principal> {
  if (authorization === undefined) return { kind: 'anonymous' }
  const hash = tokenHash(/^bearer ([^ ]+)$/i.exec(authorization)?.[1] ?? '')
  const held = hash && (await tokens.find(hash, clock.now()))
  return held === undefined ? { kind: 'invalid' } : principalOf(held, await teams.list(), clock.now())
}
