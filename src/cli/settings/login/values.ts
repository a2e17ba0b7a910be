import { isIP } from 'node:net'
import { fail, ok, type Result } from '../../../model/result.ts'
import type { ConcourseVariables, ValueType } from '../setting.ts'
import { readShort } from '../sources.ts'
import { list } from '../types.ts'

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

/** Without the slash at its end. */
export function parseOrigin(text: string): Result<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return fail('write it as https://HOST')
  if (url.search !== '' || url.hash !== '' || url.username !== '') return fail('write it without a user, a query and a fragment')
  return ok(text.replace(/\/+$/, ''))
}

export const parseHost = (text: string): Result<string, string> =>
  /^[a-z0-9][a-z0-9.-]*(:\d+)?$/i.test(text) ? ok(text.toLowerCase()) : fail('write it as HOST or HOST:PORT, without a scheme')

/** The text of a file of certificates. */
export function readPem(file: string): Result<string, string> {
  const read = readShort(file)
  if (!read.ok) return read
  return read.value.includes('-----BEGIN CERTIFICATE-----') ? read : fail('it holds no certificate in PEM form')
}

export const webSetting = <Type extends ValueType, Concourse extends string | ConcourseVariables>(type: Type, concourse: Concourse, summary: string, details?: string) =>
  ({ group: 'Login', commands: ['web'], type, concourse, summary, ...(details !== undefined && { details }) }) as const

/** People and groups that own the team main. */
export const ofTeam = (connector: string, kind: 'users' | 'groups', concourse: string) =>
  webSetting(
    list('NAME', (name) => ok(name)),
    commaSeparated(`CONCOURSE_MAIN_TEAM_${concourse}`),
    kind === 'users' ? 'person who owns the team main' : 'group whose members own the team main',
    `\`${connector}:NAME\` in team auth. Owners of this team are admins.`,
  )
