import type { Command } from 'commander'
import pino from 'pino'
import { openServer } from '../../app/open-server.ts'
import { startServer } from '../../server/server.ts'
import { addRuntimeFlags, appOptions, type RuntimeFlags } from '../app-options.ts'
import { CommandError } from '../exit.ts'
import { passwordOf, secrets } from '../terminal.ts'

interface WebFlags extends RuntimeFlags {
  readonly bind: string
  readonly port: string
  readonly postgres?: string
}

export function addWebCommand(program: Command): void {
  const command = program
    .command('web')
    .summary('the long-running server: runs builds, and goes on with those that were left')
    .description(
      'Runs the builds of its database, those that a killed process left behind too. GET /health says how it is. Its public API is not\n' +
        'built yet. TERM or Ctrl-C lets go of the builds: they stay started, and the next server goes on with them.',
    )
    .option('--bind <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--port <PORT>', 'port to listen on', '8080')
    .option('--postgres <URL>', 'use this PostgreSQL instead of the embedded database; $AIRSIDE_POSTGRES', process.env['AIRSIDE_POSTGRES'])
  addRuntimeFlags(command)
    .addHelpText('after', '\nExamples:\n  airside web\n  airside web --postgres postgres://airside@db/airside --runtime kubernetes --supervisor-image REF')
    .action(async (flags: WebFlags) => {
      await web(flags)
    })
}

async function web(flags: WebFlags): Promise<void> {
  if (flags.postgres !== undefined) secrets.keep([passwordOf(flags.postgres)])
  const stderr = pino.destination(2)
  const log = pino({ name: 'airside' }, { write: (line: string) => stderr.write(secrets.redact(line)) })
  const options = { ...appOptions(flags, log, (line) => log.info(line)), ...(flags.postgres !== undefined && { database: flags.postgres }) }
  const opened = await openServer(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind: flags.bind, port: Number(flags.port) }, log })
  if (!server.ok) {
    for (const database of opened.value.databases) await database.close()
    throw new CommandError(server.error.kind === 'address-in-use' ? `port ${flags.port} on ${flags.bind} is taken; choose another with --port` : server.error.message)
  }
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  log.info('stopping: builds stay started, the next server goes on with them')
  await server.value.stop()
}
