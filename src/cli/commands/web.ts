import type { Command } from 'commander'
import pino from 'pino'
import { openServer } from '../../app/open-server.ts'
import type { LogLimits } from '../../model/build-log.ts'
import { startServer } from '../../server/server.ts'
import { appOptions } from '../app-options.ts'
import { loginOptions } from '../login-options.ts'
import { CommandError } from '../exit.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { secrets } from '../terminal.ts'

export function addWebCommand(program: Command): void {
  const command = program
    .command('web')
    .summary('the server: runs builds, and goes on with those that were left')
    .description(
      'Serves the API that fly speaks, and runs the builds of its database, those that a killed process left behind too. The first start ' +
        'makes the user admin, and says where its password is. GET /health says how it is. TERM or Ctrl-C lets go of the builds: they stay started, and the next server goes on with them.',
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
  const { bind, port, postgres, ...settings } = settingsOf('web', command, (line) => log.warn({}, line))
  const options = {
    ...appOptions(settings, log, (line) => log.info(line)),
    login: loginOptions(settings),
    trustedProxies: settings.trustedProxy,
    buildLogs: logLimitsOf(settings),
    ...(postgres !== undefined && { database: postgres }),
  }
  const opened = await openServer(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind, port }, log })
  if (!server.ok) {
    for (const database of opened.value.databases) await database.close()
    throw new CommandError(server.error.kind === 'address-in-use' ? `port ${port} on ${bind} is taken; choose another with --port` : server.error.message)
  }
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  log.info('stopping: builds stay started, the next server goes on with them')
  await server.value.stop()
}

const logLimitsOf = (settings: Omit<SettingsOf<'web'>, 'bind' | 'port' | 'postgres'>): LogLimits => ({
  defaultBuilds: settings.defaultBuildLogsToRetain,
  maxBuilds: settings.maxBuildLogsToRetain,
  defaultDays: settings.defaultDaysToRetainBuildLogs,
  maxDays: settings.maxDaysToRetainBuildLogs,
})
