import type { Command } from 'commander'
import pino from 'pino'
import { about } from '../../lib/about.ts'
import { addSettings } from '../settings/settings-of.ts'
import { startWeb, webSettings } from '../start/start-web.ts'
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
  const log = pino({ name: 'airside', mixin: about }, { write: (line: string) => stderr.write(secrets.redact(line)) })
  const server = await startWeb(webSettings(command, log), log)
  await server.untilStopped()
}
