import { changesSomething } from '../auth/browser/csrf.ts'
import type { LoginAudit } from '../auth/ports.ts'
import type { Principal } from '../auth/roles.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { AuditEntry, AuditGroup, AuditLog } from '../model/audit.ts'
import type { Route } from './request.ts'

/** By the last thing that the path names; a list belongs to what it lists. */
const places: readonly (readonly [RegExp, AuditGroup])[] = [
  [/\/workers/, 'worker'], [/\/volumes/, 'volume'], [/\/containers/, 'container'], [/\/builds/, 'build'], [/\/(resources|resource-types|prototypes)/, 'resource'], [/\/jobs/, 'job'], [/\/pipelines/, 'pipeline'], [/\/teams/, 'team'],
]
export const auditGroupOf = ({ path }: Pick<Route, 'path'>): AuditGroup => places.find(([place]) => place.test(path))?.[1] ?? 'system'

/** A webhook changes nothing but the time of a check, and comes as often as somebody pushes. */
const unaudited = new Set(['CheckResourceWebHook'])
/** Reads by their method, with which somebody runs commands in a container. */
const entering = new Set(['HijackContainer'])

/** Whether a request is recorded: what changes something, enters a container or is refused to a person, always; other reads of the groups that are asked for. */
export function isAudited(route: Pick<Route, 'name' | 'method' | 'path'>, status: number, reads: ReadonlySet<AuditGroup>): boolean {
  if (unaudited.has(route.name)) return false
  return changesSomething(route.method) || entering.has(route.name) || status === 401 || status === 403 || reads.has(auditGroupOf(route))
}

/** Entries a minute that people without a valid token cause: they must not be able to fill the table. */
const mostOfStrangers = 100
const minuteMs = 60_000

export interface AuditorOptions {
  readonly store: AuditLog
  /** Groups of routes whose reads are recorded too. */
  readonly reads: ReadonlySet<AuditGroup>
  readonly clock: Clock
  readonly log: Log
}

/** Records who did what, in the database and the log. A request does not fail because it cannot be recorded: the log says so then. */
export class Auditor {
  readonly reads: ReadonlySet<AuditGroup>
  readonly #options: AuditorOptions
  #minute = 0
  #ofStrangers = 0

  constructor(options: AuditorOptions) {
    this.#options = options
    this.reads = options.reads
  }

  async record(entry: Omit<AuditEntry, 'at'>): Promise<void> {
    const { store, clock, log } = this.#options
    log.info({ component: 'audit', ...entry }, 'audit')
    if (entry.user?.id === undefined && entry.status >= 400 && !this.#strangersMay()) return
    try {
      await store.add({ at: clock.now(), ...entry })
    } catch (error) {
      log.error({ err: error, component: 'audit', action: entry.action }, 'an entry of the audit could not be stored')
    }
  }

  #strangersMay(): boolean {
    const minute = Math.floor(this.#options.clock.now() / minuteMs)
    if (minute !== this.#minute) [this.#minute, this.#ofStrangers] = [minute, 0]
    this.#ofStrangers++
    if (this.#ofStrangers === mostOfStrangers + 1) this.#options.log.warn({ component: 'audit' }, `more than ${mostOfStrangers} requests without a valid token were refused within a minute; the rest of them stands in the log only`)
    return this.#ofStrangers <= mostOfStrangers
  }
}

/** Who asks, as an entry names them. */
export const actorOf = (principal: Principal): Pick<AuditEntry, 'user' | 'token'> =>
  principal.kind !== 'user'
    ? {}
    : { user: { id: principal.token.ownerId, name: `${principal.identity.connector}:${principal.identity.name}` }, token: { kind: principal.token.kind, id: principal.token.id } }

/** Records logins and refused ones, beside what is done with them anyway. */
export const auditedLogins = (audit: LoginAudit, auditor: Auditor): LoginAudit => ({
  loggedIn(login) {
    audit.loggedIn(login)
    void auditor.record({ action: 'LogIn', user: { name: `${login.connector}:${login.name}` }, subject: '/sky/login', status: 200, address: login.address, detail: { subject: login.subject } })
  },
  refused(login) {
    audit.refused(login)
    void auditor.record({ action: 'LogIn', user: { name: `${login.connector}:${login.name}` }, subject: '/sky/login', status: 401, address: login.address, detail: { reason: login.reason.slice(0, 1_000) } })
  },
})
