import type { Command } from 'commander'
import pino from 'pino'
import { openServer } from '../../app/open-server.ts'
import { systemClock } from '../../lib/clock.ts'
import type { LogLimits } from '../../model/build-log.ts'
import { startServer } from '../../server/server.ts'
import { appOptions } from '../app-options.ts'
import { loginOptions } from '../login-options.ts'
import { CommandError } from '../exit.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { stopped, stopRequested } from '../stop-signals.ts'
import { secrets } from '../terminal.ts'

export function addWebCommand(program: Command): void {
  const command = program
    .command('web')
    .summary('the server: runs builds, and goes on with those that were left')
    .description(
      'Serves the API that fly speaks, and runs the builds of its database, those that a killed process left behind too. The first start ' +
        'makes the user admin, and says where its password is. GET /health says how it is. TERM or Ctrl-C lets go of the builds: they stay started, and the next server goes on with them; a second one ends it at once.',
    )
    .addHelpText('after', '\nExamples:\n  airside web\n  airside web --postgres postgres://airside@db/airside --runtime kubernetes --supervisor-image REF')
    .action(async () => {
      await web(command)
    })
  addSettings(command, 'web')
}

async function web(command: Command): Promise<void> {
  const stderr = pino.destination(2)
  const log = pino({ name: 'airside' }, { write: (line: string) => stderr.write(secrets.redact(line)) })
  const { bind, port, postgres, drainDelay, peerUrl, ...settings } = settingsOf('web', command, (line) => log.warn({}, line))
  const options = {
    ...appOptions(settings, log, (line) => log.info(line)),
    login: loginOptions(settings),
    trustedProxies: settings.trustedProxy,
    buildLogs: logLimitsOf(settings),
    ...(postgres !== undefined && { database: postgres }),
    ...(peerUrl !== undefined && { peerUrl }),
  }
  const opened = await openServer(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind, port }, log })
  if (!server.ok) {
    for (const database of opened.value.databases) await database.close()
    throw new CommandError(server.error.kind === 'address-in-use' ? `port ${port} on ${bind} is taken; choose another with --port` : server.error.message)
  }
  await stopRequested(process)
  // With an embedded database there is no other server that a load balancer could choose.
  const delayMs = (drainDelay ?? (postgres === undefined ? 0 : 5)) * 1000
  log.info({ delayMs }, 'stopping: builds stay started, the next server goes on with them')
  const stopping = server.value.stop({ delayMs, spreadMs: Math.min(delayMs, longestSpreadMs) })
  const cut = await stopped(stopping, { process, clock: systemClock, limitMs: delayMs + stopMs })
  if (cut === undefined) return
  log.warn(cut === 'too-late' ? `stopping took longer than ${(delayMs + stopMs) / 1000} s; ending at once` : 'a second signal came; ending at once')
  // What holds this process open may never end. Leases run out by themselves, and containers go on.
  process.exit(1)
}

const longestSpreadMs = 2_000
/** How long stopping may take after the delay. Kubernetes kills after 30 s by default. */
const stopMs = 25_000

const logLimitsOf = (settings: Omit<SettingsOf<'web'>, 'bind' | 'port' | 'postgres' | 'drainDelay' | 'peerUrl'>): LogLimits => ({
  defaultBuilds: settings.defaultBuildLogsToRetain,
  maxBuilds: settings.maxBuildLogsToRetain,
  defaultDays: settings.defaultDaysToRetainBuildLogs,
  maxDays: settings.maxDaysToRetainBuildLogs,
})
