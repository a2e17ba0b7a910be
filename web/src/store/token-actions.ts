import type { ApiToken } from '../api/types.ts'
import type { Action } from './action.ts'
import { fly } from './fly.ts'

export interface WantedToken {
  readonly name: string
  /** Where it is valid; absent: wherever its owner has a role. */
  readonly team?: string
  /** What it may do at most; absent: what its owner may. */
  readonly role?: string
  readonly days: number
}

const dayInSeconds = 24 * 3600

/** A token for a machine; `onMade` is given its text, which nobody can ask for again. */
export function createToken({ name, team, role, days }: WantedToken, onMade: (token: ApiToken) => void): Action {
  const body = { name, ...(team !== undefined && { team }), ...(role !== undefined && { role }), expires_in: days * dayInSeconds }
  return {
    label: 'Create token',
    route: 'CreateToken',
    role: 'anybody',
    method: 'POST',
    path: '/api/v1/tokens',
    body,
    fly: `${fly('curl', '/api/v1/tokens', '--', '-X', 'POST', '-d')} '${JSON.stringify(body).replaceAll("'", `'\\''`)}'`,
    said: async (answer) => {
      onMade((await answer.json()) as ApiToken)
      return { text: `Token ${name} is made.` }
    },
    ...(name === '' && { impossible: 'A token needs a name' }),
  }
}

export const revokeToken = ({ id, name }: ApiToken): Action => ({
  label: 'Revoke',
  route: 'RevokeToken',
  role: 'anybody',
  method: 'DELETE',
  path: `/api/v1/tokens/${id}`,
  fly: fly('curl', `/api/v1/tokens/${id}`, '--', '-X', 'DELETE'),
  confirm: { title: `Revoke token ${name}?`, text: 'Whatever uses it is refused from now on.' },
})
