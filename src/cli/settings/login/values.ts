import { isIP } from 'node:net'
import { fail, ok, type Result } from '../../../model/result.ts'
import type { ConcourseVariables } from '../setting.ts'

/** A list that Concourse separates by commas, and this program by lines. */
export const commaSeparated = (name: string): ConcourseVariables => ({ names: [name], read: (variable) => variable(name)?.replaceAll(',', '\n') })

export interface LocalUser {
  readonly name: string
  /** A bcrypt hash, or the password itself. */
  readonly password: string
}

/** As Concourse demands, and no more than about ten seconds of work. */
const [leastCost, mostCost] = [10, 16]

export function parseLocalUser(text: string): Result<LocalUser, string> {
  const [, name, password] = /^([^:]+):(.+)$/.exec(text) ?? []
  if (name === undefined || password === undefined) return fail('write it as NAME:PASSWORD or NAME:BCRYPT-HASH')
  if (!/^\$2[aby]\$/.test(password)) return ok({ name, password })
  const cost = Number(/^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(password)?.[1] ?? NaN)
  if (Number.isNaN(cost)) return fail('the bcrypt hash is not complete; `htpasswd -nbBC 10 NAME PASSWORD` makes one')
  return cost >= leastCost && cost <= mostCost ? ok({ name, password }) : fail(`the bcrypt hash has cost ${cost}; it must be between ${leastCost} and ${mostCost}`)
}

export const passwordOfUser = (text: string): string[] => [/^[^:]+:(.+)$/.exec(text)?.[1] ?? text]

/** An address, or a network as `10.0.0.0/8`. */
export function parseNetwork(text: string): Result<string, string> {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const fine = version !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  return fine ? ok(text) : fail('write an address, or a network such as 10.0.0.0/8')
}
