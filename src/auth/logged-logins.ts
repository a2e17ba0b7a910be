import type { Log } from '../lib/log.ts'
import type { LoginAudit } from './ports.ts'

/** Logins and refusals as lines of the log. */
export const loggedLogins = (log: Log): LoginAudit => ({
  loggedIn: (login) => log.info({ component: 'login', ...login }, 'logged in'),
  refused: (login) => log.warn({ component: 'login', ...login }, 'login refused'),
})
