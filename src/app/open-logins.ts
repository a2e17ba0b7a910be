import type { ApiOptions } from '../api/api.ts'
import { CachedTeams, CachedTokens } from '../auth/cached-stores.ts'
import { firstStart } from '../auth/first-start.ts'
import { loggedLogins } from '../auth/logged-logins.ts'
import { LoginLimits } from '../auth/login-limits.ts'
import { LocalUsers } from '../db/local-users.ts'
import { Teams, teamsChannel } from '../db/teams.ts'
import { Tokens, tokensChannel } from '../db/tokens.ts'
import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import type { App } from './open-app.ts'

const loginMs = 24 * 3_600_000

type LoginOptions = Pick<ApiOptions, 'teams' | 'tokens' | 'localUsers' | 'limits' | 'audit' | 'loginMs' | 'cookies'>

export interface OpenedLogins {
  readonly options: LoginOptions
  /** Hears of changes by other servers. */
  readonly service: Service
}

/** Who may log in, and what they may do. */
export async function openLogins({ stores, services: { clock } }: App, options: { readonly data: string; readonly externalUrl: string; readonly log: Log }): Promise<OpenedLogins> {
  const teams = new CachedTeams(new Teams(stores.db), clock)
  const tokens = new CachedTokens(new Tokens(stores.db), clock)
  const localUsers = new LocalUsers(stores.db)
  const { passwordFile } = await firstStart(options.data, localUsers, teams, clock.now())
  if (passwordFile !== undefined) options.log.info({ file: passwordFile }, `log in as admin, with the password in ${passwordFile}`)
  const ends: (() => Promise<void>)[] = []
  return {
    options: {
      teams,
      tokens,
      localUsers,
      limits: new LoginLimits(clock),
      audit: loggedLogins(options.log),
      loginMs,
      cookies: { secret: stores.secret, secure: options.externalUrl.startsWith('https:') },
    },
    service: {
      name: 'logins',
      async start() {
        ends.push(await stores.db.listen(teamsChannel, () => teams.drop()), await stores.db.listen(tokensChannel, () => tokens.drop()))
      },
      async stop() {
        for (const end of ends.splice(0)) await end()
      },
    },
  }
}
