import { SourceText } from '../../../config/source-text.ts'
import { toJson, tooBig } from '../../../config/yaml/node.ts'
import { parseYaml } from '../../../config/yaml/parse-yaml.ts'
import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from '../../../lib/bounded.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { roles, type Role, type TeamAuth } from '../../../model/team.ts'
import { readShort } from '../sources.ts'

const names = boundedArray(boundedString(1024), 10_000)
const role = z.enum(roles, `must be one of ${roles.join(', ')}`)

/** The keys of people and of groups that a connector has in Concourse's file of a team. */
const connectorKeys: Readonly<Record<string, { readonly groups: readonly string[] }>> = {
  local: { groups: [] }, oidc: { groups: ['groups'] }, github: { groups: ['orgs', 'teams'] }, gitlab: { groups: ['groups'] }, microsoft: { groups: ['groups'] }, gitea: { groups: ['orgs', 'teams'] }, ldap: { groups: ['groups'] },
}

const teamFile = z.object({ roles: boundedArray(boundedRecord(boundedString(100), z.unknown(), 20), 10) })
const people = boundedRecord(boundedString(100), names.nullable(), 10)

/** The file that `fly set-team --config` takes too: roles, and for each of them connectors with users and groups. */
export function readTeamFile(file: string): Result<TeamAuth, string> {
  const read = readFile(file, teamFile)
  if (!read.ok) return read
  const auth: { [R in Role]?: { users: string[]; groups: string[] } } = {}
  for (const [at, { name: given, ...connectors }] of read.value.roles.entries()) {
    const named = role.safeParse(given)
    if (!named.success) return fail(`roles.${at}.name ${sentence(named.error).replace(/^it /, '')}`)
    const name = named.data
    const [users, groups]: [string[], string[]] = [[], []]
    for (const [connector, given] of Object.entries(connectors)) {
      const keys = connectorKeys[connector]
      if (keys === undefined) return fail(`role ${name}: there is no connector ${connector}; write ${Object.keys(connectorKeys).join(', ')}`)
      const parsed = people.safeParse(given)
      if (!parsed.success) return fail(`role ${name}, ${connector}: ${sentence(parsed.error)}`)
      for (const [key, entries] of Object.entries(parsed.data)) {
        if (key !== 'users' && !keys.groups.includes(key)) return fail(`role ${name}, ${connector}: there is no key ${key}; write ${['users', ...keys.groups].join(', ')}`)
        const strings = (entries ?? []).filter((entry) => entry !== '').map((entry) => `${connector}:${entry.toLowerCase()}`)
        if (key === 'users') users.push(...strings)
        else groups.push(...strings)
      }
    }
    if (users.length + groups.length > 0) auth[name] = { users, groups }
  }
  return Object.keys(auth).length === 0 ? fail('it names no users and no groups') : ok(auth)
}

/** Concourse's file of --config-rbac: for each role the routes that it is enough for. */
export function readRolesFile(file: string): Result<ReadonlyMap<string, Role>, string> {
  const read = readFile(file, boundedRecord(role, boundedArray(boundedString(100), 1_000), roles.length))
  return read.ok ? ok(new Map(Object.entries(read.value).flatMap(([name, routes]) => routes.map((route) => [route, name as Role] as const)))) : read
}

function readFile<Schema extends z.ZodType>(file: string, schema: Schema): Result<z.output<Schema>, string> {
  const bytes = readShort(file)
  if (!bytes.ok) return bytes
  const text = new SourceText(file)
  const { root } = parseYaml(Buffer.from(bytes.value), text, 'pipeline')
  const [finding] = text.findings.filter(({ severity }) => severity === 'error')
  if (finding !== undefined) return fail(`line ${finding.line}: ${finding.message}`)
  if (root === undefined || tooBig(root)) return fail(root === undefined ? 'it is empty' : 'it is too large')
  const parsed = schema.safeParse(toJson(root))
  return parsed.success ? ok(parsed.data) : fail(sentence(parsed.error))
}

function sentence({ issues: [issue] }: z.ZodError): string {
  const place = issue?.path.join('.') ?? ''
  return `${place === '' ? 'it' : place} ${issue?.message ?? 'is not right'}`
}
