import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '../model/result.ts'
import type { Identity } from '../model/team.ts'
import type { LoginLimits } from './login-limits.ts'
import { verifyPassword } from './passwords.ts'
import type { LocalUserStore, LoginAudit } from './ports.ts'

export interface PasswordLoginPorts {
  readonly localUsers: LocalUserStore
  readonly limits: LoginLimits
  readonly audit: LoginAudit
}

export interface PasswordLogin {
  readonly name: string
  readonly password: string
  /** The client's. */
  readonly address: string
}

export interface PasswordRefusal {
  readonly kind: 'too-long' | 'too-many' | 'wrong'
  readonly message: string
}

/** Longer than any of ours; a hash of more would cost for nothing. */
const longest = 1024

/** Who it is that logs in with a password. */
export async function passwordLogin({ localUsers, limits, audit }: PasswordLoginPorts, { name, password, address }: PasswordLogin): Promise<Result<Identity, PasswordRefusal>> {
  const refused = (kind: PasswordRefusal['kind'], message: string): Result<never, PasswordRefusal> => {
    audit.refused({ connector: 'local', name: name.slice(0, longest), address, reason: kind })
    return fail({ kind, message })
  }
  if (name.length > longest || password.length > longest) return refused('too-long', `username and password have at most ${longest} characters`)
  if (!limits.allows(name, address)) return refused('too-many', 'too many failed logins; try again in a few minutes')
  if (!(await verifyPassword(password, await localUsers.passwordHash(name)))) {
    limits.failed(name, address, createHash('sha256').update(password).digest('base64'))
    return refused('wrong', 'Invalid username or password')
  }
  return ok({ connector: 'local', subject: name, name, groups: [] })
}
