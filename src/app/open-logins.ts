import type { ApiOptions } from '../api/api.ts'
import { CachedTeams, CachedTokens } from '../auth/cached-stores.ts'
import { LdapConnector } from '../auth/connectors/ldap.ts'
import { openConnectors } from '../auth/connectors/open-connectors.ts'
import { prepareMainTeam } from '../auth/first-start.ts'
import { countedLogins, loggedLogins } from '../auth/logged-logins.ts'
import { LoginLimits } from '../auth/login-limits.ts'
import type { LoginOptions } from '../auth/login-options.ts'
import { Bcrypt } from '../auth/passwords/bcrypt.ts'
import { LocalUsersConnector } from '../auth/passwords/local-users.ts'
import type { PasswordConnector } from '../auth/ports.ts'
import { LocalUsers } from '../db/local-users.ts'
import { Teams, teamsChannel } from '../db/teams.ts'
import { Tokens, tokensChannel } from '../db/tokens.ts'
import type { Service } from '../lib/service.ts'
import type { App } from './open-app.ts'
import type { AppOptions } from './options.ts'

const dayMs = 24 * 3_600_000

type ApiLogins = Pick<ApiOptions, 'teams' | 'tokens' | 'passwords' | 'limits' | 'connectors' | 'tokenConnectors' | 'audit' | 'loginMs' | 'cookies'>

export interface OpenedLogins {
  readonly options: ApiLogins
  /** Teams or tokens have changed: what is kept of them is read again. */
  readonly forget: () => void
  /** Hears of changes by other servers. */
  readonly service: Service
}

/** Who may log in, and what they may do. */
export async function openLogins({ stores, services: { clock, observe } }: App, { data, externalUrl, login, log }: Pick<AppOptions, 'data' | 'externalUrl' | 'login' | 'log'>): Promise<OpenedLogins> {
  const teams = new CachedTeams(new Teams(stores.db), clock)
  const tokens = new CachedTokens(new Tokens(stores.db), clock)
  const localUsers = new LocalUsers(stores.db)
  const { passwordFile } = await prepareMainTeam({ data, users: localUsers, teams, now: clock.now(), ...(login?.mainTeam && { mainTeam: login.mainTeam }) })
  if (passwordFile !== undefined) log.info({ file: passwordFile }, `log in as admin, with the password in ${passwordFile}`)
  const bcrypt = new Bcrypt()
  const ends: (() => Promise<void>)[] = []
  return {
    options: {
      teams,
      tokens,
      passwords: passwordConnectors(await LocalUsersConnector.open(login?.localUsers ?? [], localUsers, bcrypt), login),
      ...openConnectors(login?.providers ?? {}, log),
      limits: new LoginLimits(clock),
      audit: observe === undefined ? loggedLogins(log) : countedLogins(loggedLogins(log), observe),
      loginMs: login?.loginMs ?? dayMs,
      cookies: { secret: stores.secret, secure: login?.secureCookies === true || externalUrl.startsWith('https:') },
    },
    forget() {
      teams.drop()
      tokens.drop()
    },
    service: {
      name: 'logins',
      async start() {
        ends.push(await stores.db.listen(teamsChannel, () => teams.drop()), await stores.db.listen(tokensChannel, () => tokens.drop()))
      },
      async stop() {
        for (const end of ends.splice(0)) await end()
        await bcrypt.close()
      },
    },
  }
}

/** The one that knows a name is asked, else the last. */
function passwordConnectors(local: PasswordConnector, login: LoginOptions | undefined): readonly [PasswordConnector, ...PasswordConnector[]] {
  if (login?.ldap === undefined || login.passwordConnector === 'local') return [local]
  const ldap = new LdapConnector(login.ldap)
  return login.passwordConnector === 'ldap' ? [ldap] : [local, ldap]
}
