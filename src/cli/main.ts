import { Command, CommanderError } from 'commander'
import { messageOf } from '../lib/errors.ts'
import { addValidateCommand } from './commands/validate.ts'
import { CommandError, exitStatus } from './exit.ts'
import { targetBehindCommand } from './remote/target-first.ts'
import { helpLayout } from './settings/help.ts'
import { secretsIn } from './settings/secret-variables.ts'
import { secrets, terminal } from './terminal.ts'

// Whatever fails may have them in its message.
secrets.keep(secretsIn(process.env))

const program = new Command('airside')
  .description('CI/CD that speaks Concourse: pipelines, resources and tasks, each step a pod or container, images pulled natively.')
  .version('0.1.0', '-V, --version', 'show the version')
  .addHelpText('after', `
Examples:
  airside validate ci/pipeline.yml
  airside run ci/pipeline.yml --job unit --input repo=.
  airside intercept

Settings are flags, variables AIRSIDE_NAME or lines of a --config file: airside settings, docs/settings.md.`)
  .showHelpAfterError('(--help explains)')
  .showSuggestionAfterError()
  .configureHelp(helpLayout)
  .helpOption('-h, --help', 'show this help')
  .helpCommand('help [COMMAND]', 'show the help of a command')
  .exitOverride()
  .configureOutput({ writeOut: terminal.log, writeErr: terminal.draw })

// A reader that went away (`airside … | head`) is no fault: the rest is not shown, and what runs goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

// Node's own report would show the line of a program that threw, with the values in its message.
process.on('uncaughtException', (error) => process.exit(report(error)))

const argv = targetBehindCommand(process.argv)
await addCommandsFor(argv[2] ?? '')

try {
  await program.parseAsync(argv)
} catch (error) {
  process.exitCode = report(error)
}

/** Checking a file and asking a server are done often, and need little of what the other commands load. */
async function addCommandsFor(name: string): Promise<void> {
  if (/^(?:validate(?:-pipeline)?|vp)$/.test(name)) return addValidateCommand(program)
  const { addRemoteCommands } = await import('./commands/remote/all.ts')
  const remote = new Command()
  addRemoteCommands(remote)
  if (remote.commands.some((command) => command.name() === name || command.aliases().includes(name))) return addRemoteCommands(program)
  const { addCommands } = await import('./commands/all.ts')
  addCommands(program)
}

/** Words for the user; a stack trace only for what is a fault of ours, and only when asked for. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitStatus.usage
  if (error instanceof CommandError) {
    terminal.say(error.message)
    return error.status
  }
  terminal.say(`airside: ${messageOf(error)}`)
  if (process.env['AIRSIDE_DEBUG'] && error instanceof Error) terminal.say(error.stack ?? '')
  else terminal.say('(AIRSIDE_DEBUG=1 shows where)')
  return exitStatus.errored
}
