import { isIP } from 'node:net'
import { AndFilter, Client, EqualityFilter, FilterParser, InvalidCredentialsError, type Entry, type Filter, type SearchOptions } from 'ldapts'
import { fail, type Result } from '../../model/result.ts'
import type { Identity } from '../../model/team.ts'
import type { PasswordConnector, PasswordProblem } from '../ports.ts'
import { identityOf } from './identity-of.ts'

export interface LdapOptions {
  /** Host and port. */
  readonly host: string
  readonly tls: 'ldaps' | 'start-tls' | 'none'
  /** PEM, beside those that the system trusts. */
  readonly authorities: readonly string[]
  readonly bindDn: string
  readonly bindPassword: string
  /** How the login page calls the name. */
  readonly prompt: string
  readonly users: {
    readonly baseDn: string
    readonly filter?: string
    readonly scope: 'sub' | 'one'
    /** Attribute that is what people type. */
    readonly username: string
    readonly idAttribute: string
    readonly nameAttribute: string
    readonly emailAttribute: string
  }
  /** Absent: groups do not count. */
  readonly groups?: {
    readonly baseDn: string
    readonly filter?: string
    readonly scope: 'sub' | 'one'
    /** Of the person; DN is the entry's name. */
    readonly userAttribute: string
    /** Of the group, which equals it. */
    readonly groupAttribute: string
    readonly nameAttribute: string
  }
}

const timeoutMs = 10_000
const mostGroups = 10_000
/** A person's values that groups are looked for by. */
const mostValues = 20

/** A directory: the person is looked for by a name, and the password is right when the directory lets the person in with it. */
export class LdapConnector implements PasswordConnector {
  readonly id = 'ldap'
  readonly prompt: string
  readonly #options: LdapOptions

  constructor(options: LdapOptions) {
    this.prompt = options.prompt
    this.#options = options
  }

  /** Only the directory knows. */
  knows(): Promise<boolean> {
    return Promise.resolve(false)
  }

  async check(name: string, password: string): Promise<Result<Identity, PasswordProblem>> {
    try {
      return await this.#withClient(async (client) => {
        const person = await this.#person(client, name)
        if (person === undefined || !(await this.#mayBind(person.dn, password))) return fail({ kind: 'wrong' })
        const { idAttribute, nameAttribute, emailAttribute } = this.#options.users
        const identity = identityOf(
          { sub: first(person, idAttribute), preferred_username: first(person, nameAttribute) ?? name, email: first(person, emailAttribute), groups: await this.#groups(client, person) },
          { connector: this.id, userName: 'name', groups: 'groups' },
        )
        return identity.ok ? identity : fail({ kind: 'unavailable', message: `${person.dn} has no attribute ${idAttribute}` })
      })
    } catch (error) {
      return fail({ kind: 'unavailable', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    }
  }

  async #person(client: Client, name: string): Promise<Entry | undefined> {
    const { baseDn, filter, scope, username, idAttribute, nameAttribute, emailAttribute } = this.#options.users
    const groupsBy = this.#options.groups?.userAttribute
    const found = await search(client, baseDn, {
      scope,
      filter: both(filter, username, name),
      sizeLimit: 2,
      attributes: [idAttribute, nameAttribute, emailAttribute, ...(groupsBy === undefined || isDn(groupsBy) ? [] : [groupsBy])],
    })
    // With two of that name nobody can tell whose password is given.
    if (found.length > 1) throw new Error(`several entries of ${baseDn} have the ${username} that was typed; make user-search-filter narrower`)
    return found[0]
  }

  /** As the person, on a connection of its own: the first one goes on as the server. */
  #mayBind(dn: string, password: string): Promise<boolean> {
    return this.#connected(async (client) => {
      try {
        await client.bind(dn, password)
        return true
      } catch (error) {
        if (error instanceof InvalidCredentialsError) return false
        throw error
      }
    })
  }

  async #groups(client: Client, person: Entry): Promise<string[]> {
    const { groups } = this.#options
    if (groups === undefined) return []
    const values = isDn(groups.userAttribute) ? [person.dn] : valuesOf(person, groups.userAttribute).slice(0, mostValues)
    const names: string[] = []
    for (const value of values) {
      const found = await search(client, groups.baseDn, { scope: groups.scope, filter: both(groups.filter, groups.groupAttribute, value), sizeLimit: mostGroups, attributes: [groups.nameAttribute] })
      for (const group of found) names.push(...valuesOf(group, groups.nameAttribute).slice(0, 1))
    }
    return names
  }

  #withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return this.#connected(async (client) => {
      await client.bind(this.#options.bindDn, this.#options.bindPassword)
      return work(client)
    })
  }

  async #connected<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { host, tls, authorities } = this.#options
    const name = host.replace(/:\d+$/, '')
    const tlsOptions = { ...(isIP(name) === 0 && { servername: name }), ...(authorities.length > 0 && { ca: [...authorities] }) }
    const client = new Client({ url: `${tls === 'ldaps' ? 'ldaps' : 'ldap'}://${host}`, timeout: timeoutMs, connectTimeout: timeoutMs, ...(tls === 'ldaps' && { tlsOptions }) })
    try {
      if (tls === 'start-tls') await client.startTLS(tlsOptions)
      return await work(client)
    } finally {
      await client.unbind().catch(() => undefined)
    }
  }
}

async function search(client: Client, baseDn: string, options: SearchOptions): Promise<Entry[]> {
  const { searchEntries } = await client.search(baseDn, options)
  return searchEntries
}

const isDn = (attribute: string): boolean => attribute.toUpperCase() === 'DN'

/** What is typed is a value, whatever characters it has. */
function both(filter: string | undefined, attribute: string, value: string): Filter {
  const equal = new EqualityFilter({ attribute, value })
  return filter === undefined ? equal : new AndFilter({ filters: [FilterParser.parseString(filter), equal] })
}

function valuesOf(entry: Entry, attribute: string): string[] {
  // Servers may spell an attribute in another case than it was asked for.
  const [, value] = Object.entries(entry).find(([name]) => name.toLowerCase() === attribute.toLowerCase()) ?? []
  return (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'string' ? [one] : Buffer.isBuffer(one) ? [one.toString('utf8')] : []))
}

const first = (entry: Entry, attribute: string): string | undefined => valuesOf(entry, attribute)[0]
