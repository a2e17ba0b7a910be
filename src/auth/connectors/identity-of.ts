import { fail, ok, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'

const longestText = 1024
const mostGroups = 10_000

export interface ClaimNames {
  readonly connector: string
  /** Of the name where there is no preferred_username. */
  readonly userName: string
  /** Undefined: groups do not count. */
  readonly groups: string | undefined
}

/** Who it is, by an id token's or a directory's claims. They are another server's: whatever is not a short text is left out. */
export function identityOf(claims: Readonly<Record<string, unknown>>, names: ClaimNames): Result<Identity, string> {
  const subject = textOf(claims['sub'])
  if (subject === undefined) return fail('it names no subject (the claim sub)')
  const name = textOf(claims['preferred_username']) ?? textOf(claims[names.userName]) ?? textOf(claims['name']) ?? subject
  const [fullName, email] = [textOf(claims['name']), textOf(claims['email'])]
  return ok({
    connector: names.connector, subject, name,
    ...(fullName !== undefined && fullName !== name && { fullName }),
    ...(email !== undefined && { email }),
    groups: names.groups === undefined ? [] : groupsOf(claims[names.groups]),
  })
}

function groupsOf(claim: unknown): string[] {
  const given: readonly unknown[] = Array.isArray(claim) ? claim.slice(0, mostGroups) : [claim]
  return [...new Set(given.flatMap((group) => textOf(group) ?? []))]
}

/** Control characters make no names: PostgreSQL refuses some, and pages would show others wrongly. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && value.length <= longestText && !/[\p{Cc}\p{Cs}]/u.test(value) ? value : undefined
}
