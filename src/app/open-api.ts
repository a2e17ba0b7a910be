import { createApi, type Api } from '../api/api.ts'
import type { LogLevelControl } from '../api/ports.ts'
import { firstStart } from '../auth/first-start.ts'
import { loggedLogins } from '../auth/logged-logins.ts'
import { LoginLimits } from '../auth/login-limits.ts'
import { BuildLists } from '../db/build-lists.ts'
import { LocalUsers } from '../db/local-users.ts'
import { PendingBuilds } from '../db/pending-builds.ts'
import { Teams } from '../db/teams.ts'
import { Tokens } from '../db/tokens.ts'
import { UserList } from '../db/user-list.ts'
import { WallStore } from '../db/wall.ts'
import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { PipelineConfigs } from '../pipelines/configs.ts'
import { scheduler } from '../scheduler/service.ts'
import { buildPorts } from './build-ports.ts'
import type { App } from './open-app.ts'

const loginMs = 24 * 3_600_000

/** The API on an app's database, and the scheduler of the builds that it makes. */
export async function openApi(app: App, options: { readonly data: string; readonly externalUrl: string; readonly log: Log }): Promise<{ readonly api: Api; readonly scheduler: Service }> {
  const { stores, services } = app
  const { clock } = services
  const [teams, localUsers, pending] = [new Teams(stores.db), new LocalUsers(stores.db), new PendingBuilds(stores.db)]
  const { passwordFile } = await firstStart(options.data, localUsers, teams, clock.now())
  if (passwordFile !== undefined) options.log.info({ file: passwordFile }, `log in as admin, with the password in ${passwordFile}`)
  const { pipelines, builds, events } = stores
  const configs = new PipelineConfigs(pipelines)
  const api = await createApi({
    teams,
    localUsers,
    tokens: new Tokens(stores.db),
    pipelines,
    configs,
    builds,
    lists: new BuildLists(stores.db),
    jobs: pending,
    events,
    limits: new LoginLimits(clock),
    audit: loggedLogins(options.log),
    loginMs,
    cookies: { secret: stores.secret, secure: options.externalUrl.startsWith('https:') },
    clock,
    externalUrl: options.externalUrl,
    log: options.log,
    wall: new WallStore(stores.db),
    users: new UserList(stores.db),
    taskCaches: stores.taskCaches,
    logLevel: levelOf(options.log),
    credentialManagers: {},
  })
  return { api, scheduler: scheduler({ store: pending, pipelines, configs, builds: buildPorts(app), log: options.log }) }
}

/** pino knows two levels more than Concourse: the nearest of Concourse's that shows no more. */
const levelOf = (log: Log): LogLevelControl => ({
  get: () => ({ trace: 'debug', warn: 'error' })[log.level ?? ''] ?? log.level ?? 'info',
  set: (level) => void (log.level = level),
})
