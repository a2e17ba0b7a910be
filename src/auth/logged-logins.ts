import type { Log } from '../lib/log.ts'
import type { Observe } from '../model/happening.ts'
import type { LoginAudit } from './ports.ts'

/** Logins and refusals as lines of the log. */
export const loggedLogins = (log: Log): LoginAudit => ({
  loggedIn: (login) => log.info({ component: 'login', ...login }, 'logged in'),
  refused: (login) => log.warn({ component: 'login', ...login }, 'login refused'),
})

/** Reasons of refusals that are counted apart; a provider's may be any text. */
const counted = new Set(['too-long', 'too-many', 'wrong', 'unavailable'])

/** The same, counted by outcome. */
export const countedLogins = (audit: LoginAudit, observe: Observe): LoginAudit => ({
  loggedIn(login) {
    observe({ kind: 'login', outcome: 'success' })
    audit.loggedIn(login)
  },
  refused(login) {
    observe({ kind: 'login', outcome: counted.has(login.reason) ? login.reason : 'refused' })
    audit.refused(login)
  },
})
