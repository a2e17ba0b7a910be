import { createHash } from 'node:crypto'
import type { Log } from '../lib/log.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Identity } from '../model/team.ts'
import type { LoginLimits } from './login-limits.ts'
import type { LoginAudit, PasswordConnector } from './ports.ts'

export interface PasswordLoginPorts {
  /** The one that knows the name is asked, else the last. */
  readonly passwords: readonly [PasswordConnector, ...PasswordConnector[]]
  readonly limits: LoginLimits
  readonly audit: LoginAudit
  readonly log: Log
}

export interface PasswordLogin {
  readonly name: string
  readonly password: string
  /** The client's. */
  readonly address: string
}

export interface PasswordRefusal {
  readonly kind: 'too-long' | 'too-many' | 'wrong' | 'unavailable'
  readonly message: string
}

/** Longer than any of ours; a hash of more would cost for nothing. */
const longest = 1024

/** Who it is that logs in with a password. */
export async function passwordLogin({ passwords, limits, audit, log }: PasswordLoginPorts, { name, password, address }: PasswordLogin): Promise<Result<Identity, PasswordRefusal>> {
  const refused = (kind: PasswordRefusal['kind'], message: string, connector = passwords[0].id): Result<never, PasswordRefusal> => {
    audit.refused({ connector, name: name.slice(0, longest), address, reason: kind })
    return fail({ kind, message })
  }
  if (name.length > longest || password.length > longest) return refused('too-long', `username and password have at most ${longest} characters`)
  // LDAP takes an empty password for an anonymous bind, which succeeds.
  if (name === '' || password === '') return refused('wrong', wrong)
  const attempt = await limits.begin(name, address)
  if (attempt === undefined) return refused('too-many', 'too many failed logins; try again in a few minutes')
  try {
    const connector = await connectorOf(passwords, name)
    const checked = await connector.check(name, password)
    if (checked.ok) return ok(checked.value)
    if (checked.error.kind === 'unavailable') {
      log.error({ component: 'login', connector: connector.id, reason: checked.error.message }, 'a password could not be checked')
      return refused('unavailable', 'passwords cannot be checked at the moment; try again later', connector.id)
    }
    limits.failed(name, address, createHash('sha256').update(password).digest('base64'))
    return refused('wrong', wrong, connector.id)
  } finally {
    attempt.end()
  }
}

const wrong = 'Invalid username or password'

async function connectorOf(passwords: PasswordLoginPorts['passwords'], name: string): Promise<PasswordConnector> {
  for (const connector of passwords) if (await connector.knows(name)) return connector
  return passwords.at(-1) ?? passwords[0]
}
