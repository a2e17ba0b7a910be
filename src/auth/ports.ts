import type { Identity, Team } from '../model/team.ts'

export interface TokenStore {
  /** Records a login and its token. `hash`: of the token. */
  save(hash: Uint8Array, identity: Identity, now: number, expiresAt: number): Promise<void>
  /** Whose token it is, unless it has expired. */
  find(hash: Uint8Array, now: number): Promise<Identity | undefined>
  /** The token is no longer valid; one that is not known is no error. */
  revoke(hash: Uint8Array): Promise<void>
}

export interface LocalUserStore {
  passwordHash(name: string): Promise<string | undefined>
  /** Adds a user unless there are local users already; tells whether it did. */
  addFirst(name: string, passwordHash: string, now: number): Promise<boolean>
  setPassword(name: string, passwordHash: string, now: number): Promise<void>
}

export interface TeamStore {
  list(): Promise<readonly Team[]>
  /** Makes the team, or gives the one that is there what is given. */
  put(team: Omit<Team, 'id'>, now: number): Promise<void>
}
